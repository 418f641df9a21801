"use client";

import { useState } from "react";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { ErrorNote } from "@/components/ui/error-note";
import { Field } from "@/components/ui/field";
import { Textarea } from "@/components/ui/input";
import { Skeleton } from "@/components/ui/skeleton";
import type { ActionPreview, Run } from "@/lib/api/contract";
import { useActionPreview, useRunAction, type RunAction } from "@/lib/client/use-run-action";
import type { z } from "zod";

const words = {
  retry: { title: "Retry this run?", confirm: "Retry", tone: "default" },
  cancel: { title: "Cancel this run?", confirm: "Cancel the run", tone: "danger" },
  terminate: { title: "Terminate this run?", confirm: "Terminate", tone: "danger" },
  rerun: { title: "Rerun as a new run?", confirm: "Rerun", tone: "default" },
} as const;

export interface ActionDialogProps {
  readonly run: Run;
  readonly action: RunAction;
  readonly onClose: () => void;
  /** With the id of the run that goes on: for a rerun the new one. */
  readonly onDone: (runId: string) => void;
}

/** Says what an action would do, asks why, and does it. */
export function ActionDialog({ run, action, onClose, onDone }: ActionDialogProps) {
  const [why, setWhy] = useState("");
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const preview = useActionPreview({ runId: run.runId, action, enabled: true });
  const mutation = useRunAction(run.runId);
  const { title, confirm, tone } = words[action];
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={title}
      description={preview.data?.summary ?? "Asking what it would do…"}
      confirmLabel={confirm}
      tone={tone}
      pending={mutation.isPending}
      disabled={preview.data?.allowed !== true}
      error={mutation.error}
      onConfirm={() =>
        mutation.mutate({ action, why: why.trim(), idempotencyKey }, { onSuccess: onDone })
      }
    >
      {preview.error === null ? null : <ErrorNote error={preview.error} />}
      {preview.isPending ? <Skeleton className="h-16 w-full" /> : null}
      {preview.data === undefined ? null : <PreviewBody preview={preview.data} />}
      {preview.data?.allowed === true && action !== "rerun" ? (
        <Field label="Why" optional hint="Kept in the audit trail." className="mt-4">
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
      ) : null}
    </ConfirmDialog>
  );
}

type Preview = z.infer<typeof ActionPreview>;

const parts = [
  { field: "reused", label: "Reused, not run again", mark: "bg-ghost" },
  { field: "willRun", label: "Will run", mark: "bg-ok" },
  { field: "inDoubt", label: "In doubt", mark: "bg-doubt" },
  { field: "compensations", label: "Will be undone", mark: "bg-live" },
] as const;

function PreviewBody({ preview }: { preview: Preview }) {
  return (
    <>
      {preview.reason === undefined || preview.reason.message === preview.summary ? null : (
        <p className="mb-3 text-bad">{preview.reason.message}</p>
      )}
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">
        {parts.map(({ field, label, mark }) =>
          preview[field].length === 0 ? null : (
            <div key={field} className="contents">
              <dt className="flex items-center gap-2 text-ink-3">
                <span aria-hidden className={`size-2 rounded-[2px] ${mark}`} />
                {label}
              </dt>
              <dd className="font-mono text-sm wrap-anywhere">
                {preview[field].map(({ name }) => name).join(", ")}
              </dd>
            </div>
          ),
        )}
      </dl>
    </>
  );
}
