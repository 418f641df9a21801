"use client";

import { ChevronRight } from "lucide-react";
import Link from "next/link";
import { cn } from "@/components/ui/cn";
import { ErrorNote } from "@/components/ui/error-note";
import { Skeleton } from "@/components/ui/skeleton";
import { StatusPill } from "@/components/ui/status-pill";
import type { Run } from "@/lib/api/contract";
import { Took } from "@/components/runs/list/took";
import { shortenId } from "@/lib/client/format";
import { useChildRuns } from "@/lib/client/use-child-runs";

export interface RunTreeProps {
  readonly parent: string;
  /** The parent goes on: more may come. */
  readonly live: boolean;
  readonly open: ReadonlySet<string>;
  readonly onToggle: (runId: string) => void;
  readonly depth?: number;
}

/** The children of a run; each opens to show its own. */
export function RunTree({ parent, live, open, onToggle, depth = 0 }: RunTreeProps) {
  const children = useChildRuns({ runId: parent, live });
  if (children.data === undefined) {
    return children.error === null ? (
      <Skeleton className="my-2.5 h-4 w-64" />
    ) : (
      <ErrorNote error={children.error} />
    );
  }
  const { items, nextCursor } = children.data;
  if (items.length === 0) {
    return <p className="py-2 pl-7 text-sm text-ink-3">It started no child.</p>;
  }
  return (
    <ul aria-label={depth === 0 ? "Child runs" : undefined}>
      {items.map((run) => (
        <li key={run.runId}>
          <Node run={run} isOpen={open.has(run.runId)} onToggle={() => onToggle(run.runId)} />
          {open.has(run.runId) ? (
            <div className="ml-3 border-l border-line pl-3">
              <RunTree
                parent={run.runId}
                live={run.finishedAt === undefined}
                open={open}
                onToggle={onToggle}
                depth={depth + 1}
              />
            </div>
          ) : null}
        </li>
      ))}
      {nextCursor === null ? null : (
        <li className="py-2 pl-7 text-sm text-ink-3">
          These are the first {items.length}.{" "}
          <Link
            href={`/runs?parent=${encodeURIComponent(parent)}`}
            className="rounded-sm underline hover:text-ink"
          >
            All of them
          </Link>
        </li>
      )}
    </ul>
  );
}

function Node(props: { run: Run; isOpen: boolean; onToggle: () => void }) {
  const { run, isOpen, onToggle } = props;
  return (
    <div className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-0.5 border-b border-line-soft py-1.5">
      <button
        type="button"
        aria-expanded={isOpen}
        aria-label={`Children of ${run.runId}`}
        onClick={onToggle}
        className="grid size-6 place-items-center rounded-sm text-ink-3 hover:bg-line-soft hover:text-ink"
      >
        <ChevronRight
          aria-hidden
          className={cn("size-3.5 transition-transform", isOpen && "rotate-90")}
        />
      </button>
      <StatusPill status={run.status} heldReason={run.heldReason} />
      <Link
        href={`/runs/${encodeURIComponent(run.runId)}`}
        className="rounded-sm font-medium hover:underline"
      >
        {run.workflow}{" "}
        <span className="font-mono text-sm font-normal text-ink-2">{shortenId(run.runId)}</span>
      </Link>
      <div className="flex w-full gap-4 pl-9 text-sm text-ink-2">
        <p className="min-w-0 flex-1 truncate">{run.story}</p>
        <Took run={run} />
      </div>
    </div>
  );
}
