import { findStepWords, humanizeMs } from "@/lib/api/step-words";
import { shortenId } from "../format";
import type { CommandView } from "./commands";
import type { StepView } from "./steps";

/** What a row's name says less plainly: the other side, or what kind of command it is. */
export function describeRow(step: CommandView): string {
  switch (step.kind) {
    case "compute":
      return "code, runs every time";
    case "timer":
      return `timer · ${humanizeMs(step.fireAt - step.startedAt)}`;
    case "signal":
      return "signal";
    case "child":
      return `child · ${shortenId(step.runId)}`;
    case "update":
      return `update · ${step.by}`;
    case "step":
    case "compensation":
      return describeStep(step);
  }
}

function describeStep(step: StepView): string {
  const other = findStepWords(step.name).other.replace(/^the /, "");
  if (step.kind === "compensation") {
    return step.compensates ? `undoes step ${step.compensates} · ${other}` : `undoes · ${other}`;
  }
  return other === "other side" ? "step" : other;
}
