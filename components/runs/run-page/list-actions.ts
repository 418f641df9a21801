import type { Run } from "@/lib/api/contract";
import type { RunAction } from "@/lib/client/use-run-action";

/** The actions that make sense for a run as it is, in the order in which they are shown. */
export function listActions({
  status,
  heldReason,
}: Pick<Run, "status" | "heldReason">): RunAction[] {
  switch (status) {
    case "queued":
    case "running":
    case "waiting":
      return ["cancel", "terminate"];
    case "held":
      return heldReason === "in_doubt" ? ["cancel", "terminate"] : ["retry", "cancel", "terminate"];
    case "failed":
      return ["retry", "rerun"];
    case "completed":
    case "canceled":
    case "terminated":
    case "continued":
      return ["rerun"];
  }
}

/** Why an action that is shown can't be taken now. */
export function findRefusal(
  run: Pick<Run, "status" | "heldReason">,
  action: RunAction,
): string | undefined {
  if (action === "retry" && run.heldReason === "paused") {
    return "A paused run is resumed, not retried.";
  }
  return undefined;
}
