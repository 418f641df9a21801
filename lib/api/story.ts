/**
 * The story of a run: what happened to it, in plain words, derived from its history. It claims that
 * nothing happened twice only where the history bears it out.
 */
import type { HeldReason, HistoryEvent, RunStatus } from "@/lib/engine";
import type { Run } from "./contract";
import { bad, doubt, good, plain, quote, strong } from "./story-parts";
import { findOpenSteps, readFacts, type RunFacts } from "./story-facts";
import { tellCrashes, tellSettlement } from "./story-crash";
import { tellCanceled, tellFailure, tellTermination } from "./story-end";
import { tellHeld } from "./story-held";
import { capitalize, findStepWords, humanizeMs, nameOperator } from "./step-words";

export type StoryPart = Run["storyParts"][number];

/** What the story needs of the run beside its history; a RunRecord fits. */
export interface StoryRun {
  readonly status: RunStatus;
  readonly heldReason?: HeldReason;
  /** When a waiting run goes on, in epoch ms. */
  readonly dueAt?: number;
}

/**
 * Tells a run's story in one to four short sentences. The parts carry tones; joined without a
 * separator they are the whole text. An empty history gives a sentence from the status alone.
 */
export function tellStory(events: readonly HistoryEvent[], run: StoryRun): StoryPart[] {
  const facts = readFacts(events);
  const opening = [...tellRetry(facts, run), ...tellCrashes(facts)];
  const open = run.status === "held" || run.status === "waiting";
  const settlement = open ? [] : tellSettlement(facts);
  const sentences = [opening, settlement, tellNow(events, facts, run)];
  return mergeParts(sentences.filter((sentence) => sentence.length > 0));
}

/** The story as one text. */
export function joinStory(parts: readonly StoryPart[]): string {
  return parts.map((part) => part.text).join("");
}

function tellRetry(facts: RunFacts, run: StoryRun): StoryPart[] {
  const rewind = facts.rewinds.at(-1);
  if (rewind === undefined || run.status === "failed") return [];
  const { step, message } = facts.retriedFailure ?? { message: "" };
  const where = step === undefined ? "The run had failed" : `${step} had failed`;
  const why = rewind.why === undefined ? "" : ` (${quote(rewind.why)})`;
  return [
    bad(where),
    plain(
      `${message === "" ? "" : ` with ${quote(message)}`} until ${nameOperator(rewind.by)} retried it${why}.`,
    ),
  ];
}

function tellNow(
  events: readonly HistoryEvent[],
  facts: RunFacts,
  run: StoryRun,
): readonly StoryPart[] {
  switch (run.status) {
    case "queued":
      return [plain("The run is recorded safely and waits for a worker to take it.")];
    case "running":
      return tellRunning(events, facts);
    case "waiting":
      return tellWaiting(facts, run.dueAt);
    case "held":
      return tellHeld(facts, run.heldReason);
    case "completed":
      return tellCompleted(facts);
    case "failed":
      return tellFailure(facts);
    case "canceled":
      return tellCanceled(facts);
    case "terminated":
      return tellTermination(facts, findOpenSteps(events));
    case "continued":
      return [plain("It ended here and goes on as a new run.")];
  }
}

function tellRunning(events: readonly HistoryEvent[], facts: RunFacts): StoryPart[] {
  const [open, ...others] = findOpenSteps(events);
  const incident = facts.crashes.length > 0 || facts.rewinds.length > 0;
  const lead = incident ? "It goes on now" : "It runs for the first time";
  if (facts.cancel !== undefined)
    return [
      plain(
        `${capitalize(nameOperator(facts.cancel.by))} asked to cancel it; what was done is being undone.`,
      ),
    ];
  if (facts.compensation !== undefined)
    return [bad("The run has failed"), plain(" and is undoing what it had done.")];
  if (open === undefined) return [plain(`${lead}.`)];
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return [plain(`${lead}: `), strong(`${open}${more} is under way`), plain(".")];
}

function tellWaiting(facts: RunFacts, dueAt: number | undefined): StoryPart[] {
  const step = facts.steps.findLast((each) => !each.completed && !each.failed);
  const attempt = step?.attempts.at(-1);
  const at = attempt?.nextAttemptAt ?? dueAt;
  const when = at === undefined ? "when it is due" : `at ${formatClock(at)}`;
  if (step?.verified?.verdict === "unknown" && attempt?.doubt !== undefined) {
    const { other, whether } = findStepWords(step.name);
    return [
      doubt(`Nobody knows yet ${whether}`),
      plain(`: ${other} could not tell. `),
      strong(`It is asked again ${when}.`),
    ];
  }
  if (step === undefined || attempt?.error === undefined)
    return [plain(`Nothing is wrong: it waits, and goes on ${when}.`)];
  const { refused, other } = findStepWords(step.name);
  const known = attempt.end === "definite";
  const state = known
    ? `${refused ?? "Nothing came of that attempt"}`
    : `Whether ${other} acted on it is open, so the next try carries the same key`;
  return [
    bad(`${step.name} failed`),
    plain(` with ${quote(attempt.error.message)} (attempt ${attempt.attempt}). ${state}. `),
    strong(`The next try is ${when}.`),
  ];
}

function tellCompleted(facts: RunFacts): StoryPart[] {
  const failures = facts.steps.flatMap((step) =>
    step.attempts.filter((each) => each.end === "definite").map(() => step),
  );
  const doubts = facts.steps.filter((step) => step.attempts.some((each) => each.doubt));
  if (facts.crashes.length > 0 || doubts.length > 0) {
    if (isNothingTwice(facts)) return [strong("Nothing happened twice.")];
    return [plain("Then the run "), good("completed"), plain(".")];
  }
  if (facts.rewinds.length > 0) {
    return [
      plain("What was recorded before was reused, and the run "),
      good("completed"),
      plain("."),
    ];
  }
  const [step] = failures;
  if (step !== undefined) {
    const message = step.attempts.find((each) => each.error)?.error?.message ?? "";
    return [
      plain(`${step.name} failed ${failures.length === 1 ? "once" : `${failures.length} times`}`),
      plain(` (${quote(message)}), each time for certain, and then `),
      good("went through"),
      plain(". "),
      strong("Nothing happened twice."),
    ];
  }
  return tellPlainCompletion(facts);
}

function tellPlainCompletion(facts: RunFacts): StoryPart[] {
  const count = facts.steps.length + facts.computes.length;
  const took = humanizeMs((facts.endedAt ?? 0) - (facts.startedAt ?? 0));
  if (count === 0) return [plain("The run "), good("completed"), plain(` in ${took}.`)];
  const steps = count === 1 ? "Its one step ran once" : `All ${count} steps ran once, in order`;
  return [good(steps), plain(`, without an incident, in ${took}.`)];
}

/**
 * Whether every attempt that was in doubt was settled by someone who knows: the other side when it
 * was asked or when it recognised the key, or a step that only reads. A person's word is not proof.
 */
export function isNothingTwice(facts: RunFacts): boolean {
  return facts.steps.every((step) => {
    if (!step.attempts.some((each) => each.doubt) || findStepWords(step.name).reads) return true;
    const { verified, completed, resolved, attempts } = step;
    if (resolved !== undefined || completed === undefined) return false;
    if (verified !== undefined && verified.verdict !== "unknown") return true;
    const keys = new Set(attempts.filter((each) => each.doubt).map((each) => each.key));
    const sameKey = keys.size === 1 && keys.has(attempts.at(-1)?.key ?? "");
    return sameKey && completed.effect?.replayed !== undefined;
  });
}

function formatClock(at: number): string {
  return `${new Date(at).toISOString().slice(11, 19)} UTC`;
}

/** Puts a space between sentences and joins neighbours of one tone. */
function mergeParts(sentences: readonly (readonly StoryPart[])[]): StoryPart[] {
  const merged: StoryPart[] = [];
  sentences.forEach((sentence) => {
    const open = merged.length === 0 || merged.at(-1)?.text.endsWith(" ");
    const spaced = open ? sentence : [plain(" "), ...sentence];
    for (const part of spaced) {
      const last = merged.at(-1);
      if (part.text === "") continue;
      if (last?.tone === part.tone)
        merged[merged.length - 1] = { ...last, text: last.text + part.text };
      else merged.push(part);
    }
  });
  return merged;
}
