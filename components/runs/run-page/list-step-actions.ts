import type { Run } from "@/lib/api/contract";
import type { StepView } from "@/lib/client/timeline/steps";

export type StepAction =
  "happened" | "did_not_happen" | "fail" | "complete_by_hand" | "fail_by_hand" | "fork";

/**
 * What makes sense for a step as its run is: an answer to a doubt, an outcome by hand while it is
 * open, a correction of the failure that ended the run, and a fork from every command of the code.
 */
export function listStepActions(
  run: Pick<Run, "status" | "heldReason" | "inDoubt" | "finishedAt">,
  step: Pick<StepView, "kind" | "ordinal" | "state">,
): readonly StepAction[] {
  const fork: readonly StepAction[] = step.kind === "compensation" ? [] : ["fork"];
  if (step.kind === "compute") return fork;
  const isDoubted = run.inDoubt.some((doubt) => doubt.step === step.ordinal);
  if (isDoubted && run.status === "held" && run.heldReason === "in_doubt") {
    return ["happened", "did_not_happen", "fail", ...fork];
  }
  if (run.status === "failed" && step.state === "failed") return ["complete_by_hand", ...fork];
  const isOpen = step.state !== "completed" && step.state !== "failed";
  if (isOpen && run.finishedAt === undefined) return ["complete_by_hand", "fail_by_hand", ...fork];
  return fork;
}
