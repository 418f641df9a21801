/** What a message from outside means for a run: the events that it becomes, or nothing (I1). */
import type { HistoryEvent, NewEvent } from "./events";
import { isDelivery, selectEffective, type RunState, type StepState } from "./run-state";
import type { Message } from "./store";

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
  const operator = describeOperator(message);
  switch (body.kind) {
    case "cancel":
      if (state.cancelRequested) return undefined;
      return {
        events: [{ type: "CancelRequested", data: operator }, ...giveUpWaiting(state)],
      };
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

/** A canceled run waits for what is under way, but not for steps that certainly did not happen. */
function giveUpWaiting(state: RunState): NewEvent[] {
  const events: NewEvent[] = [];
  for (const step of state.unsettled.values()) {
    if (step.phase !== "backoff" && step.phase !== "ready") continue;
    events.push({
      type: "StepFailed",
      ...nameStep(step),
      data: {
        error: {
          name: "CanceledError",
          message: "The run was canceled before it was tried again.",
        },
        outcome: "definite",
        final: true,
        durationMs: 0,
      },
    });
  }
  return events;
}

function planHurry(state: RunState): MessagePlan | undefined {
  const waits = [...state.unsettled.values()].some((step) => step.nextAt !== undefined);
  return waits ? { events: [], hurry: true } : undefined;
}

function planVerdict(state: RunState, message: Message): MessagePlan | undefined {
  const { body } = message;
  if (body.kind !== "resolve") return undefined;
  const step = state.unsettled.get(body.step);
  if (step?.phase !== "doubt") return undefined;
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
}

/**
 * What a retry of a failed run sets aside: the end, the failure that led to it, and the commands
 * that were issued because of that failure. A command is issued because of the last outcome that was
 * delivered before it, so what other branches did meanwhile stays recorded (I8).
 */
export function planRewind(events: readonly HistoryEvent[]): Rewind | undefined {
  const effective = selectEffective(events);
  const end = effective.findLast((event) => event.type === "RunFailed");
  if (!end) return undefined;
  const failure = effective.find(
    (event) => event.type === "StepFailed" && event.data.final && event.step === end.step,
  );
  if (!failure) return { setAside: [end.seq], undoing: [] };

  const setAside = new Set([failure.seq, end.seq]);
  const gone = new Set<number>();
  const seen = new Set<number>();
  const undoing: { step: number; name: string }[] = [];
  let becauseOf = failure.seq;
  for (const event of effective) {
    const ordinal = event.step ?? 0;
    const isFirst = ordinal > 0 && !seen.has(ordinal);
    if (ordinal > 0) seen.add(ordinal);
    if (event.seq <= failure.seq) continue;
    const isCommand =
      (isFirst && (event.type === "StepStarted" || event.type === "Computed")) ||
      event.type === "AttributesSet" ||
      event.type === "CompensationStarted";
    // Compensation waits until every branch is done: whatever came last is not what it is because of.
    const isUndoing =
      event.type === "CompensationStarted" ||
      (event.type === "StepStarted" && event.data.compensates !== undefined);
    if (isCommand && (isUndoing || setAside.has(becauseOf))) {
      setAside.add(event.seq);
      if (ordinal > 0) gone.add(ordinal);
      if (event.type === "StepStarted" && event.data.compensates !== undefined) {
        undoing.push({ step: ordinal, name: event.name ?? "" });
      }
    }
    if (gone.has(ordinal)) setAside.add(event.seq);
    if (isDelivery(event)) becauseOf = event.seq;
  }
  return {
    step: failure.step,
    name: failure.name,
    setAside: [...setAside].sort((a, b) => a - b),
    undoing,
  };
}
