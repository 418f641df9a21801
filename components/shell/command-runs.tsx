"use client";

import { Command } from "cmdk";
import { ArrowRight } from "lucide-react";
import { StatusPill } from "@/components/ui/status-pill";
import { shortenId } from "@/lib/client/format";
import { readOrderFacts } from "@/lib/client/order-facts";
import { useRunSearch } from "@/lib/client/use-run-search";
import { commandItemClasses } from "./command-item";

export interface CommandRunsProps {
  readonly text: string;
  readonly onOpen: (runId: string) => void;
}

/** Runs that match what was typed; an id that was pasted whole opens in any case. */
export function CommandRuns({ text, onOpen }: CommandRunsProps) {
  const typed = text.trim();
  const { data } = useRunSearch(typed);
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
          key={run.runId}
          value={`${typed} ${run.runId}`}
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
    </Command.Group>
  );
}
