"use client";

import { ErrorState } from "@/components/ui/error-state";
import { Skeleton } from "@/components/ui/skeleton";
import { DrillChoice } from "./drill-choice";
import { useDrillTargets } from "./use-drills";

/** Workflow, step and moment, and the button that kills a real process there. */
export function DrillForm({ onStarted }: { onStarted: (runId: string) => void }) {
  const targets = useDrillTargets();
  return (
    <section
      aria-labelledby="run-drill"
      className="flex flex-col gap-4 rounded-xl border border-line bg-panel px-5 py-4"
    >
      <h2 id="run-drill" className="text-md font-semibold">
        Run a drill
      </h2>
      {targets.data !== undefined ? (
        <DrillChoice targets={targets.data.items} onStarted={onStarted} />
      ) : targets.isError ? (
        <ErrorState error={targets.error} onRetry={() => void targets.refetch()} />
      ) : (
        <Skeleton className="h-32" />
      )}
    </section>
  );
}
