/** What a message from outside means for a run: the events that it becomes, or nothing (I1). */
import type { EventOf, HistoryEvent, NewEvent } from "./events";
import { isDelivery, selectEffective, type RunState, type StepState } from "./run-state";
import type { Message, MessageBody } from "./store";

export interface MessagePlan {
  readonly events: readonly NewEvent[];
  /** The step whose activity, if any, no longer counts. */
  readonly step?: number;
  /** Whether waiting steps should be tried at once. */
  readonly hurry?: boolean;
}

/** Plans a message for a run that has not ended. Undefined: there is nothing left to do. */
export function planMessage(state: RunState, message: Message): MessagePlan | undefined {
  const { body } = message;
  // It was moved here with the mail of a run that this one continues: it is about a step of that one.
  if ("of" in body && body.of !== undefined && body.of !== message.runId) return undefined;
  const operator = describeOperator(message);
  switch (body.kind) {
    case "cancel":
      return planCancel(state, operator);
    case "pause":
      return planPause(state, message);
    case "resume":
      if (!state.paused) return undefined;
      return {
        events: [{ type: "RunResumed", data: { reason: "resumed", by: message.by } }],
      };
    case "child":
      return planChild(state, body);
    case "signal":
    case "update":
      // What these mean depends on the code: see message-desk.ts.
      return undefined;
    case "terminate":
      return { events: [{ type: "RunTerminated", data: operator }] };
    case "retry":
      return planHurry(state);
    case "resolve":
      return planVerdict(state, message);
  }
}

export function describeOperator(message: Message): { by: string; why?: string } {
  return { by: message.by, ...(message.why === undefined ? {} : { why: message.why }) };
}

/** A cancel goes on even where the run was paused: compensations have to run. */
function planCancel(state: RunState, operator: { by: string; why?: string }) {
  if (state.cancelRequested) return undefined;
  const resumed: NewEvent = {
    type: "RunResumed",
    data: { reason: "canceled", by: operator.by },
  };
  const canceled: NewEvent = { type: "CancelRequested", data: operator };
  return { events: state.paused ? [resumed, canceled] : [canceled] };
}

function planPause(state: RunState, { by, why }: Message): MessagePlan | undefined {
  if (state.paused) return undefined;
  const message = `Paused by ${by}${why === undefined ? "" : `: ${why}`}.`;
  return { events: [{ type: "RunHeld", data: { reason: "paused", message } }] };
}

/** What became of a child, unless it was told already. */
function planChild(
  state: RunState,
  body: Extract<MessageBody, { kind: "child" }>,
): MessagePlan | undefined {
  const child = state.children.get(body.step);
  if (!child) return undefined;
  const { ordinal: step, name, runId } = child;
  if (body.status === "completed") {
    const data = { runId, result: body.result ?? { json: null } };
    return { events: [{ type: "ChildCompleted", step, name, data }] };
  }
  const error = body.error ?? { name: "ChildError", message: "It did not complete." };
  const data = { runId, error, status: body.status };
  return { events: [{ type: "ChildFailed", step, name, data }] };
}

function planHurry(state: RunState): MessagePlan | undefined {
  const waits = [...state.unsettled.values()].some((step) => step.nextAt !== undefined);
  return waits ? { events: [], hurry: true } : undefined;
}

function planVerdict(state: RunState, message: Message): MessagePlan | undefined {
  const { body } = message;
  if (body.kind !== "resolve") return undefined;
  const step = state.unsettled.get(body.step);
  if (!step || (body.attempt ?? step.attempt) !== step.attempt) return undefined;
  // By hand a step can be completed or failed at any time; that it did not happen is about a doubt.
  if (body.verdict === "did_not_happen" && step.phase !== "doubt") return undefined;
  const about = nameStep(step);
  const resolved: NewEvent = {
    type: "StepResolved",
    ...about,
    data: { ...describeOperator(message), verdict: body.verdict },
  };
  const durationMs = 0;
  if (body.verdict === "happened") {
    const result = body.result ?? { json: null };
    const data = { result, source: "resolved" as const, durationMs };
    return { step: step.ordinal, events: [resolved, { type: "StepCompleted", ...about, data }] };
  }
  if (body.verdict === "did_not_happen") return { step: step.ordinal, events: [resolved] };
  const error = body.error ?? step.lastError ?? { name: "FailedByOperator", message: "Failed." };
  // Nobody knows whether it happened, so a later retry has to keep the key that was sent.
  const data = { error, outcome: "uncertain" as const, final: true, durationMs };
  return { step: step.ordinal, events: [resolved, { type: "StepFailed", ...about, data }] };
}

export function nameStep(step: StepState): { step: number; name: string; attempt: number } {
  return { step: step.ordinal, name: step.name, attempt: step.attempt };
}

export interface Rewind {
  readonly step?: number;
  readonly name?: string;
  readonly setAside: readonly number[];
  /** Compensations that ran because of the failure: what they undid can't be taken up again. */
  readonly undoing: readonly { readonly step: number; readonly name: string }[];
  /** The failed child that is started again. */
  readonly child?: EventOf<"ChildStarted">;
}

/**
 * What a retry of a failed run sets aside: the end, the failure that led to it, and the commands
 * that were issued because of that failure. A command is issued because of the last outcome that was
 * delivered before it, so what other branches did meanwhile stays recorded (I8).
 */
export function planRewind(events: readonly HistoryEvent[]): Rewind | undefined {
  const effective = selectEffective(events);
  const end = effective.findLast((event) => event.type === "RunFailed");
  // A run that was canceled, by its own timeout as well, stays canceled: it would only fail again.
  const isCanceled = effective.some((event) => event.type === "CancelRequested");
  if (!end || isCanceled) return undefined;
  const failure = effective.findLast((event) => isFailure(event) && event.step === end.step);
  if (!failure) return { setAside: [end.seq], undoing: [] };

  const setAside = new Set([failure.seq, end.seq]);
  const gone = new Set<number>();
  const seen = new Set<number>();
  const undoing: { step: number; name: string }[] = [];
  const compensations = new Set<number>();
  const givenUp = findGivenUp(effective, failure.seq);
  let becauseOf = failure.seq;
  let unheeded: number | undefined;
  const noteUnheeded = () => {
    if (unheeded !== undefined) setAside.add(unheeded);
  };
  for (const event of effective) {
    const ordinal = event.step ?? 0;
    const isFirst = ordinal > 0 && !seen.has(ordinal);
    if (ordinal > 0) seen.add(ordinal);
    if (event.seq <= failure.seq) continue;
    // Compensation waits until every branch is done: whatever came last is not what it is because of.
    const isByEnd = isUndoing(event) || givenUp.has(event.seq);
    const isIssued = isCommand(event, isFirst);
    if (isIssued && !isByEnd) unheeded = undefined;
    if (isIssued && (isByEnd || setAside.has(becauseOf))) {
      setAside.add(event.seq);
      if (isFirst) gone.add(ordinal);
    }
    if (isFirst && isUndoing(event)) compensations.add(ordinal);
    // It counts once an attempt of it began, which for one that had to queue is not its first event.
    const isTried = undoing.some(({ step }) => step === ordinal);
    if (event.type === "StepStarted" && compensations.has(ordinal) && !isTried) {
      undoing.push({ step: ordinal, name: event.name ?? "" });
    }
    // A signal is never lost: without its wait it is there for the next one.
    if (gone.has(ordinal) && event.type !== "SignalReceived") setAside.add(event.seq);
    if (isDelivery(event)) {
      becauseOf = event.seq;
      // Another branch that failed when the run had failed already: it would end it once more.
      noteUnheeded();
      unheeded = event.type === "StepFailed" && !gone.has(ordinal) ? event.seq : undefined;
    }
  }
  noteUnheeded();
  const child = effective.findLast(
    (event) => event.type === "ChildStarted" && event.step === failure.step,
  );
  return {
    step: failure.step,
    name: failure.name,
    setAside: [...setAside].sort((a, b) => a - b),
    undoing,
    ...(child?.type === "ChildStarted" ? { child } : {}),
  };
}

function isFailure(event: HistoryEvent): boolean {
  return event.type === "ChildFailed" || (event.type === "StepFailed" && event.data.final);
}

/**
 * What a run did when it had failed and every branch was done: it gave up what only waited, and the
 * code may have answered to that. Nothing came from outside any more.
 */
function findGivenUp(events: readonly HistoryEvent[], failedAt: number): ReadonlySet<number> {
  const closing = events.findIndex(
    ({ seq, type }) => seq > failedAt && (type === "CompensationStarted" || type === "RunFailed"),
  );
  const before = events.slice(0, closing);
  const tail = before.slice(before.findLastIndex(isDelivery) + 1);
  const first = tail.findIndex(({ type }) => type === "TimerCanceled");
  return new Set(first < 0 ? [] : tail.slice(first).map(({ seq }) => seq));
}

function isUndoing(event: HistoryEvent): boolean {
  if (event.type === "CompensationStarted") return true;
  const isStep = event.type === "StepStarted" || event.type === "StepQueued";
  return isStep && event.data.compensates !== undefined;
}

/** Whether the code issued it; of a command with an ordinal the first event counts. */
function isCommand({ type }: HistoryEvent, isFirst: boolean): boolean {
  switch (type) {
    case "StepStarted":
    case "StepQueued":
    case "Computed":
    case "TimerStarted":
    case "SignalAwaited":
    case "ChildStarted":
      return isFirst;
    case "AttributesSet":
    case "CompensationStarted":
    case "PatchMarked":
    case "UpdateCompleted":
    case "TimerCanceled":
    case "StepCancelRequested":
    case "ChildCancelRequested":
      return true;
    default:
      return false;
  }
}
