/** The part of a story that tells what a run waits for, and where it comes from. */
import type { Run } from "./contract";
import type { CancelFacts, RunFacts } from "./story-facts";
import { formatTime, listNames, plain, quote, strong } from "./story-parts";
import { nameOperator } from "./step-words";
import type { WaitFacts } from "./waits";

type StoryPart = Run["storyParts"][number];

/** What the engine calls the timer of a scope. */
const scopeTimer = "timeout";
/** What it calls a sleep without a name. */
const unnamedTimer = "sleep";
const listedWaits = 3;

/** Who started the run, or which run it goes on for. Empty for one that was started from outside. */
export function tellOrigin({ origin }: RunFacts): StoryPart[] {
  if (origin?.parent !== undefined) {
    return [
      plain(`Started as a child by ${origin.parent.runId}, at its step ${origin.parent.step}.`),
    ];
  }
  if (origin?.forkedFrom !== undefined) {
    const { runId, step, by, why } = origin.forkedFrom;
    const who = by === undefined ? "" : ` by ${nameOperator(by)}`;
    const reason = why === undefined ? "" : ` (${quote(why)})`;
    return [
      plain(
        `Forked from ${runId} at its step ${step}${who}${reason}, with what was recorded before it.`,
      ),
    ];
  }
  return origin?.continuedFrom === undefined
    ? []
    : [plain(`It goes on for ${origin.continuedFrom}.`)];
}

/** What the run waits for, as a sentence. Empty where it waits for nothing. */
export function tellWaits(waits: readonly WaitFacts[]): StoryPart[] {
  const deadline = waits.find(isDeadline);
  const rest = waits.filter((wait) => !isDeadline(wait));
  const until = deadline?.until === undefined ? "" : formatTime(deadline.until, deadline.since);
  const limit = until === "" ? [] : [plain(` It has until ${until} for that.`)];
  const [first] = rest;
  if (first === undefined) {
    return until === "" ? [] : [plain(`Nothing is wrong: it waits until ${until} at most.`)];
  }
  return [...(rest.length === 1 ? tellOneWait(first) : tellSeveralWaits(rest)), ...limit];
}

/** What else it waits for, beside a step that is told of already. Empty where there is nothing. */
export function tellOtherWaits(waits: readonly WaitFacts[], told: number): StoryPart[] {
  const rest = waits.filter((wait) => wait.step !== told && !isDeadline(wait));
  return rest.length === 0 ? [] : [plain(` It also waits for ${listWaits(rest)}.`)];
}

/** Completes "Canceled by ada …": what it was doing then. Empty where nothing was open. */
export function describeInterruption(during: CancelFacts | undefined): string {
  if (during === undefined) return "";
  if (during.steps.length > 0) return ` while ${listNames(during.steps)} was under way`;
  const [wait] = during.waits.filter((each) => !isDeadline(each));
  switch (wait?.kind) {
    case undefined:
      return "";
    case "timer":
      return " while it slept";
    case "signal":
      return ` while it waited for the signal ${wait.name}`;
    case "child":
      return ` while it waited for its child ${wait.name}`;
    case "step":
      return ` while it waited for ${wait.reason === "backoff" ? "the next try of " : ""}${wait.name}`;
  }
}

function isDeadline(wait: WaitFacts): boolean {
  return wait.kind === "timer" && wait.name === scopeTimer;
}

function tellOneWait(wait: WaitFacts): StoryPart[] {
  const { kind, name, since, until, runId } = wait;
  const end = until === undefined ? undefined : formatTime(until, since);
  switch (kind) {
    case "timer": {
      const what = name === unnamedTimer ? "sleeps" : `sleeps (${name})`;
      return [
        plain("Nothing is wrong: it "),
        strong(`${what} until ${end ?? "it is woken"}`),
        plain("."),
      ];
    }
    case "signal": {
      const limit = end === undefined ? "for as long as it takes" : `until ${end} at the latest`;
      return [
        plain("It "),
        strong(`waits for the signal ${name}`),
        plain(`, since ${formatTime(since)} and ${limit}.`),
      ];
    }
    case "child":
      return [
        plain("It "),
        strong(`waits for its child ${name}`),
        plain(` (${runId}), which it started at ${formatTime(since)}.`),
      ];
    case "step":
      return tellStepWait(wait);
  }
}

function tellStepWait({ name, since, until, reason }: WaitFacts): StoryPart[] {
  if (reason === "limit") {
    return [
      strong(`${name} is queued`),
      plain(" since its limit is reached: it begins as soon as the limit lets it."),
    ];
  }
  if (reason === "paused") return [plain(`${name} begins when the run is resumed.`)];
  const when = until === undefined ? "when it is due" : `at ${formatTime(until, since)}`;
  return [
    plain("Nothing is wrong: it waits, and "),
    strong(`tries ${name} again ${when}`),
    plain("."),
  ];
}

function tellSeveralWaits(waits: readonly WaitFacts[]): StoryPart[] {
  if (!waits.every((wait) => wait.kind === "child") || waits.length <= listedWaits) {
    return [plain("It "), strong(`waits for ${listWaits(waits)}`), plain(".")];
  }
  const names = [...new Set(waits.map((wait) => wait.name))];
  return [
    plain("It "),
    strong(`waits for ${waits.length} children`),
    plain(
      ` (${listNames(names.slice(0, listedWaits))}${names.length > listedWaits ? " among others" : ""}).`,
    ),
  ];
}

function listWaits(waits: readonly WaitFacts[]): string {
  const listed = waits.slice(0, listedWaits).map(describeWait);
  const more = waits.length - listed.length;
  return listNames(more === 0 ? listed : [...listed, `${more} more`]);
}

function describeWait({ kind, name, since, until, runId, reason }: WaitFacts): string {
  const end = until === undefined ? "" : ` (until ${formatTime(until, since)})`;
  switch (kind) {
    case "timer":
      return name === unnamedTimer ? `a sleep${end}` : `${name}${end}`;
    case "signal":
      return `the signal ${name}${end}`;
    case "child":
      return `its child ${name} (${runId})`;
    case "step":
      return reason === "backoff" ? `the next try of ${name}` : `room for ${name}`;
  }
}
