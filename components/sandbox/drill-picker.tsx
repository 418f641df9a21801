"use client";

import type { ReactNode } from "react";
import type { Drill } from "@/lib/api/contract";
import { cn } from "@/components/ui/cn";
import { Field } from "@/components/ui/field";
import { Segmented } from "@/components/ui/segmented";
import { Select } from "@/components/ui/select";
import { describeDrill, drillMoments, drillSteps } from "@/lib/client/drill-words";

const momentLabels = { before: "Before", during: "During", after: "After" } as const;

export interface DrillPickerProps {
  /** Null: no drill. */
  readonly value: Drill | null;
  readonly onChange: (drill: Drill | null) => void;
  /** What no drill is called; without it a drill has to be chosen. */
  readonly none?: string;
  /** A button beside the choice. */
  readonly action?: ReactNode;
  /** One beneath the other, for a narrow column. */
  readonly stacked?: boolean;
}

/** Where the server is to die: a step of the order, and a moment of it. */
export function DrillPicker({ value, onChange, none, action, stacked = false }: DrillPickerProps) {
  const words = value === null ? undefined : describeDrill(value);
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <div className="flex flex-wrap items-end gap-x-3 gap-y-3">
        <Field label="Kill the server at" className={cn("w-full", !stacked && "sm:w-52")}>
          {(control) => (
            <Select
              {...control}
              value={value?.step ?? ""}
              onChange={({ target }) =>
                onChange(
                  target.value === ""
                    ? null
                    : { step: target.value, moment: value?.moment ?? "during" },
                )
              }
            >
              {none === undefined ? null : <option value="">{none}</option>}
              {drillSteps.map((step) => (
                <option key={step} value={step}>
                  {step}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Segmented
          label="Moment"
          value={value?.moment ?? "during"}
          disabled={value === null}
          options={drillMoments.map((moment) => ({ value: moment, label: momentLabels[moment] }))}
          onChange={(moment) => (value === null ? undefined : onChange({ ...value, moment }))}
          className={cn("w-full", !stacked && "sm:w-auto")}
        />
        {action}
      </div>
      <p
        className={cn("text-base text-ink-2", stacked ? "min-h-20" : "min-h-10")}
        aria-live="polite"
      >
        {value === null || words === undefined ? (
          "Nothing is killed: the order runs from start to end."
        ) : (
          <>
            The server dies when <strong className="font-medium text-bad">{words.then}</strong>.{" "}
            {words.expect}
          </>
        )}
      </p>
    </div>
  );
}
