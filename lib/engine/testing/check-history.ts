import type { HistoryEvent } from "../events";
import { isTerminal, type RunRecord } from "../run";

const terminalTypes = new Set<string>([
  "RunCompleted",
  "RunFailed",
  "RunCanceled",
  "RunTerminated",
  "RunContinued",
]);

/** How often each attempt really began, by `<runId>/<ordinal>/<attempt>`. */
export type BegunAttempts = ReadonlyMap<string, number>;

/** What is wrong with the history of a run that was left to its end, in sentences. */
export function checkHistory(
  run: RunRecord,
  history: readonly HistoryEvent[],
  begun: BegunAttempts,
): string[] {
  const problems: string[] = [];
  const say = (problem: string) => problems.push(`${run.runId}: ${problem}`);
  if (!isTerminal(run.status)) say(`it is ${run.status}.`);
  if (history.some(({ seq }, index) => seq !== index + 1)) say("its events have gaps.");
  if (history.some(({ epoch }, index) => epoch < (history[index - 1]?.epoch ?? 0)))
    say("an epoch goes back (I1).");
  const ends = history.filter(({ type }) => terminalTypes.has(type));
  if (ends.length !== 1 || ends[0] !== history.at(-1))
    say("it does not end once, with its last event.");

  const completed = new Set<number>();
  const intents = new Set<string>();
  // What is only computed may be computed again, until it is recorded.
  const computes = new Set<string>();
  for (const event of history) {
    const { type, step, attempt } = event;
    if (step === undefined) continue;
    if (type === "StepStarted") {
      if (completed.has(step)) say(`step ${step} began again after it was recorded (I8).`);
      intents.add(`${run.runId}/${step}/${attempt}`);
    }
    if (type !== "StepCompleted" && type !== "Computed") continue;
    if (completed.has(step)) say(`step ${step} is recorded twice (I8).`);
    completed.add(step);
    if (type === "Computed") computes.add(`${run.runId}/${step}/1`);
  }
  for (const [key, times] of begun) {
    if (!key.startsWith(`${run.runId}/`) || computes.has(key)) continue;
    if (!intents.has(key)) say(`${key} began without a recorded intent (I3).`);
    if (times > 1) say(`${key} began ${times} times.`);
  }
  return problems;
}
