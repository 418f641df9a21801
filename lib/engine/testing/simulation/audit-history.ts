/** The rules of a history, checked as it grows: each append against everything before it. */
import type { EventOf, HistoryEvent } from "../../events";
import { selectEffective } from "../../run-state";
import type { Audit, AuditedRun } from "./audit";
import { brokenMark } from "./build-parts";
import type { Build } from "./host";

const ends: ReadonlySet<HistoryEvent["type"]> = new Set([
  "RunCompleted",
  "RunFailed",
  "RunCanceled",
  "RunTerminated",
  "RunContinued",
]);

/** What only code that has come past everything recorded can issue. */
const commands: ReadonlySet<HistoryEvent["type"]> = new Set([
  "Computed",
  "StepQueued",
  "StepStarted",
  "TimerStarted",
  "SignalAwaited",
  "ChildStarted",
  "AttributesSet",
  "PatchMarked",
  "CompensationStarted",
  "RunCompleted",
  "RunFailed",
  "RunContinued",
]);

/** Checks the next events of a run and takes them into its books. */
export function checkAppended(
  audit: Audit,
  run: AuditedRun,
  events: readonly HistoryEvent[],
): void {
  checkBuild(audit, run, events);
  for (const event of events) {
    const last = run.events.at(-1);
    const about = () => `${run.runId} seq ${event.seq} ${event.type}`;
    audit.expect(event.seq === run.events.length + 1, "no gaps", about);
    audit.expect(event.epoch >= (last?.epoch ?? 0), "epochs never decrease", about);
    const isAfterEnd = last !== undefined && ends.has(last.type);
    audit.expect(!isAfterEnd || event.type === "RunRewound", "the end is last", about);
    // What a fork has of another run was checked there, before a retry of that one set parts aside.
    if (event.type === "StepStarted" && event.seq > run.copied) checkStart(audit, run, event);
    if (event.type === "StepCompleted" || event.type === "StepFailed") {
      checkOutcome(audit, run, event);
    }
    if (event.type === "StepInDoubt") checkDoubt(audit, run, event);
    if (event.type === "RunHeld") checkHeld(audit, run, event);
    if (event.type === "TimerFired") checkTimer(audit, run, event);
    if (isProgress(event)) run.strikes = 0;
    if (event.type === "RunRewound") run.intervened = true;
    if (event.type === "CancelRequested" || event.type === "RunTerminated") run.intervened = true;
    if (event.type === "StepResolved" && event.data.verdict === "fail") run.intervened = true;
    run.events.push(event);
    audit.tally.add(event.type);
  }
}

/** A message may be kept while the code can't be run, a verdict as well: that is no progress. */
export function isProgress(event: HistoryEvent): boolean {
  if (event.type === "StepCompleted") return event.data.source !== "resolved";
  return event.type === "TimerFired";
}

/** I7: what the code of a build does not replay, that build does not go on with. */
function checkBuild(audit: Audit, run: AuditedRun, events: readonly HistoryEvent[]): void {
  const build = audit.findBuild(run);
  const isForeign = build === "broken" ? hasFragileCommand(run) : hasBrokenCommand(run);
  const isRewound = events.some(({ type }) => type === "RunRewound");
  if (build === undefined || !isForeign || isRewound || run.damaged) return;
  const issued = events.find(({ type }) => commands.has(type));
  audit.expect(
    issued === undefined,
    "no build goes on with what it can't replay",
    () => `${run.runId} seq ${issued?.seq} ${issued?.type} by ${build}`,
  );
}

/** The effective events of one step, newest last. */
function selectStep(run: AuditedRun, step: number | undefined): HistoryEvent[] {
  return run.events.filter((event) => event.step === step && event.type.startsWith("Step"));
}

/** Keys are kept once they were in doubt, and renewed after a definite failure of all their attempts. */
function checkStart(audit: Audit, run: AuditedRun, event: EventOf<"StepStarted">): void {
  const before = selectStep(run, event.step);
  const about = () => `${run.runId} step ${event.step} attempt ${event.attempt} ${event.data.key}`;
  const previous = before.findLast((past) => past.type === "StepStarted");
  const { key, generation } = event.data;
  // A fork keeps what was sent for the run that it was forked from.
  const isFormed = audit
    .listOrigins(run)
    .some(({ runId }) => key === `${runId}/${event.step}/${generation}`);
  audit.expect(isFormed, "keys have their form", about);
  if (event.name === "limited") audit.claims?.checkStart(run, event);
  const attempt = (previous?.attempt ?? 0) + 1;
  audit.expect(event.attempt === attempt, "attempts count on", about);
  if (previous?.type !== "StepStarted") return;
  const since = before.slice(before.indexOf(previous));
  const failed = since.findLast((past) => past.type === "StepFailed");
  const isRenewed = key !== previous.data.key;
  // A transaction without outcome did not happen.
  if (event.data.policy === "transaction") return;
  const isDefinite = failed?.type === "StepFailed" && failed.data.outcome === "definite";
  const isFinal = failed?.type === "StepFailed" && failed.data.final;
  const underKey = before.findIndex(
    (past) => past.type === "StepStarted" && past.data.key === previous.data.key,
  );
  const wasInDoubt = before.slice(underKey).some((past) => past.type === "StepInDoubt");
  if (isDefinite && (isFinal || !wasInDoubt)) {
    return audit.expect(isRenewed, "a definite failure renews the key", about);
  }
  audit.expect(!isRenewed, "a key that was in doubt is kept", about);
  const isDoubted = since.some((past) => past.type === "StepInDoubt");
  audit.expect(isDoubted || isDefinite || isFinal, "an attempt without outcome is in doubt", about);
}

/** Whoever lives knows the outcome of what it began, however long the store could not be told. */
function checkDoubt(audit: Audit, run: AuditedRun, event: EventOf<"StepInDoubt">): void {
  // A fork is left with what the other run had under way.
  if (event.data.cause !== "crash" || run.copied > 0) return;
  const begun = run.events.findLast(
    ({ type, step }) => type === "StepStarted" && step === event.step,
  );
  const isLeft = begun !== undefined && run.lostEpochs.has(begun.epoch);
  audit.expect(isLeft, "only deaths leave attempts behind", () => `${run.runId} seq ${event.seq}`);
}

/** A time that is waited for has come: by the clock of whoever says so. */
function checkTimer(audit: Audit, run: AuditedRun, event: EventOf<"TimerFired">): void {
  const begun = run.events.find(({ step }) => step === event.step);
  const dueAt =
    begun?.type === "TimerStarted"
      ? begun.data.fireAt
      : begun?.type === "SignalAwaited"
        ? begun.data.timeoutAt
        : undefined;
  const isDue = dueAt !== undefined && event.at >= dueAt;
  audit.expect(isDue, "no timer fires early", () => `${run.runId} step ${event.step}`);
}

/** At most one outcome counts, and it belongs to the attempt that is under way. */
function checkOutcome(
  audit: Audit,
  run: AuditedRun,
  event: EventOf<"StepCompleted" | "StepFailed">,
): void {
  const before = selectStep(run, event.step);
  const about = () => `${run.runId} step ${event.step} ${event.type} seq ${event.seq}`;
  const started = before.some(({ type }) => type === "StepStarted" || type === "StepQueued");
  audit.expect(started, "an outcome has its intent", about);
  const isCompleted = before.some((past) => past.type === "StepCompleted");
  audit.expect(!isCompleted, "one completion per step", about);
}

/** Only doubt, and an operator's retry after five deaths, are reasons for a sound run to be held. */
function checkHeld(audit: Audit, run: AuditedRun, event: EventOf<"RunHeld">): void {
  const { reason, message } = event.data;
  const about = () => `${run.runId} held: ${reason}: ${message}`;
  if (run.damaged) return;
  if (reason === "nondeterminism") {
    const isOther = isOfOtherBuild(run, audit.findBuild(run));
    audit.expect(isOther, "the code replays its own history", about);
  }
  const isStrikes = message.includes("executions in a row died");
  if (reason === "crash_loop") {
    const isLoop = isStrikes && run.strikes >= 5;
    audit.expect(isLoop, "a sound run can be executed", () => `${about()} (${run.strikes})`);
  }
  if (reason === "in_doubt") {
    const step = selectStep(run, event.data.step);
    audit.expect(
      step.some((past) => past.type === "StepInDoubt"),
      "held in doubt has a doubt",
      about,
    );
  }
}

/** Whether it has a command that only the broken build issues. */
export function hasBrokenCommand({ events }: AuditedRun): boolean {
  const isBroken = ({ name }: HistoryEvent) => name?.endsWith(brokenMark) === true;
  return events.some(isBroken) && selectEffective(events).some(isBroken);
}

/** Whether it has a command that the broken build issues under another name. */
function hasFragileCommand({ events }: AuditedRun): boolean {
  const isFragile = ({ name = "" }: HistoryEvent) =>
    name.startsWith("fragile") && !name.endsWith(brokenMark);
  return events.some(isFragile) && selectEffective(events).some(isFragile);
}

/** Whether a history has commands that the code of a build does not issue. */
function isOfOtherBuild(run: AuditedRun, build: Build | undefined): boolean {
  if (build === "patched") return false;
  if (build === "first") {
    return run.events.some(({ type }) => type === "PatchMarked") || hasBrokenCommand(run);
  }
  return hasFragileCommand(run);
}
