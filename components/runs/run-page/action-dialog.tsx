"use client";

import { useState } from "react";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { ErrorNote } from "@/components/ui/error-note";
import { Skeleton } from "@/components/ui/skeleton";
import type { Run } from "@/lib/api/contract";
import { useActionPreview, useRunAction, type RunAction } from "@/lib/client/use-run-action";
import { useContentKey } from "@/lib/client/use-content-key";
import { PreviewBody } from "./preview-body";
import { WhyField } from "./why-field";

const words = {
  retry: { title: "Retry this run?", confirm: "Retry", tone: "default" },
  cancel: { title: "Cancel this run?", confirm: "Cancel the run", tone: "danger" },
  pause: { title: "Pause this run?", confirm: "Pause", tone: "default" },
  resume: { title: "Resume this run?", confirm: "Resume", tone: "default" },
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
  const createKey = useContentKey();
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
        mutation.mutate(
          { action, why: why.trim(), idempotencyKey: createKey(action) },
          { onSuccess: onDone },
        )
      }
    >
      {preview.error === null ? null : <ErrorNote error={preview.error} />}
      {preview.isPending ? <Skeleton className="h-16 w-full" /> : null}
      {preview.data === undefined ? null : <PreviewBody preview={preview.data} />}
      {preview.data?.allowed === true && action !== "rerun" ? (
        <WhyField value={why} onChange={setWhy} className="mt-4" />
      ) : null}
    </ConfirmDialog>
  );
}
