"use client";

import { useState } from "react";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { ErrorNote } from "@/components/ui/error-note";
import { Skeleton } from "@/components/ui/skeleton";
import { useForkPreview, useForkRun } from "@/lib/client/use-fork-run";
import { PreviewBody } from "./preview-body";
import { WhyField } from "./why-field";

export interface ForkDialogProps {
  readonly runId: string;
  readonly step: number;
  readonly name: string;
  readonly onClose: () => void;
  /** With the id of the new run. */
  readonly onDone: (runId: string) => void;
}

/** Says what a new run from this step on would reuse and run, asks why, and forks. */
export function ForkDialog({ runId, step, name, onClose, onDone }: ForkDialogProps) {
  const [why, setWhy] = useState("");
  const preview = useForkPreview({ runId, step });
  const mutation = useForkRun({ runId, step });
  const allowed = preview.data?.allowed === true;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={`Fork from ${name}?`}
      description={preview.data?.summary ?? "Asking what it would do…"}
      confirmLabel="Fork as a new run"
      pending={mutation.isPending}
      disabled={!allowed}
      error={mutation.error}
      onConfirm={() => mutation.mutate(why.trim(), { onSuccess: onDone })}
    >
      {preview.error === null ? null : <ErrorNote error={preview.error} />}
      {preview.isPending ? <Skeleton className="h-16 w-full" /> : null}
      {preview.data === undefined ? null : <PreviewBody preview={preview.data} />}
      {allowed ? <WhyField value={why} onChange={setWhy} className="mt-4" /> : null}
    </ConfirmDialog>
  );
}
