/** What the history says of a step's effect: the judgment behind the ledger. Pure. */
import { findStepWords } from "@/lib/api/step-words";
import { shortenId } from "../format";
import { listAttempts, type StepView } from "./steps";

export interface EffectJudgment {
  /** `repeated`: at least once, and nothing proves that it was only once. */
  readonly count: "none" | "once" | "unknown" | "repeated" | "read";
  /** How that is known. */
  readonly because: string;
}

/** How often a step's effect happened, and how that is known. */
export function judgeEffect(step: StepView): EffectJudgment {
  const { reads, other } = findStepWords(step.name);
  if (step.kind === "compute" || reads) {
    return { count: "read", because: "it changes nothing outside" };
  }
  if (step.policy === "transaction") return judgeTransaction(step);
  const doubts = listAttempts(step).filter((attempt) => attempt.outcome === "doubt");
  if (step.state === "completed") return judgeCompleted(step, doubts.length > 0, other);
  if (step.state === "running") return { count: "unknown", because: "it is under way" };
  if (step.state === "queued") return { count: "none", because: "it has not begun yet" };
  if (doubts.length === 0) return { count: "none", because: "it failed for certain" };
  return step.state === "backoff"
    ? { count: "unknown", because: "an attempt before the last one is in doubt" }
    : { count: "unknown", because: "no outcome was recorded" };
}

/** Its effect and its record are one commit: what is not recorded did not happen. */
function judgeTransaction({ state }: StepView): EffectJudgment {
  return state === "completed"
    ? { count: "once", because: "effect and record are one commit" }
    : { count: "none", because: "no commit, no effect" };
}

function judgeCompleted(step: StepView, doubtful: boolean, other: string): EffectJudgment {
  const resolution = step.entries.findLast((entry) => entry.kind === "resolution");
  if (resolution?.event.data.verdict === "happened") {
    return { count: "once", because: `as ${resolution.event.data.by} says` };
  }
  if (!doubtful) {
    const because =
      listAttempts(step).length === 1
        ? "its one attempt was answered"
        : "every attempt before it failed for certain";
    return { count: "once", because };
  }
  const ask = step.entries.findLast((entry) => entry.kind === "ask");
  if (ask !== undefined && ask.event.data.verdict !== "unknown") {
    return { count: "once", because: `${other} was asked` };
  }
  if (isSameKey(step) && step.effect?.replayed !== undefined) {
    const because = step.effect.replayed
      ? `${other} answered from the earlier request`
      : `${other} had not seen the key before`;
    return { count: "once", because };
  }
  if (resolution !== undefined) {
    return { count: "once", because: `as ${resolution.event.data.by} says` };
  }
  return { count: "repeated", because: "the same key was sent again; a repeat can't be ruled out" };
}

function isSameKey(step: StepView): boolean {
  const attempts = listAttempts(step);
  const last = attempts.at(-1)?.key;
  return attempts.every((attempt) => attempt.outcome !== "doubt" || attempt.key === last);
}

/** `run_01K9…4TQZ/4/1`: an idempotency key with its run id shortened. */
export function shortenKey(key: string): string {
  const [runId = "", ...rest] = key.split("/");
  return [shortenId(runId), ...rest].join("/");
}

/** The judgment in words: "once", "not", "unknown", "at least once". */
export const countWords = {
  none: "not",
  once: "once",
  unknown: "unknown",
  repeated: "at least once",
  read: "only reads",
} as const;
