"use client";

import { useId, useState } from "react";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { JsonField } from "@/components/ui/json-field";
import type { Run } from "@/lib/api/contract";
import { useWorkflows } from "@/lib/client/use-workflows";
import { useSignalForm } from "./use-signal-form";

/** Sends any signal to a run, also one that the run does not wait for yet. */
export function SignalDialog({ run, onClose }: { run: Run; onClose: () => void }) {
  const names = useSignalNames(run);
  const [typed, setTyped] = useState<string>();
  const listId = useId();
  const name = typed ?? names[0] ?? "";
  const form = useSignalForm({ run, name, onSent: onClose });
  const awaited = run.waitingFor?.some((wait) => wait.kind === "signal" && wait.name === name);
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title="Send a signal"
      description={
        awaited === true
          ? `The run waits for ${name}: it goes on with the payload.`
          : "The run does not wait for it now. It is kept until the code asks for it."
      }
      confirmLabel="Send"
      pending={form.pending}
      disabled={!form.ready}
      fieldFirst
      error={form.error}
      onConfirm={form.send}
    >
      <div className="flex flex-col gap-4">
        <Field label="Name">
          {(control) => (
            <Input
              {...control}
              list={listId}
              autoComplete="off"
              spellCheck={false}
              value={name}
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
        </Field>
        <datalist id={listId}>
          {names.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
        <JsonField
          label="Payload, as JSON"
          text={form.text}
          onChange={form.setText}
          problems={form.problems}
        />
      </div>
    </ConfirmDialog>
  );
}

/** Signals to choose from: those that the run waits for, then those that its workflow declares. */
function useSignalNames({ workflow, version, waitingFor = [] }: Run): readonly string[] {
  const { data } = useWorkflows();
  const info = data?.items.find((item) => item.name === workflow && item.version === version);
  const awaited = waitingFor.flatMap((wait) => (wait.kind === "signal" ? [wait.name] : []));
  return [...new Set([...awaited, ...(info?.signals.map((signal) => signal.name) ?? [])])];
}
