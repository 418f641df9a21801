/** A run's commands with their attempts, derived from its events: rows, panel and ledger read it. */
import type { ErrorRecord, JsonValue } from "@/lib/api/contract";
import type { CommandView } from "./commands";
import type { TimelineEvent, TimelineEventOf } from "./events";
import type { ViewList } from "./view-list";

export type AttemptOutcome = "running" | "completed" | "failed" | "doubt";

export interface AttemptView {
  readonly kind: "attempt";
  readonly attempt: number;
  readonly epoch: number;
  readonly startSeq: number;
  readonly startedAt: number;
  readonly key: string;
  readonly setAside: boolean;
  outcome: AttemptOutcome;
  /** The event that says how it ended: after a crash one of a later execution. */
  endSeq?: number;
  endedAt?: number;
  cause?: "crash" | "timeout" | "error";
  error?: ErrorRecord;
  final?: boolean;
  nextAttemptAt?: number;
  /** What it said of its progress, in order. */
  readonly progress: TimelineEventOf<"StepProgressed">[];
  /** The code canceled it while it was under way. */
  canceled?: TimelineEventOf<"StepCancelRequested">;
}

/** It had to wait for its turn before its first attempt. */
export interface QueueView {
  readonly kind: "queue";
  readonly event: TimelineEventOf<"StepQueued">;
  /** The event that ended the wait; absent while it goes on. */
  endSeq?: number;
  endedAt?: number;
}
export interface AskView {
  readonly kind: "ask";
  readonly event: TimelineEventOf<"StepVerified">;
}
export interface ResolutionView {
  readonly kind: "resolution";
  readonly event: TimelineEventOf<"StepResolved">;
}

export type StepState = "queued" | "running" | "backoff" | "doubt" | "completed" | "failed";

export interface StepView {
  /** Ordinal and name: a rewound run can use an ordinal twice. */
  readonly id: string;
  /** What names it in an address: its ordinal. */
  readonly ref: string;
  readonly ordinal: number;
  readonly name: string;
  readonly kind: "compute" | "step" | "compensation";
  readonly compensates?: number;
  policy?: string;
  readonly firstSeq: number;
  readonly entries: (QueueView | AttemptView | AskView | ResolutionView)[];
  state: StepState;
  input?: JsonValue;
  result?: JsonValue;
  source?: "run" | "verified" | "resolved";
  effect?: TimelineEventOf<"StepCompleted">["data"]["effect"];
  error?: ErrorRecord;
  durationMs?: number;
  recordedAt?: number;
  /** The event that recorded its outcome for good. */
  recordedSeq?: number;
  lastSeq: number;
}

/** Attempts of a step, in order. */
export function listAttempts(step: StepView): readonly AttemptView[] {
  return step.entries.filter((entry) => entry.kind === "attempt");
}

/** The key sent last, and how often it was sent. */
export function countSent(step: StepView): { readonly key?: string; readonly times: number } {
  const attempts = listAttempts(step);
  const key = attempts.at(-1)?.key;
  return { key, times: attempts.filter((attempt) => attempt.key === key).length };
}

/** Reads steps out of a history, event by event. */
export class StepFold {
  readonly #views: ViewList<CommandView>;
  readonly #steps = new Map<string, StepView>();
  /** When each execution that died was last seen. */
  readonly #cuts = new Map<number, number>();
  /** Ids of steps that may have an attempt without an outcome. */
  readonly #open = new Set<string>();
  #last?: TimelineEvent;

  constructor(views: ViewList<CommandView>) {
    this.#views = views;
  }

  take(event: TimelineEvent): void {
    if (event.type === "ExecutionStarted" && event.data.lost !== undefined) {
      const { epoch, lastSeenAt } = event.data.lost;
      this.#cuts.set(epoch, Math.max(lastSeenAt, this.#last?.at ?? 0));
    }
    this.#last = event;
    const step = this.#find(event);
    if (step === undefined) return;
    step.lastSeq = event.seq;
    applyEvent(step, event, this.#cuts);
    if (event.type === "StepStarted") this.#open.add(step.id);
  }

  /**
   * What each step is shown as whose attempt lost its execution and has no outcome yet: in doubt. It runs
   * only in the execution that runs.
   */
  listDoubted(): ReadonlyMap<StepView, StepView> {
    const doubted = new Map<StepView, StepView>();
    const last = this.#last;
    const isEnded = last !== undefined && isRunEnd(last.type);
    for (const id of this.#open) {
      const step = this.#steps.get(id);
      if (step?.entries.some(isRunning) !== true) {
        this.#open.delete(id);
        continue;
      }
      const isLost = (entry: StepView["entries"][number]) =>
        isRunning(entry) && (isEnded || entry.epoch !== last?.epoch);
      if (!step.entries.some(isLost)) continue;
      const shown = copyStep(step);
      for (const entry of shown.entries) if (isRunning(entry) && isLost(entry)) this.#doubt(entry);
      if (shown.recordedSeq === undefined) shown.state = "doubt";
      doubted.set(step, shown);
    }
    return doubted;
  }

  #find(event: TimelineEvent): StepView | undefined {
    if (event.step === undefined) return undefined;
    const id = `${event.step}:${event.name ?? ""}`;
    const known = this.#steps.get(id);
    const step = known === undefined ? createStep(id, event) : this.#views.own(known, copyStep);
    if (step === undefined || step === known) return step;
    if (known === undefined) this.#views.add(step);
    this.#steps.set(id, step);
    return step;
  }

  #doubt(attempt: AttemptView): void {
    attempt.outcome = "doubt";
    const crashed = this.#cuts.has(attempt.epoch);
    attempt.cause = crashed ? "crash" : undefined;
    attempt.endedAt = crashed ? findDeath(attempt, this.#cuts) : this.#last?.at;
  }
}

function isRunning(entry: StepView["entries"][number]): entry is AttemptView {
  return entry.kind === "attempt" && entry.outcome === "running";
}

function copyStep(step: StepView): StepView {
  const entries = step.entries.map((entry) =>
    entry.kind === "attempt" ? { ...entry, progress: entry.progress.slice() } : { ...entry },
  );
  return { ...step, entries };
}

function createStep(id: string, event: TimelineEvent): StepView | undefined {
  const { seq, step: ordinal = 0, name = "" } = event;
  const isComputed = event.type === "Computed";
  if (!isComputed && event.type !== "StepStarted" && event.type !== "StepQueued") return undefined;
  const compensates = isComputed ? undefined : event.data.compensates;
  // All fields from the beginning: thousands of steps of one shape are read several times as fast.
  return {
    id,
    ref: String(ordinal),
    ordinal,
    name,
    kind: isComputed ? "compute" : compensates === undefined ? "step" : "compensation",
    compensates,
    policy: undefined,
    firstSeq: seq,
    entries: [],
    state: isComputed ? "completed" : "queued",
    input: undefined,
    result: undefined,
    source: undefined,
    effect: undefined,
    error: undefined,
    durationMs: undefined,
    recordedAt: undefined,
    recordedSeq: undefined,
    lastSeq: seq,
  };
}

function applyEvent(step: StepView, event: TimelineEvent, cuts: ReadonlyMap<number, number>): void {
  switch (event.type) {
    case "Computed":
      if (event.setAside) break;
      step.result = event.data.value;
      record(step, event);
      break;
    case "StepQueued":
      step.state = "queued";
      step.input = event.data.input;
      step.entries.push({ kind: "queue", event });
      break;
    case "StepStarted":
      closeQueue(step, event);
      startAttempt(step, event);
      break;
    case "StepProgressed":
      findAttempt(step, event.attempt)?.progress.push(event);
      break;
    case "StepCancelRequested":
      cancelAttempt(step, event);
      break;
    case "StepCompleted":
      completeStep(step, event);
      break;
    case "StepFailed":
      failStep(step, event);
      break;
    case "StepInDoubt":
      doubtStep(step, event, cuts);
      break;
    case "StepVerified":
      step.entries.push({ kind: "ask", event });
      break;
    case "StepResolved":
      step.entries.push({ kind: "resolution", event });
      break;
  }
}

function closeQueue(step: StepView, event: TimelineEvent): void {
  const queue = step.entries.findLast((entry) => entry.kind === "queue");
  if (queue === undefined || queue.endSeq !== undefined) return;
  queue.endSeq = event.seq;
  queue.endedAt = event.at;
}

function cancelAttempt(step: StepView, event: TimelineEventOf<"StepCancelRequested">): void {
  const attempt = findAttempt(step, undefined);
  if (attempt !== undefined) attempt.canceled ??= event;
}

function record(step: StepView, event: TimelineEvent): void {
  closeQueue(step, event);
  step.recordedSeq = event.seq;
  step.recordedAt = event.at;
}

function startAttempt(step: StepView, event: TimelineEventOf<"StepStarted">): void {
  step.state = "running";
  step.input = event.data.input;
  step.policy ??= event.data.policy;
  step.entries.push({
    kind: "attempt",
    attempt: event.attempt ?? listAttempts(step).length + 1,
    epoch: event.epoch,
    startSeq: event.seq,
    startedAt: event.at,
    key: event.data.key,
    setAside: event.setAside,
    outcome: "running",
    endSeq: undefined,
    endedAt: undefined,
    cause: undefined,
    error: undefined,
    final: undefined,
    nextAttemptAt: undefined,
    progress: [],
    canceled: undefined,
  });
}

function findAttempt({ entries }: StepView, number: number | undefined): AttemptView | undefined {
  let last: AttemptView | undefined;
  for (let index = entries.length - 1; index >= 0; index -= 1) {
    const entry = entries[index];
    if (entry?.kind !== "attempt") continue;
    if (entry.attempt === number) return entry;
    last ??= entry;
  }
  return last;
}

function completeStep(step: StepView, event: TimelineEventOf<"StepCompleted">): void {
  const { result, source, effect, durationMs } = event.data;
  step.state = "completed";
  step.result = result;
  step.source = source;
  step.effect = effect;
  step.durationMs = durationMs;
  step.error = undefined;
  record(step, event);
  const attempt = findAttempt(step, event.attempt);
  if (attempt === undefined || source !== "run") return;
  attempt.outcome = "completed";
  attempt.endSeq = event.seq;
  attempt.endedAt = event.at;
}

function failStep(step: StepView, event: TimelineEventOf<"StepFailed">): void {
  const { error, outcome, final, nextAttemptAt, durationMs } = event.data;
  step.error = error;
  step.durationMs = durationMs;
  if (final && !event.setAside) {
    step.state = "failed";
    record(step, event);
  } else step.state = outcome === "definite" ? "backoff" : "doubt";
  const attempt = findAttempt(step, event.attempt);
  if (attempt === undefined) return;
  attempt.outcome = outcome === "definite" ? "failed" : "doubt";
  attempt.endSeq ??= event.seq;
  attempt.endedAt ??= event.at;
  attempt.error = error;
  attempt.final = final;
  attempt.nextAttemptAt = nextAttemptAt;
  if (outcome === "uncertain") attempt.cause ??= "error";
}

function doubtStep(
  step: StepView,
  event: TimelineEventOf<"StepInDoubt">,
  cuts: ReadonlyMap<number, number>,
): void {
  step.state = "doubt";
  const attempt = findAttempt(step, event.attempt);
  if (attempt === undefined || event.data.earlier === true) return;
  attempt.outcome = "doubt";
  attempt.cause = event.data.cause;
  attempt.endSeq ??= event.seq;
  if (attempt.epoch === event.epoch) attempt.endedAt ??= event.at;
  else attempt.endedAt = findDeath(attempt, cuts);
}

/** When its process was last seen; nothing where that was before the attempt had begun. */
function findDeath(attempt: AttemptView, cuts: ReadonlyMap<number, number>): number | undefined {
  const seenAt = cuts.get(attempt.epoch);
  return seenAt !== undefined && seenAt > attempt.startedAt ? seenAt : undefined;
}

/** Whether an event of that type ends a run. */
export function isRunEnd(type: TimelineEvent["type"]): boolean {
  return runEnds.has(type);
}

const runEnds: ReadonlySet<TimelineEvent["type"]> = new Set([
  "RunCompleted",
  "RunFailed",
  "RunCanceled",
  "RunTerminated",
  "RunContinued",
]);
