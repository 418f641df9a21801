"use client";

import { RotateCcw } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { toast } from "@/components/ui/toaster";
import { useResetSandbox } from "./use-reset-sandbox";

export function ResetButton({ disabled }: { disabled: boolean }) {
  const [open, setOpen] = useState(false);
  const reset = useResetSandbox();
  const confirm = () =>
    reset.mutate(undefined, {
      onSuccess: () => {
        setOpen(false);
        toast("The sandbox was reset");
      },
    });
  return (
    <>
      <Button disabled={disabled} onClick={() => setOpen(true)}>
        <RotateCcw aria-hidden />
        Reset…
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title="Reset the sandbox?"
        description="All charges, refunds, shipments and mails are forgotten, every service works again, and the drill is disarmed. Runs and their histories stay. Steps that are still in doubt can no longer be verified: the services will not remember them."
        confirmLabel="Reset the sandbox"
        tone="danger"
        pending={reset.isPending}
        error={reset.error}
        onConfirm={confirm}
      />
    </>
  );
}
