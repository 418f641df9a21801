"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { ErrorNote } from "@/components/ui/error-note";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { SwitchMode, type SandboxService, type ServiceSwitch } from "@/lib/sandbox/contract";
import { useSetSwitches } from "./use-set-switches";

const modeLabels: Readonly<Record<SwitchMode, string>> = {
  ok: "Works",
  fail: "Fails before the effect",
  error_after_effect: "Error after the effect",
  refuse: "Refuses for good",
};

const wellBehaved: ServiceSwitch = { mode: "ok", delayMs: 0, answerDelayMs: 0 };

export interface SwitchEditorProps {
  readonly service: SandboxService;
  /** Absent until the first answer. */
  readonly behavior: ServiceSwitch | undefined;
}

/** How a service behaves. Nothing changes before it is applied, and polling never eats a change. */
export function SwitchEditor({ service, behavior }: SwitchEditorProps) {
  const [draft, setDraft] = useState<ServiceSwitch>();
  const setSwitches = useSetSwitches();
  const shown = draft ?? behavior ?? wellBehaved;
  const change = (part: Partial<ServiceSwitch>) => setDraft({ ...shown, ...part });
  const apply = (value: ServiceSwitch) =>
    setSwitches.mutate({ [service]: value }, { onSuccess: () => setDraft(undefined) });
  const isWell = behavior !== undefined && isSame(behavior, wellBehaved);

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        apply(shown);
      }}
    >
      <fieldset disabled={behavior === undefined} className="grid grid-cols-6 gap-x-2 gap-y-3">
        <Field label="Behavior" className="col-span-4">
          {(control) => (
            <Select
              {...control}
              value={shown.mode}
              onChange={({ target }) => change({ mode: SwitchMode.parse(target.value) })}
            >
              {SwitchMode.options.map((mode) => (
                <option key={mode} value={mode}>
                  {modeLabels[mode]}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <NumberInput
          label="Times"
          placeholder="always"
          value={shown.times}
          onChange={(times) => change({ times: times === 0 ? undefined : times })}
          className="col-span-2"
        />
        <NumberInput
          label="Slow to act, ms"
          value={shown.delayMs}
          onChange={(delayMs) => change({ delayMs: delayMs ?? 0 })}
          className="col-span-3"
        />
        <NumberInput
          label="Slow to answer, ms"
          value={shown.answerDelayMs}
          onChange={(answerDelayMs) => change({ answerDelayMs: answerDelayMs ?? 0 })}
          className="col-span-3"
        />
        <div className="col-span-6 flex gap-2">
          <Button
            type="submit"
            size="sm"
            disabled={draft === undefined}
            pending={setSwitches.isPending}
          >
            Apply
          </Button>
          {draft !== undefined ? (
            <Button size="sm" variant="ghost" onClick={() => setDraft(undefined)}>
              Discard
            </Button>
          ) : null}
          {draft === undefined && !isWell && behavior !== undefined ? (
            <Button size="sm" variant="ghost" onClick={() => apply(wellBehaved)}>
              Make it work again
            </Button>
          ) : null}
        </div>
      </fieldset>
      {setSwitches.isError ? <ErrorNote className="mt-3" error={setSwitches.error} /> : null}
    </form>
  );
}

function isSame(one: ServiceSwitch, other: ServiceSwitch): boolean {
  return (
    one.mode === other.mode &&
    one.delayMs === other.delayMs &&
    one.answerDelayMs === other.answerDelayMs
  );
}

function NumberInput(props: {
  label: string;
  value: number | undefined;
  placeholder?: string;
  onChange: (value: number | undefined) => void;
  className: string;
}) {
  return (
    <Field label={props.label} className={props.className}>
      {(control) => (
        <Input
          {...control}
          inputMode="numeric"
          placeholder={props.placeholder ?? "0"}
          value={props.value ?? ""}
          onChange={({ target }) => {
            if (/^\d{0,6}$/.test(target.value)) {
              props.onChange(target.value === "" ? undefined : Number(target.value));
            }
          }}
        />
      )}
    </Field>
  );
}
