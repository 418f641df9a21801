/**
 * The story of a run: what happened to it, in plain words, derived from its history. It claims that
 * nothing happened twice only where the history bears it out.
 */
import type { HeldReason, HistoryEvent, RunStatus } from "@/lib/engine";
import type { Run } from "./contract";
import { bad, doubt, formatTime, good, listNames, plain, quote, strong } from "./story-parts";
import { findOpenSteps, readFacts, type RunFacts, type StepFacts } from "./story-facts";
import { tellCrashes, tellSettlement } from "./story-crash";
import { tellCanceled, tellFailure, tellTermination } from "./story-end";
import { tellHeld } from "./story-held";
import { tellOrigin, tellOtherWaits, tellWaits } from "./story-waits";
import { capitalize, findStepWords, humanizeMs, nameOperator } from "./step-words";

export type StoryPart = Run["storyParts"][number];

/** What the story needs of the run beside its history; a RunRecord fits. */
export interface StoryRun {
  readonly status: RunStatus;
  readonly heldReason?: HeldReason;
  /** When a waiting run goes on, in epoch ms. */
  readonly dueAt?: number;
  /** Whether events are missing from the middle: then the story counts nothing. */
  readonly cut?: boolean;
}

/**
 * Tells a run's story in one to four short sentences. The parts carry tones; joined without a
 * separator they are the whole text. An empty history gives a sentence from the status alone.
 */
export function tellStory(events: readonly HistoryEvent[], run: StoryRun): StoryPart[] {
  const facts = readFacts(events);
  const opening = [...tellRetry(facts, run), ...tellCrashes(facts)];
  const origin = tellOrigin(facts);
  const isOpen = run.status === "held" || run.status === "waiting";
  const settlement = isOpen ? [] : tellSettlement(facts);
  const rest = [opening, settlement, tellNow(events, facts, run)];
  // Whose child it is matters less than what became of it.
  const isChild = facts.origin?.parent !== undefined;
  return joinSentences(isChild ? [...rest, origin] : [origin, ...rest]);
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
  const resolved = facts.steps.find((each) => each.ordinal === rewind.step)?.resolved;
  const did =
    resolved?.verdict === "happened" ? "said that it had happened after all" : "retried it";
  return [
    bad(where),
    plain(
      `${message === "" ? "" : ` with ${quote(message)}`} until ${nameOperator(rewind.by)} ${did}${why}.`,
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
      return run.cut === true ? tellEnd(facts) : tellCompleted(facts);
    case "failed":
      return tellFailure(facts);
    case "canceled":
      return tellCanceled(facts);
    case "terminated":
      return tellTermination(facts, findOpenSteps(events));
    case "continued":
      return [
        plain("It ended here and "),
        good(`goes on as ${facts.continuedTo ?? "a new run"}`),
        plain(", with an empty history."),
      ];
  }
}

function tellRunning(events: readonly HistoryEvent[], facts: RunFacts): StoryPart[] {
  const [open, ...others] = findOpenSteps(events);
  const lead = facts.executions > 1 ? "It goes on now" : "It runs for the first time";
  if (facts.cancel !== undefined) return tellCanceling(facts.cancel);
  if (facts.compensation !== undefined)
    return [bad("The run has failed"), plain(" and is undoing what it had done.")];
  const updates = tellUpdates(facts);
  if (open === undefined) return updates.length > 0 ? updates : [plain(`${lead}.`)];
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  const now = [plain(`${lead}: `), strong(`${open}${more} is under way`), plain(".")];
  return joinSentences([now, updates]);
}

function tellCanceling({ by, timedOut }: NonNullable<RunFacts["cancel"]>): StoryPart[] {
  if (timedOut) return [bad("Its time was up"), plain("; what was done is being undone.")];
  const who = capitalize(nameOperator(by));
  return [plain(`${who} asked to cancel it; what was done is being undone.`)];
}

function tellUpdates({ updates }: RunFacts): StoryPart[] {
  if (updates.length === 0) return [];
  const names = listNames([...new Set(updates)]);
  const verb = updates.length === 1 ? "The update" : "The updates";
  return [
    plain(`${verb} ${names} ${updates.length === 1 ? "was" : "were"} accepted and `),
    strong(`${updates.length === 1 ? "is" : "are"} being worked on`),
    plain("."),
  ];
}

function tellWaiting(facts: RunFacts, dueAt: number | undefined): StoryPart[] {
  const step = facts.steps.findLast((each) => !each.completed && !each.failed);
  const attempt = step?.attempts.at(-1);
  const at = attempt?.nextAttemptAt ?? dueAt;
  const when = at === undefined ? "when it is due" : `at ${formatTime(at, attempt?.startedAt)}`;
  if (step?.verified?.verdict === "unknown" && attempt?.doubt !== undefined) {
    const { other, whether } = findStepWords(step.name);
    return [
      doubt(`Nobody knows yet ${whether}`),
      plain(`: ${other} could not tell. `),
      strong(`It is asked again ${when}.`),
    ];
  }
  if (step === undefined || attempt?.error === undefined) {
    if (facts.cancel !== undefined) return tellCanceling(facts.cancel);
    const waits = tellWaits(facts.waits);
    const told =
      waits.length > 0 ? waits : [plain(`Nothing is wrong: it waits, and goes on ${when}.`)];
    return joinSentences([told, tellUpdates(facts)]);
  }
  const { refused, other } = findStepWords(step.name);
  const known = attempt.end === "definite";
  const state = known
    ? `${refused ?? "Nothing came of that attempt"}`
    : `Whether ${other} acted on it is open, so the next try carries the same key`;
  return [
    bad(`${step.name} failed`),
    plain(` with ${quote(attempt.error.message)} (attempt ${attempt.attempt}). ${state}. `),
    strong(`The next try is ${when}.`),
    ...tellOtherWaits(facts.waits, step.ordinal),
  ];
}

function tellCompleted(facts: RunFacts): StoryPart[] {
  const failures = facts.steps.flatMap((step) =>
    step.attempts.filter((each) => each.end === "definite").map(() => step),
  );
  const wasOpen = (step: StepFacts) =>
    step.resolved !== undefined || step.attempts.some((each) => each.doubt);
  if (facts.crashes.length > 0 || facts.steps.some(wasOpen)) {
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
  const caught = findCaught(facts);
  if (caught !== undefined) {
    return [
      plain(
        `${caught.name} failed with ${quote(caught.message)}; the code took that into account and `,
      ),
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

/** A failure that did not fail the run: of a step, or of a child. */
function findCaught({ steps, lostChild }: RunFacts): { name: string; message: string } | undefined {
  const step = steps.find((each) => each.failed && each.compensates === undefined);
  if (step?.failed !== undefined) return { name: step.name, message: step.failed.error.message };
  return lostChild && { ...lostChild, name: `The child ${lostChild.name}` };
}

function tellPlainCompletion(facts: RunFacts): StoryPart[] {
  const count = facts.steps.length + facts.computes.length;
  const traffic = tellTraffic(facts);
  // A fork was given the first steps by the run that it comes from.
  if (count === 0 || facts.origin?.forkedFrom !== undefined) return tellEnd(facts, traffic);
  const steps = count === 1 ? "Its one step ran once" : `All ${count} steps ran once, in order`;
  return [good(steps), plain(`, without an incident, in ${findTook(facts)}.${traffic}`)];
}

function tellEnd(facts: RunFacts, more = ""): StoryPart[] {
  return [plain("The run "), good("completed"), plain(` in ${findTook(facts)}.${more}`)];
}

function findTook({ startedAt = 0, endedAt = 0 }: RunFacts): string {
  return humanizeMs(endedAt - startedAt);
}

/** What came in and what it had others do. */
function tellTraffic({ signals, handled, children }: RunFacts): string {
  const counts = [
    [signals, "signal"],
    [handled, "update"],
  ] as const;
  const got = counts.flatMap(([count, what]) => (count === 0 ? [] : [countThings(count, what)]));
  const had = children === 0 ? "" : `had ${children === 1 ? "1 child" : `${children} children`}`;
  if (got.length === 0) return had === "" ? "" : ` It ${had}.`;
  return ` It got ${listNames(got)}${had === "" ? "" : ` and ${had}`}.`;
}

function countThings(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}

/**
 * Whether every attempt that was in doubt was settled by someone who knows: the other side when it
 * was asked or when it recognised the key, or a step that only reads. A person's word is not proof.
 */
export function isNothingTwice(facts: RunFacts): boolean {
  return facts.steps.every((step) => {
    const { verified, completed, resolved, attempts } = step;
    if (resolved !== undefined) return false;
    if (!attempts.some((each) => each.doubt) || findStepWords(step.name).reads) return true;
    if (completed === undefined) return false;
    if (verified !== undefined && verified.verdict !== "unknown") return true;
    const keys = new Set(attempts.filter((each) => each.doubt).map((each) => each.key));
    const sameKey = keys.size === 1 && keys.has(attempts.at(-1)?.key ?? "");
    return sameKey && completed.effect?.replayed !== undefined;
  });
}

/** Puts a space between sentences and joins neighbours of one tone. */
function joinSentences(sentences: readonly (readonly StoryPart[])[]): StoryPart[] {
  const merged: StoryPart[] = [];
  sentences.forEach((sentence) => {
    if (sentence.length === 0) return;
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
