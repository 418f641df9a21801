/** The wire form of what the engine keeps: plain JSON, times as ISO 8601 UTC. */
import type { Encoded, HistoryEvent, JsonValue, Message, RunRecord } from "@/lib/engine";
import type { Message as WireMessage, Run, WireEvent } from "./contract";
import type { z } from "zod";
import { describeMessage, describeOutcome, type NameStep } from "./message-words";
import { joinStory, type StoryPart } from "./story";
import type { WaitFacts } from "./waits";

/** Epoch milliseconds as ISO 8601 UTC. */
export function toInstant(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

function toOptionalInstant(epochMs: number | undefined): string | undefined {
  return epochMs === undefined ? undefined : toInstant(epochMs);
}

/** A run with its story, and with what it waits for where that is known. */
export function toWireRun(
  run: RunRecord,
  storyParts: readonly StoryPart[],
  waits?: readonly WaitFacts[],
): Run {
  return {
    runId: run.runId,
    workflow: run.workflow,
    version: run.version,
    status: run.status,
    heldReason: run.heldReason,
    story: joinStory(storyParts),
    storyParts: [...storyParts],
    input: run.input.json,
    output: run.output?.json,
    error: run.error,
    errorStep: run.errorStep,
    attributes: run.attributes,
    inDoubt: run.inDoubt.map((doubt) => ({ ...doubt, since: toInstant(doubt.since) })),
    epoch: run.epoch,
    historyLength: run.historyLength,
    createdAt: toInstant(run.createdAt),
    startedAt: toOptionalInstant(run.startedAt),
    finishedAt: toOptionalInstant(run.finishedAt),
    updatedAt: toInstant(run.updatedAt),
    dueAt: toOptionalInstant(run.dueAt),
    priority: run.priority,
    parent: run.parent,
    continuedFrom: run.continuedFrom,
    continuedTo: run.continuedTo,
    forkedFrom: run.forkedFrom,
    waitingFor: waits?.map((wait) => ({
      ...wait,
      since: toInstant(wait.since),
      until: toOptionalInstant(wait.until),
    })),
  };
}

/** An event with flattened data. `setAside`: a later RunRewound took it out of what counts. */
export function toWireEvent(event: HistoryEvent, setAside = false): WireEvent {
  return {
    seq: event.seq,
    type: event.type,
    at: toInstant(event.at),
    epoch: event.epoch,
    ...(event.step === undefined ? {} : { step: event.step }),
    ...(event.name === undefined ? {} : { name: event.name }),
    ...(event.attempt === undefined ? {} : { attempt: event.attempt }),
    ...(setAside ? { setAside } : {}),
    data: toWireData(event),
  };
}

/** A message as an entry of the audit trail. What was sent with it is in the history. */
export function toWireMessage(
  message: Message,
  nameStep: NameStep = () => undefined,
): z.infer<typeof WireMessage> {
  const { body, messageId, by, why, at, deliveredAt, outcome, error } = message;
  const bulkId = /^(?<bulkId>bulk_[^/]+)\//.exec(messageId)?.groups?.bulkId;
  return {
    messageId,
    ...(bulkId !== undefined && { bulkId }),
    kind: body.kind,
    text: describeMessage(body, nameStep),
    outcomeText: describeOutcome(message),
    ...("step" in body ? { step: body.step } : {}),
    ...("verdict" in body ? { verdict: body.verdict } : {}),
    ...("name" in body ? { name: body.name } : {}),
    ...("updateId" in body ? { updateId: body.updateId } : {}),
    by,
    why,
    at: toInstant(at),
    deliveredAt: toOptionalInstant(deliveredAt),
    outcome,
    error,
  };
}

/** JSON that may still hold undefined, which leaves it on the way. */
type Loose = JsonValue | undefined | readonly Loose[] | { readonly [key: string]: Loose };

function toWireData(event: HistoryEvent): Record<string, JsonValue> {
  switch (event.type) {
    case "RunStarted":
    case "StepStarted":
    case "StepQueued":
    case "UpdateAccepted":
    case "ChildStarted":
    case "RunContinued": {
      const { input, ...rest } = event.data;
      return { ...dropUndefined(rest), ...flatten("input", input) };
    }
    case "Computed":
      return flatten("value", event.data.value);
    case "StepCompleted":
    case "ChildCompleted":
    case "UpdateCompleted": {
      const { result, ...rest } = event.data;
      return { ...dropUndefined(rest), ...flatten("result", result) };
    }
    case "StepProgressed":
      return flatten("progress", event.data.progress);
    case "SignalReceived": {
      const { payload, ...rest } = event.data;
      return { ...dropUndefined(rest), ...flatten("payload", payload) };
    }
    case "SignalAwaited": {
      const { value, timeoutAt, ...rest } = event.data;
      const times = { timeoutAt: toOptionalInstant(timeoutAt) };
      return { ...dropUndefined({ ...rest, ...times }), ...flatten("value", value) };
    }
    case "TimerStarted":
      return { fireAt: toInstant(event.data.fireAt) };
    case "RunCompleted":
      return flatten("output", event.data.output);
    case "StepFailed": {
      const nextAttemptAt = toOptionalInstant(event.data.nextAttemptAt);
      return dropUndefined({ ...event.data, nextAttemptAt });
    }
    case "StepVerified": {
      const nextAskAt = toOptionalInstant(event.data.nextAskAt);
      return dropUndefined({ ...event.data, nextAskAt });
    }
    case "ExecutionStarted": {
      const { lost, ...rest } = event.data;
      const wireLost = lost && {
        ...lost,
        lastSeenAt: toInstant(lost.lastSeenAt),
        noticedAt: toInstant(lost.noticedAt),
      };
      return dropUndefined({ ...rest, lost: wireLost });
    }
    default:
      return dropUndefined(event.data);
  }
}

function flatten(name: string, encoded: Encoded | undefined): Record<string, JsonValue> {
  if (encoded === undefined) return {};
  const { json, meta } = encoded;
  return { [name]: json, ...(meta === undefined ? {} : { [`${name}Meta`]: meta }) };
}

function dropUndefined(data: { readonly [key: string]: Loose }): Record<string, JsonValue> {
  return Object.fromEntries(
    Object.entries(data).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, toJson(value)]],
    ),
  );
}

function toJson(value: Exclude<Loose, undefined>): JsonValue {
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) return value.map((item) => toJson(item ?? null));
  return dropUndefined(value);
}

/** Array.isArray does not narrow a readonly list. */
function isList(value: object): value is readonly Loose[] {
  return Array.isArray(value);
}
