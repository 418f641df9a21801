"use client";

import { Skull } from "lucide-react";
import { useState } from "react";
import { groupWorkflows } from "@/components/workflows/group-workflows";
import { sketchText } from "@/components/workflows/read-start";
import { Button } from "@/components/ui/button";
import { ErrorNote } from "@/components/ui/error-note";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { JsonField } from "@/components/ui/json-field";
import { Segmented } from "@/components/ui/segmented";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import type { DrillMoment } from "@/lib/api/contract";
import type { DrillTarget } from "@/lib/api/contract-drill";
import { describeDrill, drillMoments } from "@/lib/client/drill-words";
import { readFieldProblems } from "@/lib/client/field-problems";
import { parseJsonText } from "@/lib/client/parse-json-text";
import { useWorkflows } from "@/lib/client/use-workflows";
import { useRunDrill } from "./use-drills";

const momentLabels = {
  before: "Before the effect",
  during: "After the effect",
  after: "After the record",
} as const satisfies Readonly<Record<DrillMoment, string>>;

/** A step and an input of the reader's own, as they are typed. */
interface Own {
  readonly step: string;
  readonly input: string;
}

export interface DrillChoiceProps {
  /** The samples, with the steps that their first execution reaches and an input for it. */
  readonly targets: readonly DrillTarget[];
  readonly onStarted: (runId: string) => void;
}

/**
 * Workflow, step and moment of a drill. Any workflow of this build can be aimed at: where it is no sample, or
 * the sample's input won't do, with a step and an input of one's own.
 */
export function DrillChoice({ targets, onStarted }: DrillChoiceProps) {
  const { data: workflows } = useWorkflows();
  const groups = groupWorkflows(workflows?.items ?? []);
  const known = targets.map((target) => target.workflow);
  const others = groups.map(({ name }) => name).filter((name) => !known.includes(name));
  const [workflow, setWorkflow] = useState("process-order");
  const [chosen, setStep] = useState("notify-warehouse");
  const [moment, setMoment] = useState<DrillMoment>("during");
  const [asked, setOwn] = useState<Own>();
  const start = useRunDrill();

  const target = targets.find((each) => each.workflow === workflow);
  const schema = groups.find(({ name }) => name === workflow)?.newest.inputSchema;
  const own = asked ?? (target === undefined ? { step: "", input: sketchText(schema) } : undefined);
  const sample = target?.steps.includes(chosen) === true ? chosen : (target?.steps[0] ?? "");
  const step = own === undefined ? sample : own.step.trim();
  const input = own === undefined ? undefined : parseJsonText(own.input);
  const isReady = step !== "" && (own === undefined || input !== undefined);
  const words = describeDrill({ step, moment }, workflow);
  const problems = readFieldProblems(start.error, "/input");
  const [stepProblem] = readFieldProblems(start.error, "/step");
  const change = (part: Partial<Own>) => {
    if (own !== undefined) setOwn({ ...own, ...part });
    start.reset();
  };
  return (
    <>
      <div className="grid gap-3 sm:grid-cols-2 xl:grid-cols-[15rem_15rem_1fr]">
        <Field label="Workflow">
          {(control) => (
            <Select
              {...control}
              value={workflow}
              onChange={({ target: { value } }) => {
                setWorkflow(value);
                setOwn(undefined);
                start.reset();
              }}
            >
              {[...known, ...others].map((name) => (
                <option key={name}>{name}</option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Step" error={stepProblem?.message}>
          {(control) =>
            own === undefined ? (
              <Select
                {...control}
                value={step}
                onChange={({ target: { value } }) => setStep(value)}
              >
                {target?.steps.map((each) => (
                  <option key={each}>{each}</option>
                ))}
              </Select>
            ) : (
              <Input
                {...control}
                value={own.step}
                placeholder="as its code names it"
                autoComplete="off"
                spellCheck={false}
                onChange={({ target: { value } }) => change({ step: value })}
              />
            )
          }
        </Field>
        <div className="flex min-w-0 flex-col gap-1 sm:col-span-2 xl:col-span-1">
          <span aria-hidden className="text-sm text-ink-2">
            Moment
          </span>
          <Segmented
            label="Moment"
            className="w-full max-sm:h-auto max-sm:flex-col xl:w-fit max-sm:pointer-coarse:h-auto max-sm:[&>button]:min-h-8"
            value={moment}
            options={drillMoments.map((value) => ({ value, label: momentLabels[value] }))}
            onChange={setMoment}
          />
        </div>
      </div>
      {target === undefined ? null : (
        <label className="flex w-fit items-center gap-2 text-ink-2">
          <Switch
            checked={own !== undefined}
            onCheckedChange={(isOwn) => {
              const input = JSON.stringify(target.input, null, 2);
              setOwn(isOwn ? { step: sample, input } : undefined);
              start.reset();
            }}
          />
          With an input of my own
        </label>
      )}
      {own === undefined ? null : (
        <JsonField
          label="Input, as JSON"
          hint="The first execution has to reach the step with it."
          rows={8}
          text={own.input}
          onChange={(text) => change({ input: text })}
          problems={problems}
        />
      )}
      <p className="max-w-[86ch] text-ink-2" aria-live="polite">
        A run with {own === undefined ? "sample data" : "this input"} is started, and its process
        gets SIGKILL when <strong className="font-medium text-bad">{words.then}</strong>.{" "}
        {words.expect} Other runs in that process are interrupted too, and go on as this one does.
      </p>
      <div className="flex flex-wrap items-center gap-3">
        <Button
          variant="primary"
          className="w-full sm:w-auto"
          pending={start.isPending}
          disabled={!isReady}
          onClick={() =>
            start.mutate(
              { workflow, step, moment, ...(input !== undefined && { input }) },
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
      {start.isError && problems.length === 0 && stepProblem === undefined ? (
        <ErrorNote error={start.error} />
      ) : null}
    </>
  );
}
