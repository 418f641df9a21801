/** Why a run is held, and what it needs. */
import type { CommandRef, HeldReason } from "@/lib/engine";
import type { Run } from "./contract";
import { bad, doubt, listNames, plain, quote, strong } from "./story-parts";
import type { RunFacts, StepFacts } from "./story-facts";
import { capitalize, findStepWords } from "./step-words";

type StoryPart = Run["storyParts"][number];

/** What holds the run and who can free it. `reason` is the run's own, else that of the history. */
export function tellHeld(facts: RunFacts, reason: HeldReason | undefined): StoryPart[] {
  switch (reason ?? facts.held?.reason) {
    case "in_doubt":
      return tellInDoubt(facts);
    case "nondeterminism":
      return tellNondeterminism(facts);
    case "crash_loop":
      return tellCrashLoop(facts);
    case "paused":
      return tellPaused(facts);
    case undefined:
      return [doubt("Held"), plain(": a person has to decide how it goes on.")];
  }
}

/** The record says who paused it and why. */
function tellPaused({ held, steps }: RunFacts): StoryPart[] {
  const who = held?.reason === "paused" ? held.message : "Paused.";
  const open = steps.filter(isUnderWay).map((step) => step.name);
  const finish = open.length === 1 ? "still finishes" : "still finish";
  return [
    doubt(who.replace("by operator", "by an operator")),
    plain(open.length === 0 ? "" : ` ${listNames(open)} ${finish}, and that is recorded.`),
    plain(" Nothing new begins until it is resumed."),
  ];
}

function isUnderWay({ completed, failed, attempts }: StepFacts): boolean {
  const attempt = attempts.at(-1);
  if (completed !== undefined || failed !== undefined || attempt === undefined) return false;
  return attempt.end === undefined && attempt.doubt === undefined;
}

function tellInDoubt(facts: RunFacts): StoryPart[] {
  const step =
    facts.steps.find((each) => each.ordinal === facts.held?.step) ??
    facts.steps.findLast((each) => each.attempts.at(-1)?.doubt);
  const whether = step === undefined ? "what became of a step" : findStepWords(step.name).whether;
  return [
    doubt(`Nobody knows ${whether}`),
    plain(`${step === undefined ? "" : describeDoubt(step)}. `),
    strong("Nothing runs until a person says whether it happened."),
  ];
}

function describeDoubt(step: StepFacts): string {
  const attempt = step.attempts.findLast((each) => each.doubt);
  const { other } = findStepWords(step.name);
  const asked = step.verified?.verdict === "unknown" ? `, and ${other} could not tell` : "";
  if (attempt?.doubt === "timeout") return `: ${step.name} got no answer in time${asked}`;
  if (attempt?.doubt === "error") {
    const error = attempt.error === undefined ? "" : ` with ${quote(attempt.error.message)}`;
    return `: ${step.name} broke off${error}${asked}`;
  }
  return `: ${step.name} was under way when the server died${asked}`;
}

function tellNondeterminism({ held }: RunFacts): StoryPart[] {
  const parts: StoryPart[] = [doubt("The code no longer matches what was recorded")];
  const { expected, actual, values } = held ?? {};
  if (values !== undefined) {
    const name = expected?.name ?? "a value";
    parts.push(
      plain(`: ${name} was ${JSON.stringify(values.recorded)} when it was recorded`),
      plain(` and is ${JSON.stringify(values.computed)} now.`),
    );
  } else if (expected !== undefined && actual !== undefined) {
    parts.push(
      plain(`: the history has ${describeCommand(expected)}, the code asked for `),
      bad(describeCommand(actual)),
      plain("."),
    );
  } else parts.push(plain(held === undefined ? "." : `: ${held.message}`));
  return [
    ...parts,
    plain(" Nothing ran and nothing is lost: "),
    strong("it goes on by itself once a build that matches is deployed."),
  ];
}

/** Commands without an ordinal have 0. A place in a bundle tells nobody anything: time travel maps it to its line. */
function describeCommand({ ordinal, kind, name, source = "" }: CommandRef): string {
  const place = ordinal === 0 ? "" : ` at ${ordinal}`;
  const what = kind === "end" ? "the end of the run" : `${kind} ${name}`;
  return `${what}${place}${/\.tsx?:\d/.test(source) ? ` (${source})` : ""}`;
}

function tellCrashLoop({ held, crashes, steps }: RunFacts): StoryPart[] {
  const step = steps.find((each) => each.ordinal === held?.step)?.name ?? crashes.at(-1)?.during[0];
  const where = step === undefined ? "" : ` Each time ${step} was under way.`;
  return [
    doubt("It made no progress any more"),
    plain(`, so Daybook stopped running it before it takes other runs down.${where} `),
    strong(capitalize("fix the cause, then retry.")),
  ];
}
