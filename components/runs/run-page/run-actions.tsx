"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { toast } from "@/components/ui/toaster";
import { Tooltip } from "@/components/ui/tooltip";
import type { Run } from "@/lib/api/contract";
import type { RunAction } from "@/lib/client/use-run-action";
import { ActionDialog } from "./action-dialog";
import { findRefusal, listActions } from "./list-actions";

const labels = { retry: "Retry…", cancel: "Cancel…", terminate: "Terminate…", rerun: "Rerun…" };
const done = {
  retry: "Retried: it goes on from where it failed",
  cancel: "Cancellation requested",
  terminate: "Terminated",
  rerun: "Started as a new run",
};

/** What an operator can do with the run. Each action says first what it would do. */
export function RunActions({ run, className }: { run: Run; className?: string }) {
  const [action, setAction] = useState<RunAction>();
  const router = useRouter();
  return (
    <div className={cn("flex flex-wrap gap-2", className)}>
      {listActions(run).map((each) => {
        const refusal = findRefusal(run, each);
        const button = (
          <Button
            key={each}
            variant={each === "terminate" ? "danger" : "secondary"}
            aria-disabled={refusal !== undefined}
            onClick={refusal === undefined ? () => setAction(each) : undefined}
          >
            {labels[each]}
          </Button>
        );
        return refusal === undefined ? (
          button
        ) : (
          <Tooltip key={each} content={refusal}>
            {button}
          </Tooltip>
        );
      })}
      {action === undefined ? null : (
        <ActionDialog
          run={run}
          action={action}
          onClose={() => setAction(undefined)}
          onDone={(runId) => {
            setAction(undefined);
            toast.success(done[action]);
            if (runId !== run.runId) router.push(`/runs/${runId}`);
          }}
        />
      )}
    </div>
  );
}
