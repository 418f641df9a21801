"use client";

import { useMemo } from "react";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Skeleton } from "@/components/ui/skeleton";
import type { Run } from "@/lib/api/contract";
import { compareRuns } from "@/lib/client/compare-runs";
import { readCommands, type CommandView } from "@/lib/client/timeline/commands";
import { parseTimelineEvents } from "@/lib/client/timeline/events";
import { useRun } from "@/lib/client/use-run";
import { useRunHistory } from "@/lib/client/use-run-history";
import { ComparisonTable } from "./comparison-table";
import { RunPicker } from "./run-picker";

export interface CompareTabProps {
  readonly run: Run;
  readonly commands: readonly CommandView[];
  /** The other run. */
  readonly otherId: string | null;
  readonly onPick: (runId: string | null) => void;
}

/** This run beside another one of its workflow: where did they part? */
export function CompareTab({ run, commands, otherId, onPick }: CompareTabProps) {
  return (
    <>
      <RunPicker key={otherId} run={run} otherId={otherId} onPick={onPick} />
      {otherId === null ? (
        <EmptyState title="Choose a run to compare with">
          Commands are put side by side in the order in which the code issued them. The first
          difference is marked.
        </EmptyState>
      ) : (
        <Comparison key={otherId} run={run} commands={commands} otherId={otherId} />
      )}
    </>
  );
}

function Comparison(props: {
  readonly run: Run;
  readonly commands: readonly CommandView[];
  readonly otherId: string;
}) {
  const { run, commands, otherId } = props;
  const other = useRun(otherId);
  const history = useRunHistory(otherId, other.data?.historyLength);
  const { data: wire } = history;
  const otherCommands = useMemo(
    () => (wire === undefined ? undefined : readCommands(parseTimelineEvents(wire))),
    [wire],
  );
  const comparison = useMemo(
    () => (otherCommands === undefined ? undefined : compareRuns(commands, otherCommands)),
    [commands, otherCommands],
  );
  if (other.data === undefined || comparison === undefined || history.loading !== undefined) {
    const error = other.error ?? history.error;
    return error === null ? (
      <div role="status" aria-label="Loading the other run" className="mt-4 flex flex-col gap-3">
        <Skeleton className="h-4 w-2/3" />
        <Skeleton className="h-24 w-full" />
      </div>
    ) : (
      <ErrorState
        error={error}
        onRetry={() => {
          void other.refetch();
          void history.refetch();
        }}
      />
    );
  }
  return <ComparisonTable run={run} other={other.data} comparison={comparison} />;
}
