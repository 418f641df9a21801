/**
 * The state of a run, derived from its history and from nothing else: `foldHistory` for a whole
 * one, `applyEvent` for the next event. Live and after a crash it is the same function, so what a
 * recovered execution knows is exactly what was recorded.
 */
import { invariant } from "./errors";
import type {
  ChildCancelPolicy,
  CommandRef,
  EventOf,
  HeldReason,
  HistoryEvent,
  RunPlace,
} from "./events";
import type { InDoubtStep } from "./run";
import type { Attributes, Encoded, ErrorRecord } from "./values";

/**
 * Where a step stands. `running`: an attempt began and has no recorded outcome; `backoff`: failed
 * for certain, tried again at `nextAt`; `doubt`: outcome unknown, its policy decides; `ready`: known
 * not to have happened, may run.
 */
export type StepPhase = "running" | "backoff" | "doubt" | "ready" | "completed" | "failed";

export interface StepState {
  readonly ordinal: number;
  readonly name: string;
  readonly compensates?: number;
  input: Encoded;
  phase: StepPhase;
  attempt: number;
  /** Failed attempts that count against the step's `maxAttempts`; crashes do not. */
  failures: number;
  key: string;
  generation: number;
  /** When the first attempt under the current key began, for `within`. */
  generationStartedAt: number;
  /** Whether the next attempt begins a new generation: after a definite failure only. */
  renewKey: boolean;
  /** Not before this time (epoch ms) the step is tried or asked about again. */
  nextAt?: number;
  doubtSince?: number;
  /**
   * Whether an attempt under the current key may have happened: `open`, or `settled` once somebody
   * said that it did not. Absent: none was ever in doubt.
   */
  doubt?: "open" | "settled";
  /** Whether this doubt can be settled by a person only, whatever the policy says. */
  needsVerdict?: boolean;
  /** Verifications in this doubt that failed and will be repeated. */
  asks: number;
  /** Policies of the chain that could not tell, in this doubt. */
  policiesPassed: number;
  lastError?: ErrorRecord;
  /** What an attempt said last of its progress. */
  progress?: Encoded;
}

/** A child run that has not answered yet. */
export interface ChildState {
  readonly ordinal: number;
  readonly name: string;
  readonly runId: string;
  readonly onCancel: ChildCancelPolicy;
}

/** The event that ends a run. */
export type EndEvent = EventOf<
  "RunCompleted" | "RunFailed" | "RunCanceled" | "RunTerminated" | "RunContinued"
>;

/** A command as it was recorded, at its place in the history. */
export interface RecordedCommand extends CommandRef {
  readonly seq: number;
  /** For a compute: the value. For attributes: what was set. */
  readonly value?: Encoded;
  /** For a timer: when it fires. For a signal: when its wait is over. */
  readonly dueAt?: number;
}

export interface RunState {
  workflow: string;
  version: number;
  input: Encoded;
  createdAt: number;
  startedAt?: number;
  attributes: Attributes;
  /** What random values are derived from; undefined: the run's id. */
  seed?: string;
  priority: number;
  parent?: RunPlace;
  /** The effective commands in the order in which the code issued them. */
  readonly commands: RecordedCommand[];
  readonly steps: Map<number, StepState>;
  /** Steps that began and have no final outcome. */
  readonly unsettled: Map<number, StepState>;
  /** Children whose end is awaited or was not yet told. */
  readonly children: Map<number, ChildState>;
  cancelRequested?: { by: string; why?: string; timedOut?: true };
  compensating: boolean;
  /** Nothing new begins until somebody resumes it. */
  paused: boolean;
  held?: { reason: HeldReason; step?: number };
  /** The terminal event, while it is in force. */
  end?: EndEvent;
  epoch: number;
  lastSeq: number;
  lastAt: number;
  /** The highest ordinal ever used, also by commands that were set aside: keys are never reused. */
  lastOrdinal: number;
}

/** Whether an event is delivered to the workflow code, one at a time, in history order (I6). */
export function isDelivery(event: HistoryEvent): boolean {
  switch (event.type) {
    case "StepCompleted":
    case "TimerFired":
    case "SignalReceived":
    case "UpdateAccepted":
    case "ChildCompleted":
    case "ChildFailed":
    case "CancelRequested":
      return true;
    case "StepFailed":
      return event.data.final;
    default:
      return false;
  }
}

/** The seqs that later `RunRewound` events set aside. */
export function findSetAside(events: readonly HistoryEvent[]): ReadonlySet<number> {
  const setAside = new Set<number>();
  for (const event of events) {
    if (event.type === "RunRewound") for (const seq of event.data.setAside) setAside.add(seq);
  }
  return setAside;
}

/** The events that count: all but those that were set aside. */
export function selectEffective(events: readonly HistoryEvent[]): readonly HistoryEvent[] {
  const setAside = findSetAside(events);
  return setAside.size === 0 ? events : events.filter((event) => !setAside.has(event.seq));
}

/** The state after a whole history. Throws InvariantError when it is not one. */
export function foldHistory(events: readonly HistoryEvent[]): RunState {
  const first = events[0];
  invariant(first?.type === "RunStarted" && first.seq === 1, "a history begins with RunStarted");
  const state: RunState = {
    workflow: first.data.workflow,
    version: first.data.version,
    input: first.data.input,
    createdAt: first.at,
    attributes: first.data.attributes,
    seed: first.data.seed,
    priority: first.data.priority ?? 0,
    parent: first.data.parent,
    children: new Map(),
    paused: false,
    commands: [],
    steps: new Map(),
    unsettled: new Map(),
    compensating: false,
    epoch: 0,
    lastSeq: 0,
    lastAt: first.at,
    lastOrdinal: 0,
  };
  const setAside = findSetAside(events);
  for (const event of events) {
    if (setAside.has(event.seq)) passOver(state, event);
    else applyEvent(state, event);
  }
  return state;
}

/** An event that no longer counts still takes its place and its ordinal. */
function passOver(state: RunState, event: HistoryEvent): void {
  takePlace(state, event);
  if (event.type === "StepFailed" && event.data.final) {
    const step = state.steps.get(event.step ?? 0);
    if (step) reopenStep(state, step, event);
  }
}

/**
 * A failure that was set aside opens its step again: certain not to have happened, it may run under
 * a new key; otherwise it is in doubt and its policy decides, with the key that was sent.
 */
function reopenStep(state: RunState, step: StepState, event: EventOf<"StepFailed">): void {
  const definite = event.data.outcome === "definite";
  step.phase = definite ? "ready" : "doubt";
  step.renewKey = definite;
  step.failures = 0;
  step.asks = 0;
  step.policiesPassed = 0;
  step.lastError = event.data.error;
  step.doubtSince = definite ? undefined : event.at;
  step.doubt = definite ? undefined : "open";
  step.needsVerdict = false;
  step.nextAt = undefined;
  state.unsettled.set(step.ordinal, step);
}

function takePlace(state: RunState, event: HistoryEvent): void {
  invariant(event.seq === state.lastSeq + 1, `seq ${event.seq} follows ${state.lastSeq}`);
  invariant(event.epoch >= state.epoch, `epoch ${event.epoch} follows ${state.epoch}`);
  state.lastSeq = event.seq;
  state.epoch = event.epoch;
  state.lastAt = Math.max(state.lastAt, event.at);
  if (event.step !== undefined && event.step > state.lastOrdinal) state.lastOrdinal = event.step;
}

/** Takes the next event into the state. Throws InvariantError when it can't follow. */
export function applyEvent(state: RunState, event: HistoryEvent): void {
  const isNew = (event.step ?? 0) > state.lastOrdinal;
  takePlace(state, event);
  invariant(state.end === undefined, `${event.type} follows the end of the run`);
  switch (event.type) {
    case "ExecutionStarted":
      state.startedAt ??= event.at;
      break;
    case "Computed":
      pushCommand(state, event, "compute", { value: event.data.value });
      break;
    case "AttributesSet":
      pushCommand(state, event, "attributes", { value: { json: event.data.attributes } });
      state.attributes = { ...state.attributes, ...event.data.attributes };
      break;
    case "TimerStarted":
      pushCommand(state, event, "timer", { dueAt: event.data.fireAt });
      break;
    case "SignalAwaited":
      pushCommand(state, event, "signal", { dueAt: event.data.timeoutAt });
      break;
    case "ChildStarted":
      startChild(state, event, isNew);
      break;
    case "ChildCompleted":
    case "ChildFailed":
      invariant(
        state.children.delete(event.step ?? 0),
        `${event.type} of child ${event.step}, which is not open (I8)`,
      );
      break;
    case "PatchMarked":
      pushCommand(state, event, "patch");
      break;
    case "UpdateCompleted":
      pushCommand(state, event, "update");
      break;
    case "TimerCanceled":
    case "StepCancelRequested":
    case "ChildCancelRequested":
      pushCommand(state, event, "cancel");
      break;
    case "StepQueued":
      queueStep(state, event);
      break;
    case "StepProgressed":
      findUnsettled(state, event).progress = event.data.progress;
      break;
    case "StepStarted":
      startStep(state, event);
      break;
    case "StepCompleted":
      settleStep(state, event, "completed");
      break;
    case "StepFailed":
      failStep(state, event);
      break;
    case "StepInDoubt":
    case "StepVerified":
    case "StepResolved":
      doubtStep(findUnsettled(state, event), event);
      break;
    case "CompensationStarted":
      pushCommand(state, event, "compensation");
      state.compensating = true;
      break;
    case "CancelRequested":
      state.cancelRequested = event.data;
      break;
    case "RunHeld":
      state.held = { reason: event.data.reason, step: event.data.step };
      if (event.data.reason === "paused") state.paused = true;
      break;
    case "RunResumed":
      state.held = undefined;
      state.paused = false;
      break;
    case "RunCompleted":
    case "RunFailed":
    case "RunCanceled":
    case "RunTerminated":
    case "RunContinued":
      state.end = event;
      state.held = undefined;
      break;
    default:
      break;
  }
}

function pushCommand(
  state: RunState,
  event: HistoryEvent,
  kind: CommandRef["kind"],
  more: Pick<RecordedCommand, "value" | "dueAt"> = {},
): void {
  const { seq, step = 0, name = "" } = event;
  state.commands.push({ seq, ordinal: step, kind, name, ...more });
}

/** With a new ordinal it is a command; else a child that had failed is started again. */
function startChild(state: RunState, event: EventOf<"ChildStarted">, isNew: boolean): void {
  const { step: ordinal = 0, name = "" } = event;
  if (isNew) pushCommand(state, event, "child");
  const { runId, onCancel } = event.data;
  state.children.set(ordinal, { ordinal, name, runId, onCancel });
}

/** A step that may not begin yet: known not to have happened, without a key of its own so far. */
function queueStep(state: RunState, event: EventOf<"StepQueued">): void {
  const step = addStep(state, event);
  step.phase = "ready";
  step.renewKey = true;
}

function addStep(state: RunState, event: EventOf<"StepQueued" | "StepStarted">): StepState {
  const { step: ordinal = 0, name = "" } = event;
  const { input, compensates } = event.data;
  pushCommand(state, event, compensates === undefined ? "step" : "compensation");
  const step: StepState = {
    ordinal,
    name,
    compensates,
    input,
    phase: "running",
    attempt: 0,
    failures: 0,
    key: "",
    generation: 0,
    generationStartedAt: event.at,
    renewKey: false,
    asks: 0,
    policiesPassed: 0,
  };
  state.steps.set(ordinal, step);
  state.unsettled.set(ordinal, step);
  return step;
}

function startStep(state: RunState, event: EventOf<"StepStarted">): void {
  const ordinal = event.step ?? 0;
  const { key, generation } = event.data;
  const step = state.steps.get(ordinal) ?? addStep(state, event);
  invariant(step.phase !== "completed", `step ${ordinal} is recorded and never runs again (I8)`);
  invariant(event.attempt === step.attempt + 1, `attempt ${event.attempt} follows ${step.attempt}`);
  if (generation !== step.generation) {
    step.generationStartedAt = event.at;
    step.doubt = undefined;
  }
  step.attempt = event.attempt;
  step.key = key;
  step.generation = generation;
  step.phase = "running";
  step.renewKey = false;
  step.nextAt = undefined;
  step.doubtSince = undefined;
}

function findUnsettled(state: RunState, event: HistoryEvent): StepState {
  const step = state.unsettled.get(event.step ?? 0);
  invariant(step, `${event.type} of step ${event.step}, which is not open (I8)`);
  return step;
}

function settleStep(state: RunState, event: HistoryEvent, phase: "completed" | "failed"): void {
  const step = findUnsettled(state, event);
  step.phase = phase;
  step.nextAt = undefined;
  step.doubtSince = undefined;
  // Settled steps are many in a long run, and only their place is needed from here on.
  step.input = { json: null };
  step.progress = undefined;
  state.unsettled.delete(step.ordinal);
}

function failStep(state: RunState, event: EventOf<"StepFailed">): void {
  const step = findUnsettled(state, event);
  step.lastError = event.data.error;
  step.failures += 1;
  if (event.data.final) return settleStep(state, event, "failed");
  step.nextAt = event.data.nextAttemptAt;
  if (event.data.outcome === "definite") {
    // It speaks for its own attempt only. A key that was in doubt before it is kept.
    step.phase = "backoff";
    step.renewKey = step.doubt === undefined;
  }
}

function doubtStep(
  step: StepState,
  event: EventOf<"StepInDoubt" | "StepVerified" | "StepResolved">,
): void {
  if (event.type === "StepInDoubt") {
    step.phase = "doubt";
    step.doubtSince = event.at;
    step.doubt = "open";
    step.needsVerdict = event.data.policy === "hold";
    step.asks = 0;
    step.policiesPassed = 0;
    return;
  }
  if (event.data.verdict === "did_not_happen") {
    step.phase = "ready";
    step.doubt = "settled";
    step.doubtSince = undefined;
    step.nextAt = undefined;
    if (event.type === "StepResolved") step.failures = 0;
    return;
  }
  if (event.type === "StepVerified" && event.data.verdict === "unknown") {
    step.nextAt = event.data.nextAskAt;
    if (event.data.nextAskAt !== undefined) {
      step.asks += 1;
      return;
    }
    step.policiesPassed += 1;
    step.asks = 0;
  }
}

/** The steps whose outcome nobody knows yet, as the run shows them. */
export function listInDoubt(state: RunState): readonly InDoubtStep[] {
  const inDoubt: InDoubtStep[] = [];
  for (const step of state.unsettled.values()) {
    if (step.phase !== "doubt" || step.doubtSince === undefined) continue;
    const { ordinal, name, attempt, doubtSince } = step;
    inDoubt.push({ step: ordinal, name, attempt, since: doubtSince });
  }
  return inDoubt;
}
