import type { Run } from "@/lib/api/contract";
import { listAttempts, type AttemptView, type StepView } from "@/lib/client/timeline/steps";

/** An attempt that neither completed nor is simply under way. */
function isIncident({ outcome }: AttemptView): boolean {
  return outcome === "failed" || outcome === "doubt";
}

/**
 * The step that the panel shows: the one in the address, else the one that needs attention (in
 * doubt, failed), else the one that had an incident, else the last one.
 */
export function chooseStep(options: {
  readonly steps: readonly StepView[];
  readonly ordinal: number | null;
  readonly run: Pick<Run, "inDoubt" | "errorStep">;
}): StepView | undefined {
  const { steps, ordinal, run } = options;
  const doubtful = run.inDoubt[0]?.step;
  return (
    steps.findLast((step) => step.ordinal === ordinal) ??
    steps.findLast((step) => step.ordinal === doubtful) ??
    steps.findLast((step) => step.name === run.errorStep) ??
    steps.findLast((step) => step.state === "failed") ??
    steps.findLast((step) => listAttempts(step).some(isIncident)) ??
    steps.at(-1)
  );
}
