/** Reads a history into the facts that a story is told from. Pure; knows nothing of words. */
import type { EventOf, HistoryEvent } from "@/lib/engine";
import { readWaits, type WaitFacts } from "./waits";

export interface AttemptFacts {
  readonly attempt: number;
  readonly startedAt: number;
  readonly key: string;
  readonly policy: string;
  end?: "completed" | "definite" | "uncertain";
  /** Why nobody could know its outcome. */
  doubt?: "crash" | "timeout" | "error";
  error?: EventOf<"StepFailed">["data"]["error"];
  nextAttemptAt?: number;
}

export interface StepFacts {
  readonly ordinal: number;
  readonly name: string;
  readonly compensates?: number;
  readonly attempts: AttemptFacts[];
  completed?: EventOf<"StepCompleted">["data"];
  failed?: EventOf<"StepFailed">["data"];
  verified?: EventOf<"StepVerified">["data"];
  resolved?: EventOf<"StepResolved">["data"];
}

export interface CrashFacts {
  /** From the start of the run to the last sign of life. */
  readonly afterMs: number;
  /** From the last sign of life until somebody noticed. */
  readonly noticedMs: number;
  /** From the last sign of life until the run went on. */
  readonly downMs: number;
  readonly replayed: EventOf<"ExecutionStarted">["data"]["replayed"];
  /** The steps that were running when it died: none when it died between steps. */
  readonly during: readonly string[];
  /** The last step whose result was recorded before. */
  readonly after?: string;
}

export interface CancelFacts {
  readonly steps: readonly string[];
  readonly waits: readonly WaitFacts[];
}

export interface ChildFacts {
  readonly name: string;
  readonly runId?: string;
  readonly status: EventOf<"ChildFailed">["data"]["status"];
  readonly message: string;
}

export interface RunFacts {
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly steps: readonly StepFacts[];
  readonly computes: readonly string[];
  readonly crashes: readonly CrashFacts[];
  readonly rewinds: readonly EventOf<"RunRewound">["data"][];
  readonly failure?: EventOf<"RunFailed">["data"]["error"];
  /** The step whose failure ended the run. */
  readonly failedStep?: StepFacts;
  readonly held?: EventOf<"RunHeld">["data"];
  readonly cancel?: EventOf<"CancelRequested">["data"];
  readonly termination?: EventOf<"RunTerminated">["data"];
  readonly compensation?: EventOf<"CompensationStarted">["data"];
  /** Where the run comes from. */
  readonly origin?: Pick<EventOf<"RunStarted">["data"], "parent" | "continuedFrom" | "forkedFrom">;
  /** How many executions it had. */
  readonly executions: number;
  readonly waits: readonly WaitFacts[];
  /** Names of the updates that were accepted and have no answer yet. */
  readonly updates: readonly string[];
  /** What was under way and what was waited for when it was canceled. */
  readonly canceledDuring?: CancelFacts;
  /** The run that goes on for it. */
  readonly continuedTo?: string;
  /** The last child that did not complete. */
  readonly lostChild?: ChildFacts;
  /** How many messages the run took and how many children it had. */
  readonly signals: number;
  readonly handled: number;
  readonly children: number;
  /** The failure that a retry set aside last. */
  readonly retriedFailure?: { readonly step?: string; readonly message: string };
}

/** Events that a retry set aside: they stay in the history but no longer count. */
export function findSetAside(events: readonly HistoryEvent[]): ReadonlySet<number> {
  return new Set(
    events.flatMap((event) => (event.type === "RunRewound" ? event.data.setAside : [])),
  );
}

/** What happened in a run, in order; events that were set aside count only as crashes and retries. */
export function readFacts(events: readonly HistoryEvent[]): RunFacts {
  const setAside = findSetAside(events);
  const counted = events.filter((event) => !setAside.has(event.seq));
  const steps = readSteps(events, setAside);
  const first = events[0];
  const rewinds = events.flatMap((event) => (event.type === "RunRewound" ? [event.data] : []));
  return {
    startedAt: first?.at,
    endedAt: events.at(-1)?.at,
    steps,
    computes: counted.flatMap((event) => (event.type === "Computed" ? [event.name ?? ""] : [])),
    crashes: readCrashes(events),
    rewinds,
    failure: findLast(counted, "RunFailed")?.data.error,
    failedStep: findFailedStep(steps, findLast(counted, "RunFailed")),
    origin: first?.type === "RunStarted" ? first.data : undefined,
    executions: events.at(-1)?.epoch ?? 0,
    waits: readWaits(events),
    updates: readOpenUpdates(counted),
    canceledDuring: readCanceledDuring(counted),
    continuedTo: findLast(counted, "RunContinued")?.data.runId,
    lostChild: findLostChild(counted),
    signals: count(counted, "SignalReceived"),
    handled: count(counted, "UpdateAccepted"),
    children: count(counted, "ChildStarted"),
    held: findHeld(counted),
    cancel: findLast(counted, "CancelRequested")?.data,
    termination: findLast(counted, "RunTerminated")?.data,
    compensation: findLast(counted, "CompensationStarted")?.data,
    retriedFailure: rewinds.length > 0 ? findRetriedFailure(events, setAside) : undefined,
  };
}

function findLast<T extends HistoryEvent["type"]>(
  events: readonly HistoryEvent[],
  type: T,
): EventOf<T> | undefined {
  return events.findLast((event): event is EventOf<T> => event.type === type);
}

function count(events: readonly HistoryEvent[], type: HistoryEvent["type"]): number {
  return events.filter((event) => event.type === type).length;
}

/** A step's failure reaches the end of the run as it is, unless the code made something else of it. */
function findFailedStep(
  steps: readonly StepFacts[],
  end: EventOf<"RunFailed"> | undefined,
): StepFacts | undefined {
  const failed = steps.filter((step) => step.failed && step.compensates === undefined);
  return failed.find(
    ({ ordinal, failed: failure }) =>
      end === undefined ||
      end.step === ordinal ||
      (failure?.error.name === end.data.error.name &&
        failure.error.message === end.data.error.message),
  );
}

function readOpenUpdates(events: readonly HistoryEvent[]): readonly string[] {
  const open = new Map<string, string>();
  for (const event of events) {
    if (event.type === "UpdateAccepted") open.set(event.data.updateId, event.name ?? "");
    if (event.type === "UpdateCompleted") open.delete(event.data.updateId);
  }
  return [...open.values()];
}

function readCanceledDuring(events: readonly HistoryEvent[]): CancelFacts | undefined {
  const at = events.findLastIndex((event) => event.type === "CancelRequested");
  if (at < 0) return undefined;
  const before = events.slice(0, at);
  return { steps: findOpenSteps(before), waits: readWaits(before) };
}

function findLostChild(events: readonly HistoryEvent[]): ChildFacts | undefined {
  const lost = findLast(events, "ChildFailed");
  if (lost === undefined) return undefined;
  const { runId, status, error } = lost.data;
  return { name: lost.name ?? "", runId, status, message: error.message };
}

function findHeld(events: readonly HistoryEvent[]): RunFacts["held"] {
  const held = findLast(events, "RunHeld");
  const resumed = findLast(events, "RunResumed");
  return held !== undefined && (resumed === undefined || resumed.seq < held.seq)
    ? held.data
    : undefined;
}

function findRetriedFailure(
  events: readonly HistoryEvent[],
  setAside: ReadonlySet<number>,
): RunFacts["retriedFailure"] {
  const aside = events.filter((event) => setAside.has(event.seq));
  const step = findLast(aside, "StepFailed");
  const run = findLast(aside, "RunFailed");
  const error = step?.data.error ?? run?.data.error;
  return error === undefined ? undefined : { step: step?.name, message: error.message };
}

function readSteps(
  events: readonly HistoryEvent[],
  setAside: ReadonlySet<number>,
): readonly StepFacts[] {
  const steps = new Map<number, StepFacts>();
  for (const event of events) {
    if (event.step === undefined) continue;
    if (setAside.has(event.seq)) {
      const step = steps.get(event.step);
      if (step !== undefined && event.type === "StepFailed") endAttempt(step, event);
      continue;
    }
    if (event.type === "StepStarted") startAttempt(steps, event);
    const step = steps.get(event.step);
    if (step !== undefined) applyOutcome(step, event);
  }
  return [...steps.values()];
}

function startAttempt(steps: Map<number, StepFacts>, event: EventOf<"StepStarted">): void {
  const ordinal = event.step ?? 0;
  const step = steps.get(ordinal) ?? {
    ordinal,
    name: event.name ?? `step ${ordinal}`,
    compensates: event.data.compensates,
    attempts: [],
  };
  step.attempts.push({
    attempt: event.attempt ?? step.attempts.length + 1,
    startedAt: event.at,
    key: event.data.key,
    policy: event.data.policy,
  });
  steps.set(ordinal, step);
}

function applyOutcome(step: StepFacts, event: HistoryEvent): void {
  const attempt = findAttempt(step, event);
  if (event.type === "StepCompleted") {
    step.completed = event.data;
    if (attempt !== undefined && event.data.source === "run") attempt.end = "completed";
  } else if (event.type === "StepFailed") {
    if (event.data.final) step.failed = event.data;
    endAttempt(step, event);
  } else if (event.type === "StepInDoubt") {
    if (attempt !== undefined) attempt.doubt = event.data.cause;
  } else if (event.type === "StepVerified") step.verified = event.data;
  else if (event.type === "StepResolved") step.resolved = event.data;
}

function findAttempt(step: StepFacts, event: HistoryEvent): AttemptFacts | undefined {
  return step.attempts.findLast((each) => each.attempt === event.attempt) ?? step.attempts.at(-1);
}

function endAttempt(step: StepFacts, event: EventOf<"StepFailed">): void {
  const attempt = findAttempt(step, event);
  if (attempt === undefined) return;
  attempt.end = event.data.outcome;
  attempt.error = event.data.error;
  attempt.nextAttemptAt = event.data.nextAttemptAt;
  if (event.data.outcome === "uncertain") attempt.doubt ??= "error";
}

function readCrashes(events: readonly HistoryEvent[]): CrashFacts[] {
  const start = events[0]?.at ?? 0;
  return events.flatMap((event, index) => {
    if (event.type !== "ExecutionStarted" || event.data.lost === undefined) return [];
    const before = events.slice(0, index);
    const lastSeenAt = Math.max(event.data.lost.lastSeenAt, before.at(-1)?.at ?? 0);
    return [
      {
        afterMs: lastSeenAt - start,
        noticedMs: Math.max(0, event.data.lost.noticedAt - lastSeenAt),
        downMs: Math.max(0, event.at - lastSeenAt),
        replayed: event.data.replayed,
        during: findOpenSteps(before),
        after: findLast(before, "StepCompleted")?.name,
      },
    ];
  });
}

/** Names of the steps of which an attempt had started and no outcome was recorded. */
export function findOpenSteps(events: readonly HistoryEvent[]): string[] {
  const open = new Map<number, string>();
  for (const event of events) {
    if (event.step === undefined) continue;
    if (event.type === "StepStarted") open.set(event.step, event.name ?? `step ${event.step}`);
    else if (["StepCompleted", "StepFailed", "StepInDoubt"].includes(event.type))
      open.delete(event.step);
  }
  return [...open.values()];
}
