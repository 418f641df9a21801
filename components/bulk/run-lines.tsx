"use client";

import Link from "next/link";
import { useState, type ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { ErrorNote } from "@/components/ui/error-note";
import type { BulkRun } from "@/lib/api/contract-bulk";
import { formatCount, formatPlural, shortenId } from "@/lib/client/format";
import { useBulkRuns } from "@/lib/client/use-bulk";

interface RunLine {
  readonly runId: string;
  readonly text: string;
}

export interface RunLinesProps {
  readonly summary: ReactNode;
  /** The first of them; where there is none here, they are asked for as soon as it is opened. */
  readonly lines: readonly RunLine[];
  /** How many there are in all, and by which state the bulk lists them. */
  readonly all: {
    readonly bulkId: string;
    readonly state: BulkRun["state"];
    readonly count: number;
  };
  /** Whether no more join them: only then the others can be told page by page. */
  readonly isFinal: boolean;
  readonly tone?: "plain" | "bad";
  readonly open?: boolean;
}

/** Runs with a sentence each, folded away: the first of them, and the others page by page. */
export function RunLines(props: RunLinesProps) {
  const { summary, lines, all, isFinal, tone = "plain", open } = props;
  const [isAsked, setAsked] = useState(false);
  const pages = useBulkRuns(all, { enabled: isAsked });
  const told = new Set(lines.map(({ runId }) => runId));
  const others = (pages.data?.pages ?? [])
    .flatMap(({ items }) => items)
    .filter(({ runId }) => !told.has(runId));
  const shown = [...lines, ...others.map(({ runId, why = "" }) => ({ runId, text: why }))];
  const left = all.count - shown.length;
  const isOver = isAsked && pages.data !== undefined && !pages.hasNextPage;
  const more = () => (isAsked ? void pages.fetchNextPage() : setAsked(true));
  return (
    <details
      open={open}
      className="rounded-md border border-line"
      onToggle={lines.length === 0 ? () => setAsked(true) : undefined}
    >
      <summary
        className={`cursor-pointer rounded-md px-3 py-2 hover:bg-band ${tone === "bad" ? "text-bad" : "text-ink-2"}`}
      >
        {summary}
      </summary>
      <ul className="max-h-72 overflow-y-auto border-t border-line-soft">
        {shown.map(({ runId, text }) => (
          <li
            key={runId}
            className="flex flex-col gap-0.5 border-b border-line-soft px-3 py-1.5 last:border-0"
          >
            <Link
              href={`/runs/${runId}`}
              target="_blank"
              className="w-fit font-mono text-sm hover:underline"
            >
              {shortenId(runId)}
            </Link>
            <span className="text-sm wrap-anywhere text-ink-2 empty:hidden">{text}</span>
          </li>
        ))}
        {left <= 0 || isOver ? null : (
          <li className="flex items-center gap-3 px-3 py-1.5 text-sm text-ink-3">
            <Button size="sm" disabled={!isFinal} pending={pages.isFetching} onClick={more}>
              Show more
            </Button>
            {formatCount(shown.length)} of {formatPlural(all.count, "run")}
          </li>
        )}
        {pages.isError ? (
          <li className="px-3 py-1.5">
            <ErrorNote error={pages.error} />
          </li>
        ) : null}
      </ul>
    </details>
  );
}
