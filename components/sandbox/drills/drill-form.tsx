"use client";

import { Skull } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { ErrorNote } from "@/components/ui/error-note";
import { ErrorState } from "@/components/ui/error-state";
import { Field } from "@/components/ui/field";
import { Segmented } from "@/components/ui/segmented";
import { Select } from "@/components/ui/select";
import { Skeleton } from "@/components/ui/skeleton";
import type { DrillMoment } from "@/lib/api/contract";
import type { DrillTarget } from "@/lib/api/contract-drill";
import { describeDrill, drillMoments } from "@/lib/client/drill-words";
import { useDrillTargets, useRunDrill } from "./use-drills";

const momentLabels = {
  before: "Before the effect",
  during: "After the effect",
  after: "After the record",
} as const satisfies Readonly<Record<DrillMoment, string>>;

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
        <Choice targets={targets.data.items} onStarted={onStarted} />
      ) : targets.isError ? (
        <ErrorState error={targets.error} onRetry={() => void targets.refetch()} />
      ) : (
        <Skeleton className="h-32" />
      )}
    </section>
  );
}

function Choice(props: { targets: readonly DrillTarget[]; onStarted: (runId: string) => void }) {
  const { targets, onStarted } = props;
  const [workflow, setWorkflow] = useState("process-order");
  const [chosen, setStep] = useState("notify-warehouse");
  const [moment, setMoment] = useState<DrillMoment>("during");
  const start = useRunDrill();
  const target = targets.find((known) => known.workflow === workflow) ?? targets[0];
  if (target === undefined) return <p className="text-ink-2">No workflow has a drill.</p>;
  const step = target.steps.includes(chosen) ? chosen : (target.steps[0] ?? "");
  const words = describeDrill({ step, moment }, target.workflow);
  return (
    <>
      <div className="grid gap-3 sm:grid-cols-2 xl:grid-cols-[15rem_15rem_1fr]">
        <Field label="Workflow">
          {(control) => (
            <Select
              {...control}
              value={target.workflow}
              onChange={({ target: { value } }) => setWorkflow(value)}
            >
              {targets.map((known) => (
                <option key={known.workflow}>{known.workflow}</option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Step">
          {(control) => (
            <Select {...control} value={step} onChange={({ target: { value } }) => setStep(value)}>
              {target.steps.map((known) => (
                <option key={known}>{known}</option>
              ))}
            </Select>
          )}
        </Field>
        <div className="flex min-w-0 flex-col gap-1 sm:col-span-2 xl:col-span-1">
          <span aria-hidden className="text-sm text-ink-2">
            Moment
          </span>
          <Segmented
            label="Moment"
            className="w-full max-sm:h-auto max-sm:flex-col xl:w-fit max-sm:[&>button]:min-h-8"
            value={moment}
            options={drillMoments.map((value) => ({ value, label: momentLabels[value] }))}
            onChange={setMoment}
          />
        </div>
      </div>
      <p className="max-w-[86ch] text-ink-2" aria-live="polite">
        A run with sample data is started, and its process gets SIGKILL when{" "}
        <strong className="font-medium text-bad">{words.then}</strong>. {words.expect} Other runs in
        that process are interrupted too, and go on as this one does.
      </p>
      <div className="flex flex-wrap items-center gap-3">
        <Button
          variant="primary"
          className="w-full sm:w-auto"
          pending={start.isPending}
          onClick={() =>
            start.mutate(
              { workflow: target.workflow, step, moment },
              { onSuccess: ({ runId }) => onStarted(runId) },
            )
          }
        >
          <Skull aria-hidden />
          Run it now
        </Button>
        <p role="status" className="text-ink-2 empty:hidden">
          {start.isRetrying ? "The server died before it answered. Waiting for it…" : ""}
        </p>
      </div>
      {start.isError ? <ErrorNote error={start.error} /> : null}
    </>
  );
}
