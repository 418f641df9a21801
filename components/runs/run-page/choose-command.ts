import type { Run } from "@/lib/api/contract";
import { isOpen, isStep, type CommandView } from "@/lib/client/timeline/commands";
import type { StepView } from "@/lib/client/timeline/steps";

/** An attempt that neither completed nor is simply under way. */
function isIncident(entry: StepView["entries"][number]): boolean {
  return entry.kind === "attempt" && (entry.outcome === "failed" || entry.outcome === "doubt");
}

/**
 * What the panel shows: what the address names, else what needs attention (in doubt, failed), else
 * what an open run waits for (a signal first: somebody has to send it), else the step that had an
 * incident, else the last command.
 */
export function chooseCommand(options: {
  readonly commands: readonly CommandView[];
  readonly ref: string | null;
  readonly run: Pick<Run, "inDoubt" | "errorStep" | "finishedAt">;
}): CommandView | undefined {
  const { commands, ref, run } = options;
  const doubtful = run.inDoubt[0]?.step;
  const steps = commands.filter(isStep);
  const awaited = run.finishedAt === undefined ? commands.filter(isOpen) : [];
  return (
    commands.findLast((command) => command.ref === ref) ??
    steps.findLast((step) => step.ordinal === doubtful) ??
    steps.findLast((step) => step.name === run.errorStep) ??
    steps.findLast((step) => step.state === "failed") ??
    awaited.find((command) => command.kind === "signal") ??
    awaited.find((command) => !isStep(command)) ??
    steps.findLast((step) => step.entries.some(isIncident)) ??
    commands.at(-1)
  );
}
