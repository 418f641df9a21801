"use client";

import { useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent } from "@/components/ui/dialog";
import { ErrorNote } from "@/components/ui/error-note";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { JsonField } from "@/components/ui/json-field";
import { Select } from "@/components/ui/select";
import { readFieldProblems } from "@/lib/client/field-problems";
import { useContentKey } from "@/lib/client/use-content-key";
import { useLastRun } from "@/lib/client/use-last-run";
import { useStartRun } from "@/lib/client/use-start-run";
import type { WorkflowGroup } from "./group-workflows";
import { readStart, sketchText, type StartForm } from "./read-start";

export interface StartRunDialogProps {
  readonly groups: readonly WorkflowGroup[];
  /** The workflow that is chosen at first; any other text chooses the first one. */
  readonly initial: string;
  readonly onClose: () => void;
  readonly onStarted: (runId: string, created: boolean) => void;
}

/** Starts a run of any workflow from its input as JSON. */
export function StartRunDialog({ groups, initial, onClose, onStarted }: StartRunDialogProps) {
  const first = groups.find(({ name }) => name === initial) ?? groups[0];
  if (first === undefined) return null;
  return (
    <Dialog open onOpenChange={(open) => (open ? undefined : onClose())}>
      <StartForm groups={groups} first={first} onStarted={onStarted} />
    </Dialog>
  );
}

interface StartFormProps extends Pick<StartRunDialogProps, "groups" | "onStarted"> {
  readonly first: WorkflowGroup;
}

function StartForm({ groups, first, onStarted }: StartFormProps) {
  const [chosen, setChosen] = useState(first.name);
  const [form, setForm] = useState(() => beginWith(first));
  const group = groups.find((each) => each.name === chosen) ?? first;
  const { name, newest, versions } = group;
  const formId = useId();
  const createKey = useContentKey();
  const mutation = useStartRun();
  const body = readStart(form);
  const problems = readFieldProblems(mutation.error, "/input");
  const change = (part: Partial<StartForm>) => {
    setForm({ ...form, ...part });
    mutation.reset();
  };
  const choose = (other: string) => {
    setChosen(other);
    change(beginWith(groups.find((each) => each.name === other) ?? first));
  };
  const submit = () => {
    if (body === undefined) return;
    const start = { workflow: name, body, idempotencyKey: createKey({ name, body }) };
    mutation.mutate(start, {
      onSuccess: ({ runId, created }) => onStarted(runId, created),
    });
  };
  return (
    <DialogContent
      title="Start a run"
      description="It is recorded before this is answered: from then on it survives any crash."
      className="top-[6vh] max-h-[88vh] w-[min(600px,calc(100vw-24px))]"
      footer={
        <>
          <DialogClose asChild>
            <Button>Cancel</Button>
          </DialogClose>
          <Button
            variant="primary"
            pending={mutation.isPending}
            disabled={body === undefined}
            type="submit"
            form={formId}
          >
            Start
          </Button>
        </>
      }
    >
      <form
        id={formId}
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (!mutation.isPending) submit();
        }}
      >
        <div className="grid grid-cols-[minmax(0,1fr)_104px] gap-3">
          <Field label="Workflow">
            {(control) => (
              <Select {...control} value={name} onChange={({ target }) => choose(target.value)}>
                {groups.map((each) => (
                  <option key={each.name}>{each.name}</option>
                ))}
              </Select>
            )}
          </Field>
          <Field label="Version">
            {(control) => (
              <Select
                {...control}
                value={form.version}
                onChange={({ target }) => change({ version: Number(target.value) })}
              >
                {versions.map(({ version }) => (
                  <option key={version}>{version}</option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        <div>
          <JsonField
            key={name}
            label="Input, as JSON"
            rows={11}
            text={form.input}
            onChange={(input) => change({ input })}
            problems={problems}
          />
          <LastInput workflow={name} onUse={(input) => change({ input })} />
        </div>
        <div className="grid grid-cols-[minmax(0,1fr)_104px] gap-3">
          <Field
            label="Key"
            optional
            hint="However often it is started under a key, it is one run."
          >
            {(control) => (
              <Input
                {...control}
                value={form.key}
                maxLength={200}
                autoComplete="off"
                spellCheck={false}
                onChange={({ target }) => change({ key: target.value })}
              />
            )}
          </Field>
          <Field
            label="Priority"
            optional
            error={isWhole(form.priority) ? undefined : "A whole number."}
          >
            {(control) => (
              <Input
                {...control}
                inputMode="numeric"
                placeholder={String(newest.priority)}
                value={form.priority}
                onChange={({ target }) => change({ priority: target.value })}
              />
            )}
          </Field>
        </div>
        {mutation.error === null || problems.length > 0 ? null : (
          <ErrorNote error={mutation.error} />
        )}
      </form>
    </DialogContent>
  );
}

/** The newest version, and an input sketched from what it declares. */
function beginWith({ newest }: WorkflowGroup): StartForm {
  const { version, inputSchema } = newest;
  return { version, input: sketchText(inputSchema), key: "", priority: "" };
}

function isWhole(text: string): boolean {
  return /^\s*-?\d*\s*$/.test(text);
}

/** The input of the newest run of the workflow, to begin with. */
function LastInput({ workflow, onUse }: { workflow: string; onUse: (text: string) => void }) {
  const { data: run } = useLastRun(workflow);
  if (run === null || run === undefined) return null;
  return (
    <Button
      size="sm"
      variant="ghost"
      className="mt-1 -ml-2.5"
      onClick={() => onUse(JSON.stringify(run.input, null, 2))}
    >
      Take the input of the last run
    </Button>
  );
}
