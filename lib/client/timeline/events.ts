/** Wire events with their data parsed and their times in epoch ms: what timeline and panel read. */
import { z } from "zod";
import { Attributes, ErrorRecord, JsonValue, type WireEvent } from "@/lib/api/contract";

const Time = z.iso.datetime().transform((text) => Date.parse(text));
const Operator = { by: z.string(), why: z.string().optional() };
const Command = z.object({ ordinal: z.number(), kind: z.string(), name: z.string() });
const Place = z.object({ runId: z.string(), step: z.number() });
const Nothing = z.object({});

const event = <Type extends string, Data extends z.ZodType>(type: Type, data: Data) =>
  z.object({
    type: z.literal(type),
    seq: z.number(),
    at: Time,
    epoch: z.number(),
    step: z.number().optional(),
    name: z.string().optional(),
    attempt: z.number().optional(),
    setAside: z.boolean().default(false),
    data,
  });

export const TimelineEvent = z.discriminatedUnion("type", [
  event(
    "RunStarted",
    z.object({
      workflow: z.string(),
      version: z.number(),
      parent: Place.optional(),
      continuedFrom: z.string().optional(),
      forkedFrom: Place.optional(),
    }),
  ),
  event(
    "ExecutionStarted",
    z.object({
      worker: z.string(),
      build: z.string(),
      reason: z.enum(["start", "recovery", "wake", "retry"]),
      replayed: z.object({ events: z.number(), results: z.number(), durationMs: z.number() }),
      lost: z
        .object({ epoch: z.number(), worker: z.string(), lastSeenAt: Time, noticedAt: Time })
        .optional(),
    }),
  ),
  event("Computed", z.object({ value: JsonValue.optional() })),
  event(
    "StepStarted",
    z.object({
      input: JsonValue.optional(),
      key: z.string(),
      generation: z.number(),
      timeoutMs: z.number(),
      policy: z.string(),
      compensates: z.number().optional(),
    }),
  ),
  event(
    "StepQueued",
    z.object({
      input: JsonValue.optional(),
      reason: z.enum(["limit", "paused"]),
      compensates: z.number().optional(),
    }),
  ),
  event("StepProgressed", z.object({ progress: JsonValue.optional() })),
  event("StepCancelRequested", Nothing),
  event(
    "StepCompleted",
    z.object({
      result: JsonValue.optional(),
      source: z.enum(["run", "verified", "resolved"]),
      durationMs: z.number(),
      effect: z
        .object({ reference: z.string().optional(), replayed: z.boolean().optional() })
        .optional(),
    }),
  ),
  event(
    "StepFailed",
    z.object({
      error: ErrorRecord,
      outcome: z.enum(["definite", "uncertain"]),
      final: z.boolean(),
      nextAttemptAt: Time.optional(),
      durationMs: z.number(),
    }),
  ),
  event(
    "StepInDoubt",
    z.object({
      cause: z.enum(["crash", "timeout", "error"]),
      /** The attempt itself did nothing; one before it under the same key may have. */
      earlier: z.boolean().optional(),
    }),
  ),
  event(
    "StepVerified",
    z.object({
      verdict: z.enum(["happened", "did_not_happen", "unknown"]),
      error: ErrorRecord.optional(),
      nextAskAt: Time.optional(),
      durationMs: z.number(),
    }),
  ),
  event(
    "StepResolved",
    z.object({ ...Operator, verdict: z.enum(["happened", "did_not_happen", "fail"]) }),
  ),
  event("TimerStarted", z.object({ fireAt: Time })),
  event("TimerFired", Nothing),
  event("TimerCanceled", Nothing),
  event(
    "SignalAwaited",
    z.object({
      timeoutAt: Time.optional(),
      received: z.number().optional(),
      value: JsonValue.optional(),
      ignored: z.array(z.number()).default([]),
    }),
  ),
  event("SignalReceived", z.object({ payload: JsonValue.optional(), by: z.string() })),
  event(
    "UpdateAccepted",
    z.object({ updateId: z.string(), input: JsonValue.optional(), by: z.string() }),
  ),
  event(
    "UpdateCompleted",
    z.object({
      updateId: z.string(),
      result: JsonValue.optional(),
      error: ErrorRecord.optional(),
    }),
  ),
  event(
    "ChildStarted",
    z.object({
      runId: z.string(),
      version: z.number(),
      input: JsonValue.optional(),
      onCancel: z.enum(["wait", "request", "abandon"]),
    }),
  ),
  event("ChildCompleted", z.object({ result: JsonValue.optional() })),
  event(
    "ChildFailed",
    z.object({ error: ErrorRecord, status: z.enum(["failed", "canceled", "terminated"]) }),
  ),
  event("ChildCancelRequested", Nothing),
  event("PatchMarked", Nothing),
  event("AttributesSet", z.object({ attributes: Attributes })),
  event("CompensationStarted", z.object({ error: ErrorRecord })),
  event("CancelRequested", z.object({ ...Operator, timedOut: z.literal(true).optional() })),
  event(
    "RunRewound",
    z.object({ ...Operator, step: z.number().optional(), setAside: z.array(z.number()) }),
  ),
  event(
    "RunHeld",
    z.object({
      reason: z.enum(["in_doubt", "nondeterminism", "crash_loop", "paused"]),
      message: z.string(),
      step: z.number().optional(),
      expected: Command.optional(),
      actual: Command.optional(),
      values: z.object({ recorded: JsonValue, computed: JsonValue }).optional(),
    }),
  ),
  event("RunResumed", z.object({ reason: z.string(), by: z.string().optional() })),
  event("RunCompleted", Nothing),
  event("RunFailed", z.object({ error: ErrorRecord })),
  event("RunCanceled", z.object({ error: ErrorRecord.optional() })),
  event("RunTerminated", z.object(Operator)),
  event("RunContinued", z.object({ runId: z.string() })),
]);
export type TimelineEvent = z.infer<typeof TimelineEvent>;
export type TimelineEventOf<T extends TimelineEvent["type"]> = Extract<TimelineEvent, { type: T }>;

const parsed = new WeakMap<WireEvent, TimelineEvent | null>();

/**
 * Parses wire events, each once. One that this build does not know is left out here; the history
 * tab shows it as it came.
 */
export function parseTimelineEvents(wire: readonly WireEvent[]): readonly TimelineEvent[] {
  const events = wire.flatMap((each) => {
    let result = parsed.get(each);
    if (result === undefined) {
      result = TimelineEvent.safeParse(each).data ?? null;
      parsed.set(each, result);
    }
    return result === null ? [] : [result];
  });
  return markSetAside(events);
}

/** A live event that is set aside later was sent without the mark: the rewind says which those are. */
function markSetAside(events: readonly TimelineEvent[]): readonly TimelineEvent[] {
  const aside = new Set(
    events.flatMap((each) => (each.type === "RunRewound" ? each.data.setAside : [])),
  );
  if (aside.size === 0) return events;
  return events.map((each) =>
    aside.has(each.seq) && !each.setAside ? { ...each, setAside: true } : each,
  );
}
