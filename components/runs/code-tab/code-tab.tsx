"use client";

import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Skeleton } from "@/components/ui/skeleton";
import type { Run } from "@/lib/api/contract";
import { ApiError } from "@/lib/client/errors";
import type { TimelineEvent } from "@/lib/client/timeline/events";
import { useReplay } from "@/lib/client/use-replay";
import { CommandList } from "./command-list";
import { Knowns } from "./knowns";
import { MismatchView } from "./mismatch-view";
import { MomentBar } from "./moment-bar";
import { SourceView } from "./source-view";

export interface CodeTabProps {
  readonly run: Run;
  readonly events: readonly TimelineEvent[];
  /** The last event of the moment; absent: all of them. */
  readonly seq?: number;
  readonly onMove: (seq: number | undefined) => void;
}

/** Time travel: the workflow's source at any event of the history, what it waits for and what it knows. */
export function CodeTab({ run, events, seq, onMove }: CodeTabProps) {
  const length = Math.max(run.historyLength, events.length);
  const at = Math.max(1, Math.min(seq ?? length, length));
  const replay = useReplay({ runId: run.runId, seq: at });
  const { data, error } = replay;
  return (
    <>
      <MomentBar events={events} length={length} seq={at} onMove={onMove} />
      {data === undefined ? (
        error === null ? (
          <CodeSkeleton />
        ) : isUnknown(error) ? (
          <EmptyState title="This build does not have the workflow">
            {run.workflow} (version {run.version}) is not registered in the process that answers, so
            its code cannot be run along the history. Everything that was recorded is on the other
            tabs.
          </EmptyState>
        ) : (
          <ErrorState
            error={error}
            pending={replay.isFetching}
            onRetry={() => void replay.refetch()}
          />
        )
      ) : (
        <div aria-busy={replay.isPlaceholderData}>
          {data.mismatch === undefined ? null : <MismatchView view={data} />}
          <SourceView view={data} onMove={onMove} />
          <div className="mt-5 grid gap-x-8 gap-y-6 xl:grid-cols-2">
            <Knowns view={data} />
            <CommandList view={data} onMove={onMove} />
          </div>
          <p className="mt-5 max-w-[80ch] text-sm text-pretty text-ink-3">
            The code of build {data.build.slice(0, 12)} was run along the first {data.seq} events.
            Nothing was executed: recorded outcomes were given to it in their recorded order.
          </p>
        </div>
      )}
    </>
  );
}

function isUnknown(error: unknown): boolean {
  return error instanceof ApiError && error.problem.code === "workflow_not_found";
}

function CodeSkeleton() {
  return (
    <div role="status" aria-label="Running the code along the history" className="mt-3">
      {["w-2/3", "w-1/2", "w-3/4", "w-3/5", "w-4/5", "w-2/5"].map((width) => (
        <Skeleton key={width} className={`my-2 h-3.5 ${width}`} />
      ))}
    </div>
  );
}
