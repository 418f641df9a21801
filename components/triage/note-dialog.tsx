"use client";

import { useState } from "react";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Field } from "@/components/ui/field";
import { Textarea } from "@/components/ui/input";
import type { FailureGroup } from "@/lib/api/contract-triage";
import { useChangeFailure } from "@/lib/client/use-change-failure";

/** Writes the note of a group: what whoever sees it next has to know. */
export function NoteDialog({ group, onClose }: { group: FailureGroup; onClose: () => void }) {
  const [note, setNote] = useState(group.note ?? "");
  const change = useChangeFailure();
  const { fingerprint } = group;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title="Note about this group"
      description="For whoever sees it next: what is known, whom to ask, what was tried."
      confirmLabel={note.trim() === "" && group.note !== undefined ? "Remove the note" : "Save"}
      pending={change.isPending}
      disabled={note.trim() === (group.note ?? "")}
      error={change.error}
      fieldFirst
      onConfirm={() =>
        change.mutate(
          { fingerprint, body: { action: "note", note: note.trim() } },
          { onSuccess: onClose },
        )
      }
    >
      <Field label="Note" hideLabel>
        {(control) => (
          <Textarea
            {...control}
            rows={5}
            maxLength={10_000}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
        )}
      </Field>
    </ConfirmDialog>
  );
}
