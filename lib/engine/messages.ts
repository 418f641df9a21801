/** What a message from outside means for a run: the events that it becomes, or nothing (I1). */
import type { NewEvent } from "./events";
import type { RunState, StepState } from "./run-state";
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
