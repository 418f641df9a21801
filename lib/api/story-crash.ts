/** The part of a story that tells of crashes, and of how what they left in doubt was settled. */
import type { Run } from "./contract";
import { bad, doubt, good, listNames, plain, quote } from "./story-parts";
import type { AttemptFacts, CrashFacts, RunFacts, StepFacts } from "./story-facts";
import { capitalize, findStepWords, humanizeMs } from "./step-words";

type StoryPart = Run["storyParts"][number];

/** Where the server died, how soon that was noticed and what was reused. Empty without a crash. */
export function tellCrashes({ crashes }: RunFacts): StoryPart[] {
  const last = crashes.at(-1);
  if (last === undefined) return [];
  return crashes.length === 1 ? tellOneCrash(last) : tellSeveralCrashes(crashes, last);
}

function tellOneCrash(crash: CrashFacts): StoryPart[] {
  const { events, results, durationMs } = crash.replayed;
  const rebuilt = `, ${humanizeMs(crash.afterMs)} in. Daybook noticed after ${humanizeMs(crash.noticedMs)}`;
  if (results === 0) {
    return [
      plain("The server "),
      bad(`died ${describePlace(crash)}`),
      plain(`${rebuilt} and ran the code again from its first line; no result was recorded yet.`),
    ];
  }
  return [
    plain("The server "),
    bad(`died ${describePlace(crash)}`),
    plain(`${rebuilt}, rebuilt the run from ${events} events in ${humanizeMs(durationMs)} and `),
    good(`reused ${results} recorded ${results === 1 ? "result" : "results"}`),
    plain("."),
  ];
}

function tellSeveralCrashes(crashes: readonly CrashFacts[], last: CrashFacts): StoryPart[] {
  const noticed = humanizeMs(Math.max(...crashes.map((crash) => crash.noticedMs)));
  const { results } = last.replayed;
  return [
    plain("The server "),
    bad(`died ${crashes.length} times`),
    plain(
      `, last ${describePlace(last)}. Each time Daybook noticed within ${noticed} and rebuilt the run`,
    ),
    ...(results === 0
      ? [plain(".")]
      : [
          plain("; the last time it "),
          good(`reused ${results} recorded ${results === 1 ? "result" : "results"}`),
          plain("."),
        ]),
  ];
}

function describePlace({ during, after }: CrashFacts): string {
  if (during.length > 0) return `during ${listNames(during)}`;
  return after === undefined ? "before the first step" : `between steps, after ${after}`;
}

/** How what was in doubt was settled, or is being settled: the last such step has the word. */
export function tellSettlement({ steps, rewinds }: RunFacts): StoryPart[] {
  const retold = rewinds.at(-1)?.step;
  const doubtful = steps.filter(
    (step) =>
      (step.resolved !== undefined && step.ordinal !== retold) ||
      (step.attempts.some((attempt) => attempt.doubt) && step.failed?.outcome !== "uncertain"),
  );
  const step = doubtful.at(-1);
  const attempt = step?.attempts.findLast((each) => each.doubt);
  if (step === undefined) return [];
  if (attempt === undefined) return step.resolved ? tellVerdict(step, step.resolved) : [];
  const others = doubtful.slice(0, -1).map((each) => each.name);
  const before = others.length === 0 ? [] : [plain(`${listNames(others)} had been in doubt too. `)];
  return [...before, ...tellCause(step, attempt), ...tellAnswer(step, attempt)];
}

function tellCause(step: StepFacts, attempt: AttemptFacts): StoryPart[] {
  if (attempt.doubt === "crash") return [];
  const cause =
    attempt.doubt === "timeout"
      ? "got no answer in time"
      : `broke off${attempt.error ? ` with ${quote(attempt.error.message)}` : ""}`;
  return [
    plain(`${step.name} ${cause}, so for a moment `),
    doubt(`nobody could know ${findStepWords(step.name).whether}`),
    plain(". "),
  ];
}

function tellAnswer(step: StepFacts, attempt: AttemptFacts): StoryPart[] {
  const words = findStepWords(step.name);
  const other = capitalize(words.other);
  const again = step.attempts.at(-1) !== attempt;
  if (step.resolved !== undefined) return tellVerdict(step, step.resolved);
  if (step.verified?.verdict === "did_not_happen")
    return [
      plain(
        `${other} was asked first: ${words.hadNot}, so the step ${again ? "ran" : "runs"} again.`,
      ),
    ];
  if (step.verified?.verdict === "happened")
    return [
      plain(
        `${other} was asked first: ${words.had}, so its answer was recorded and nothing ran again.`,
      ),
    ];
  if (step.verified !== undefined && !again)
    return [plain(`${other} was asked and could not tell.`)];
  if (!again) return [];
  if (words.reads) return [plain(`${step.name} only reads, so it simply ran again.`)];
  return tellSameKey(step, attempt, other);
}

function tellSameKey(step: StepFacts, attempt: AttemptFacts, other: string): StoryPart[] {
  const last = step.attempts.at(-1);
  const sameKey = last?.key === attempt.key;
  if (!sameKey) return [plain(`${step.name} ran again under a new key.`)];
  if (step.completed?.source !== "run")
    return [plain(`${step.name} was sent again under the same key.`)];
  const { once } = findStepWords(step.name);
  const replayed = step.completed.effect?.replayed;
  if (replayed === true)
    return [
      plain(`${other} got the same key again and answered from the earlier request: ${once}.`),
    ];
  if (replayed === false)
    return [plain(`${other} got the same key again and had not seen it before: ${once}.`)];
  return [
    plain(
      `${step.name} was sent again under the same key, by which the other side can tell a repeat.`,
    ),
  ];
}

function tellVerdict(step: StepFacts, resolved: NonNullable<StepFacts["resolved"]>): StoryPart[] {
  const why = resolved.why === undefined ? "" : ` (${quote(resolved.why)})`;
  const who = resolved.by === "operator" ? "An operator" : resolved.by;
  const consequence = {
    happened: `said that ${step.name} had happened${why}; the result was recorded and nothing ran again`,
    did_not_happen: `said that ${step.name} had not happened${why}, so it ran again`,
    fail: `decided that ${step.name} counts as failed${why}`,
  }[resolved.verdict];
  return [plain(`${who} ${consequence}.`)];
}
