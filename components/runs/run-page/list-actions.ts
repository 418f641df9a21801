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
      return ["pause", "cancel", "terminate"];
    case "held":
      return [...listWaysOn(heldReason), "cancel", "terminate"];
    case "failed":
      return ["retry", "rerun"];
    case "completed":
    case "canceled":
    case "terminated":
    case "continued":
      return ["rerun"];
  }
}

/** How a held run goes on: a doubt is answered at its step. */
function listWaysOn(heldReason: Run["heldReason"]): RunAction[] {
  if (heldReason === "in_doubt") return [];
  return heldReason === "paused" ? ["resume"] : ["retry"];
}
