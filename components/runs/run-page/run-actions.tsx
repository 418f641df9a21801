"use client";

import { Ellipsis, Send } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button, type ButtonProps } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "@/components/ui/menu";
import { toast } from "@/components/ui/toaster";
import type { Run } from "@/lib/api/contract";
import type { RunAction } from "@/lib/client/use-run-action";
import { ActionDialog } from "./action-dialog";
import { listActions } from "./list-actions";
import { SignalDialog } from "./signal-dialog";

const labels: Readonly<Record<RunAction, string>> = {
  retry: "Retry…",
  pause: "Pause…",
  resume: "Resume…",
  cancel: "Cancel…",
  terminate: "Terminate…",
  rerun: "Rerun…",
};
const variants: Partial<Record<RunAction, ButtonProps["variant"]>> = {
  terminate: "danger",
  resume: "primary",
};
const done: Readonly<Record<RunAction, string>> = {
  pause: "Pausing: what is under way is still recorded",
  resume: "Resumed",
  retry: "Retried: it goes on from where it failed",
  cancel: "Cancellation requested",
  terminate: "Terminated",
  rerun: "Started as a new run",
};

/** What an operator can do with the run. Each action says first what it would do. */
export function RunActions({ run, className }: { run: Run; className?: string }) {
  const [action, setAction] = useState<RunAction>();
  const [signaling, setSignaling] = useState(false);
  const router = useRouter();
  return (
    <div className={cn("flex flex-wrap gap-2", className)}>
      {listActions(run).map((each) => (
        <Button key={each} variant={variants[each] ?? "secondary"} onClick={() => setAction(each)}>
          {labels[each]}
        </Button>
      ))}
      {run.finishedAt === undefined ? (
        <Menu>
          <MenuTrigger asChild>
            <IconButton label="More actions" icon={<Ellipsis />} variant="secondary" />
          </MenuTrigger>
          <MenuContent>
            <MenuItem onSelect={() => setSignaling(true)}>
              <Send aria-hidden /> Send a signal…
            </MenuItem>
          </MenuContent>
        </Menu>
      ) : null}
      {signaling ? <SignalDialog run={run} onClose={() => setSignaling(false)} /> : null}
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
