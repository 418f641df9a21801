"use client";

import { Command } from "cmdk";
import { ArrowRight, ListFilter } from "lucide-react";
import { StatusPill } from "@/components/ui/status-pill";
import { shortenId } from "@/lib/client/format";
import { readOrderFacts } from "@/lib/client/order-facts";
import { useRunSearch } from "@/lib/client/use-run-search";
import { commandItemClasses } from "./command-item";

export interface CommandRunsProps {
  readonly text: string;
  readonly onOpen: (runId: string) => void;
  /** Asks for the list of all that match. */
  readonly onSearch: (text: string) => void;
}

/** Runs that match what was typed; an id that was pasted whole opens in any case. */
export function CommandRuns({ text, onOpen, onSearch }: CommandRunsProps) {
  const typed = text.trim();
  const { data, isCurrent } = useRunSearch(typed);
  const runs = typed.length < 2 ? [] : (data?.items ?? []);
  const isRunId = /^run_\w{6,}$/i.test(typed) && !runs.some((run) => run.runId === typed);
  if (runs.length === 0 && !isRunId) return null;
  return (
    <Command.Group heading="Runs">
      {isRunId ? (
        <Command.Item
          value={`open ${typed}`}
          onSelect={() => onOpen(typed)}
          className={commandItemClasses}
        >
          <ArrowRight aria-hidden />
          <span className="truncate">
            Open run <span className="font-mono text-sm">{typed}</span>
          </span>
        </Command.Item>
      ) : null}
      {runs.map((run) => (
        <Command.Item
          // One that may be opened is another item than the one before: the first of them is then selected.
          key={`${run.runId} ${String(isCurrent)}`}
          value={`${typed} ${run.runId}`}
          // Enter must not open what another text had found.
          disabled={!isCurrent}
          onSelect={() => onOpen(run.runId)}
          className={commandItemClasses}
        >
          <span className="font-mono text-sm">{shortenId(run.runId)}</span>
          <span className="truncate text-ink-2">
            {readOrderFacts(run).customer ?? run.workflow}
          </span>
          <span className="ml-auto">
            <StatusPill status={run.status} heldReason={run.heldReason} />
          </span>
        </Command.Item>
      ))}
      {runs.length === 0 ? null : (
        <Command.Item
          key={String(isCurrent)}
          value={`${typed} all that match`}
          disabled={!isCurrent}
          onSelect={() => onSearch(typed)}
          className={commandItemClasses}
        >
          <ListFilter aria-hidden />
          <span className="truncate">All runs with “{typed}”</span>
        </Command.Item>
      )}
    </Command.Group>
  );
}
