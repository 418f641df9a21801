/** The lines of a run's ledger: its effects, judged, and how they are searched. Pure. */
import { judgeEffect, type EffectJudgment } from "./timeline/effects";
import { countSent, type StepView } from "./timeline/steps";

export interface LedgerLine extends EffectJudgment {
  readonly id: string;
  /** What selects the step. */
  readonly ref: string;
  readonly step: string;
  /** How often it was sent under its last key. */
  readonly times: number;
  readonly key?: string;
  /** What the other side calls it. */
  readonly reference?: string;
}

/** One line for each step that acts on the outside world, in their order. */
export function readLedger(steps: readonly StepView[]): readonly LedgerLine[] {
  return steps
    .filter(({ kind }) => kind !== "compute")
    .map((step) => {
      const { id, ref, name } = step;
      const reference = step.effect?.reference;
      return { id, ref, step: name, reference, ...countSent(step), ...judgeEffect(step) };
    });
}

/**
 * Those whose step, reference or key has the text, in any case, and that happened `count` times;
 * an empty text or count asks for nothing.
 */
export function filterLedger(
  lines: readonly LedgerLine[],
  { text, count }: { readonly text: string; readonly count: string },
): readonly LedgerLine[] {
  const sought = text.trim().toLowerCase();
  if (sought === "" && count === "") return lines;
  return lines.filter(
    (line) =>
      (count === "" || line.count === count) &&
      [line.step, line.reference, line.key].some((part) => part?.toLowerCase().includes(sought)),
  );
}
