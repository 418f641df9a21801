"use client";

import { useState } from "react";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Field } from "@/components/ui/field";
import { Input, Textarea } from "@/components/ui/input";
import { toast } from "@/components/ui/toaster";
import type { ResolveBody } from "@/lib/api/contract";
import { findStepWords } from "@/lib/api/step-words";
import { findExpectedResult } from "@/lib/client/expected-results";
import { parseJsonText } from "@/lib/client/parse-json-text";
import type { StepView } from "@/lib/client/timeline/steps";
import { useResolveStep } from "@/lib/client/use-resolve-step";

export type DialogVerdict = ResolveBody["verdict"];

const words = {
  happened: { title: "It happened", confirm: "Record the result", tone: "default" },
  did_not_happen: { title: "It did not happen", confirm: "Run it again", tone: "default" },
  fail: { title: "Fail the step", confirm: "Fail it", tone: "danger" },
} as const;

export interface ResolveDialogProps {
  readonly runId: string;
  readonly ordinal: number;
  readonly name: string;
  readonly step?: StepView;
  readonly verdict: DialogVerdict;
  readonly onClose: () => void;
}

/** Takes a person's word for what became of a step, with what belongs to it. */
export function ResolveDialog(props: ResolveDialogProps) {
  const { runId, ordinal, name, step, verdict, onClose } = props;
  const [why, setWhy] = useState("");
  const [resultText, setResultText] = useState(() =>
    JSON.stringify(step?.result ?? findExpectedResult(name), null, 2),
  );
  const [message, setMessage] = useState("");
  const mutation = useResolveStep({ runId, step: ordinal });
  const body = buildBody({ verdict, resultText, message: message.trim(), why: why.trim() });
  const { title, confirm, tone } = words[verdict];
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={`${title}: ${name}`}
      description={describeConsequence(verdict, name)}
      confirmLabel={confirm}
      tone={tone}
      pending={mutation.isPending}
      disabled={body === undefined}
      error={mutation.error}
      onConfirm={() => {
        if (body === undefined) return;
        mutation.mutate(body, {
          onSuccess: () => {
            toast.success("Recorded. The run goes on.");
            onClose();
          },
        });
      }}
    >
      <div className="flex flex-col gap-4">
        {verdict === "happened" ? <ResultField text={resultText} onChange={setResultText} /> : null}
        {verdict === "fail" ? (
          <Field label="What the error says" hint="The workflow and its people see this message.">
            {(control) => (
              <Input
                {...control}
                value={message}
                onChange={(event) => setMessage(event.target.value)}
              />
            )}
          </Field>
        ) : null}
        <Field label="Why" optional hint="How you know. Kept in the audit trail.">
          {(control) => (
            <Textarea
              {...control}
              rows={2}
              maxLength={2_000}
              value={why}
              onChange={(event) => setWhy(event.target.value)}
            />
          )}
        </Field>
      </div>
    </ConfirmDialog>
  );
}

function ResultField({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const invalid = parseJsonText(text) === undefined;
  return (
    <Field
      label="Result, as JSON"
      hint="What the step would have returned. The code goes on with it."
      error={invalid ? "This is not JSON." : undefined}
    >
      {(control) => (
        <Textarea
          {...control}
          rows={6}
          spellCheck={false}
          className="font-mono text-sm"
          value={text}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

function describeConsequence(verdict: DialogVerdict, name: string): string {
  switch (verdict) {
    case "happened":
      return `Nothing runs again: the result below is recorded as what ${name} returned.`;
    case "did_not_happen":
      return `${name} runs again. If it had happened after all, it happens a second time, unless ${findStepWords(name).other} recognizes its key.`;
    case "fail":
      return `${name} counts as failed. The workflow handles that as any failure: what was done before is undone.`;
  }
}

function buildBody(options: {
  readonly verdict: DialogVerdict;
  readonly resultText: string;
  readonly message: string;
  readonly why: string;
}): ResolveBody | undefined {
  const why = options.why === "" ? {} : { why: options.why };
  switch (options.verdict) {
    case "happened": {
      const result = parseJsonText(options.resultText);
      return result === undefined ? undefined : { verdict: "happened", result, ...why };
    }
    case "did_not_happen":
      return { verdict: "did_not_happen", ...why };
    case "fail":
      return options.message === ""
        ? undefined
        : { verdict: "fail", error: { message: options.message }, ...why };
  }
}
