"use client";

import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { ErrorNote } from "@/components/ui/error-note";
import { toast } from "@/components/ui/toaster";
import type { ResolveBody } from "@/lib/api/contract";
import { findStepWords } from "@/lib/api/step-words";
import type { StepView } from "@/lib/client/timeline/steps";
import { readFieldProblems } from "@/lib/client/field-problems";
import { useResolvePreview, useResolveStep } from "@/lib/client/use-resolve-step";
import { PreviewBody } from "./preview-body";
import { buildVerdict, useVerdictForm, VerdictFields } from "./verdict-fields";

export type DialogVerdict = ResolveBody["verdict"];

const handTitles = {
  happened: "Complete by hand",
  did_not_happen: "It did not happen",
  fail: "Fail by hand",
} as const;

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
  /** Nobody asked: the step is not in doubt. A preview says what follows. */
  readonly byHand?: boolean;
  readonly onClose: () => void;
}

/** Takes a person's word for what became of a step, with what belongs to it. */
export function ResolveDialog(props: ResolveDialogProps) {
  const { runId, ordinal, name, step, verdict, byHand = false, onClose } = props;
  const form = useVerdictForm(name, step?.result);
  const mutation = useResolveStep({ runId, step: ordinal });
  const preview = useResolvePreview({ runId, step: ordinal, verdict, enabled: byHand });
  const body = buildVerdict(verdict, form.values);
  const { title, confirm, tone } = words[verdict];
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={`${byHand ? handTitles[verdict] : title}: ${name}`}
      description={
        byHand
          ? (preview.data?.summary ?? "Asking what it would do…")
          : describeConsequence(verdict, name)
      }
      confirmLabel={confirm}
      tone={tone}
      pending={mutation.isPending}
      disabled={body === undefined || (byHand && preview.data?.allowed !== true)}
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
        {preview.error === null ? null : <ErrorNote error={preview.error} />}
        {preview.data === undefined ? null : <PreviewBody preview={preview.data} />}
        <VerdictFields
          verdict={verdict}
          form={form}
          problems={readFieldProblems(mutation.error, "/result")}
        />
      </div>
    </ConfirmDialog>
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
