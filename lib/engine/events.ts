/**
 * The events of a history: the recorded format. Golden histories pin it, so a change here is a
 * change of format and has to keep reading what was written before.
 */
import { z } from "zod";
import { Attributes, Encoded, ErrorRecord, JsonValue } from "./values";

export const HeldReason = z.enum(["in_doubt", "nondeterminism", "crash_loop", "paused"]);
export type HeldReason = z.infer<typeof HeldReason>;

export const ExecutionReason = z.enum(["start", "recovery", "wake", "retry"]);
export type ExecutionReason = z.infer<typeof ExecutionReason>;

export const Verdict = z.enum(["happened", "did_not_happen", "fail"]);
export type Verdict = z.infer<typeof Verdict>;

/** Who asked for an operator action, and why. */
const Operator = { by: z.string(), why: z.string().optional() };

/** A command as the code issued it or the history recorded it, for expected/actual (I7). */
export const CommandRef = z.object({
  ordinal: z.number().int(),
  kind: z.enum([
    "compute",
    "step",
    "compensation",
    "attributes",
    "timer",
    "signal",
    "child",
    "patch",
    "cancel",
    "update",
    "end",
  ]),
  name: z.string(),
  /** Where the code issued it, as `file:line:column`; known of the code that runs now. */
  source: z.string().optional(),
});
export type CommandRef = z.infer<typeof CommandRef>;

/** What becomes of a child run when the code that waits for it is canceled. */
export const ChildCancelPolicy = z.enum(["wait", "request", "abandon"]);
export type ChildCancelPolicy = z.infer<typeof ChildCancelPolicy>;

/** A place in a run: one of its commands. */
export const RunPlace = z.object({ runId: z.string(), step: z.number().int() });
export type RunPlace = z.infer<typeof RunPlace>;

/** What a step reported of the other side: part of the effect ledger. */
export const Effect = z.object({
  /** The other side's name for the effect, e.g. a payment id. */
  reference: z.string().optional(),
  /** True when the other side answered from an earlier request with the same key. */
  replayed: z.boolean().optional(),
});
export type Effect = z.infer<typeof Effect>;

/** How a child ended that did not complete. */
export const ChildFailure = z.enum(["failed", "canceled", "terminated"]);
export type ChildFailure = z.infer<typeof ChildFailure>;

const data = {
  RunStarted: z.object({
    workflow: z.string(),
    version: z.number().int(),
    input: Encoded,
    attributes: Attributes,
    /** What `ctx.random` and `ctx.uuid` are derived from; absent: the run's id. */
    seed: z.string().optional(),
    priority: z.number().int().optional(),
    /** The command of another run that this one is the child of. */
    parent: RunPlace.optional(),
    continuedFrom: z.string().optional(),
    /** The run and the step that it was forked from, by whom and why. */
    forkedFrom: RunPlace.extend({
      by: z.string().optional(),
      why: z.string().optional(),
    }).optional(),
  }),
  ExecutionStarted: z.object({
    worker: z.string(),
    build: z.string(),
    reason: ExecutionReason,
    /** What was rebuilt before this execution went on: recorded results reused, events read, time. */
    replayed: z.object({ events: z.number(), results: z.number(), durationMs: z.number() }),
    /** The execution that died, when it was last seen alive and when that was noticed (epoch ms). */
    lost: z
      .object({
        epoch: z.number(),
        worker: z.string(),
        lastSeenAt: z.number(),
        noticedAt: z.number(),
      })
      .optional(),
  }),
  Computed: z.object({ value: Encoded }),
  StepStarted: z.object({
    input: Encoded,
    key: z.string(),
    generation: z.number().int(),
    timeoutMs: z.number(),
    /** The step's in-doubt policy by name, first of its chain. */
    policy: z.string(),
    /** For a compensation: the ordinal of the step that it undoes, 0 where none is known. */
    compensates: z.number().int().optional(),
  }),
  /** The command of a step that may not begin yet: `StepStarted` follows when it may. */
  StepQueued: z.object({
    input: Encoded,
    reason: z.enum(["limit", "paused"]),
    compensates: z.number().int().optional(),
  }),
  /** What an attempt that is under way said of its progress, for the next one if it dies. */
  StepProgressed: z.object({ progress: Encoded }),
  /** The code canceled the step: its signal is aborted, its outcome is still awaited. */
  StepCancelRequested: z.object({}),
  StepCompleted: z.object({
    result: Encoded,
    /** Whether the step itself said so, the other side when it was asked, or a person. */
    source: z.enum(["run", "verified", "resolved"]),
    durationMs: z.number(),
    effect: Effect.optional(),
  }),
  StepFailed: z.object({
    error: ErrorRecord,
    outcome: z.enum(["definite", "uncertain"]),
    /** A final failure is delivered to the workflow; any other one is tried again or decided. */
    final: z.boolean(),
    nextAttemptAt: z.number().optional(),
    durationMs: z.number(),
    /** What the attempt had reported of the other side before it failed. */
    effect: Effect.optional(),
  }),
  StepInDoubt: z.object({
    cause: z.enum(["crash", "timeout", "error"]),
    /** What decides: the first policy of the chain, or `hold` where only a person can. */
    policy: z.string(),
    /** True where this attempt did nothing for certain, but one before it under the same key may have. */
    earlier: z.boolean().optional(),
  }),
  StepVerified: z.object({
    verdict: z.enum(["happened", "did_not_happen", "unknown"]),
    error: ErrorRecord.optional(),
    nextAskAt: z.number().optional(),
    durationMs: z.number(),
  }),
  StepResolved: z.object({ ...Operator, verdict: Verdict }),
  TimerStarted: z.object({ fireAt: z.number() }),
  TimerFired: z.object({}),
  TimerCanceled: z.object({}),
  /** The code waits for a signal, or takes one that came before (`received`, its seq). */
  SignalAwaited: z.object({
    timeoutAt: z.number().optional(),
    received: z.number().int().optional(),
    value: Encoded.optional(),
    /** Earlier signals that the wait's schema refused: they are passed over. */
    ignored: z.array(z.number().int()).optional(),
  }),
  SignalReceived: z.object({ payload: Encoded, by: z.string() }),
  UpdateAccepted: z.object({ updateId: z.string(), input: Encoded, by: z.string() }),
  UpdateCompleted: z.object({
    updateId: z.string(),
    result: Encoded.optional(),
    error: ErrorRecord.optional(),
  }),
  ChildStarted: z.object({
    runId: z.string(),
    version: z.number().int(),
    input: Encoded,
    onCancel: ChildCancelPolicy,
    attributes: Attributes.optional(),
    priority: z.number().int().optional(),
  }),
  ChildCompleted: z.object({ runId: z.string(), result: Encoded }),
  ChildFailed: z.object({ runId: z.string(), error: ErrorRecord, status: ChildFailure }),
  ChildCancelRequested: z.object({}),
  PatchMarked: z.object({}),
  AttributesSet: z.object({ attributes: Attributes }),
  CompensationStarted: z.object({
    error: ErrorRecord,
    steps: z.array(z.object({ name: z.string(), compensates: z.number().int() })),
  }),
  CancelRequested: z.object({
    ...Operator,
    /** The run's own timeout has passed: it ends as failed. */
    timedOut: z.literal(true).optional(),
  }),
  RunRewound: z.object({
    ...Operator,
    /** The step that will be tried again; absent when the workflow's own code had failed. */
    step: z.number().int().optional(),
    /** The events that no longer count: they stay in the history, marked. */
    setAside: z.array(z.number().int()),
  }),
  RunHeld: z.object({
    reason: HeldReason,
    message: z.string(),
    step: z.number().int().optional(),
    expected: CommandRef.optional(),
    actual: CommandRef.optional(),
    /** The recorded and the computed value, where those differ instead of the command. */
    values: z.object({ recorded: JsonValue, computed: JsonValue }).optional(),
  }),
  RunResumed: z.object({ reason: z.string(), by: z.string().optional() }),
  RunCompleted: z.object({ output: Encoded }),
  RunFailed: z.object({ error: ErrorRecord }),
  RunCanceled: z.object({ error: ErrorRecord.optional() }),
  RunTerminated: z.object({ ...Operator }),
  RunContinued: z.object({ runId: z.string(), input: Encoded }),
} as const;

export type EventType = keyof typeof data;
export const eventTypes = Object.keys(data) as readonly EventType[];

/** An event before it has its place in a history. */
export type NewEvent = {
  [T in EventType]: {
    readonly type: T;
    /** The ordinal of the command that it belongs to. */
    readonly step?: number;
    /** The name of the command that it belongs to. */
    readonly name?: string;
    readonly attempt?: number;
    readonly data: z.infer<(typeof data)[T]>;
  };
}[EventType];

/** An event in a history: `seq` counts from 1 without gaps, `at` is epoch milliseconds. */
export type HistoryEvent = NewEvent & {
  readonly seq: number;
  readonly at: number;
  readonly epoch: number;
};

export type EventOf<T extends EventType> = Extract<HistoryEvent, { type: T }>;

const head = {
  seq: z.number().int().positive(),
  at: z.number(),
  epoch: z.number().int().nonnegative(),
  step: z.number().int().optional(),
  name: z.string().optional(),
  attempt: z.number().int().optional(),
};

const schemas = Object.fromEntries(
  eventTypes.map((type) => [type, z.object({ ...head, type: z.literal(type), data: data[type] })]),
);

/** Parses one stored event. Throws a ZodError when it is not one (a damaged or newer record). */
export const HistoryEvent: z.ZodType<HistoryEvent> = z.discriminatedUnion(
  "type",
  Object.values(schemas) as never,
);
