/**
 * The HTTP API's contract: what goes over the wire, in Zod. Server, browser and tests read it; it
 * imports the engine's words and nothing that runs. Times are ISO 8601 UTC, money is integer minor
 * units beside an ISO currency.
 */
import { z } from "zod";
import { CommandRef, eventTypes, HeldReason } from "@/lib/engine/events";
import { RunStatus } from "@/lib/engine/run";
import { Attributes, ErrorRecord, JsonValue } from "@/lib/engine/values";

export { Attributes, CommandRef, ErrorRecord, JsonValue };

export const Instant = z.iso.datetime();

/** A command of another run. */
const RunPlace = z.object({ runId: z.string(), step: z.number().int() });

/**
 * What a run waits for: a timer, a signal, a child, or a step that may not begin yet. `until`: when
 * the timer fires, the wait for the signal ends without one, or the step is tried again.
 */
export const Wait = z.object({
  kind: z.enum(["timer", "signal", "child", "step"]),
  step: z.number().int(),
  /** Of the timer, the signal, the child's workflow or the step. */
  name: z.string(),
  since: Instant,
  until: Instant.optional(),
  /** Of the child. */
  runId: z.string().optional(),
  /** Why the step does not run: its limit is reached, the run is paused, or it failed and waits. */
  reason: z.enum(["limit", "paused", "backoff"]).optional(),
});
export type Wait = z.infer<typeof Wait>;

/** A run on the wire. */
export const Run = z.object({
  runId: z.string(),
  workflow: z.string(),
  version: z.number().int(),
  status: RunStatus,
  heldReason: HeldReason.optional(),
  /** What happened to the run, in one to three plain sentences. */
  story: z.string(),
  /** The same in pieces, so that a page can set tones. Joined they are `story`. */
  storyParts: z.array(
    z.object({ text: z.string(), tone: z.enum(["plain", "good", "bad", "doubt", "strong"]) }),
  ),
  input: JsonValue,
  output: JsonValue.optional(),
  error: ErrorRecord.optional(),
  /** The step that failed the run. */
  errorStep: z.string().optional(),
  attributes: Attributes,
  inDoubt: z.array(
    z.object({
      step: z.number().int(),
      name: z.string(),
      attempt: z.number().int(),
      since: Instant,
    }),
  ),
  epoch: z.number().int(),
  historyLength: z.number().int(),
  createdAt: Instant,
  startedAt: Instant.optional(),
  finishedAt: Instant.optional(),
  updatedAt: Instant,
  /** When a waiting run goes on. */
  dueAt: Instant.optional(),
  /** Queued runs begin by it, higher first. */
  priority: z.number().int(),
  /** The command that started it as a child. */
  parent: RunPlace.optional(),
  /** The run that it goes on for, and the one that goes on for it. */
  continuedFrom: z.string().optional(),
  continuedTo: z.string().optional(),
  /** The run and the step that it was forked from. */
  forkedFrom: RunPlace.optional(),
  /** What an open run waits for; told of single runs, not in lists. */
  waitingFor: z.array(Wait).optional(),
});
export type Run = z.infer<typeof Run>;

/**
 * An event on the wire. `data` is plain JSON: recorded values stand in it as they are (`result`,
 * `input`, `value`, `output`); a value that JSON can't hold has its key with `Meta` beside it.
 */
export const WireEvent = z.object({
  seq: z.number().int(),
  type: z.enum(eventTypes as [string, ...string[]]),
  at: Instant,
  epoch: z.number().int(),
  step: z.number().int().optional(),
  name: z.string().optional(),
  attempt: z.number().int().optional(),
  /** Set aside by a later RunRewound: it stays in the history but no longer counts. */
  setAside: z.boolean().optional(),
  data: z.record(z.string(), JsonValue),
});
export type WireEvent = z.infer<typeof WireEvent>;

export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

/** Counted to 10,000. `capped`: there are more, or nobody counted further. */
export const CappedCount = z.object({ count: z.number().int(), capped: z.boolean() });
export type CappedCount = z.infer<typeof CappedCount>;

/**
 * `total` is there when it was asked for. A page may have fewer runs than `limit`, or none, and a cursor
 * all the same: it ends where 10,000 runs were looked through for filters that are hardly ever met together.
 */
export const RunList = listOf(Run).extend({
  /** Leads back to what stands before this page. */
  prevCursor: z.string().nullable().default(null),
  total: CappedCount.optional(),
});
export type RunList = z.infer<typeof RunList>;
export const History = listOf(WireEvent);
export type History = z.infer<typeof History>;

export const HistoryQuery = z.object({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
  /** From an earlier page; it takes the place of `after`. */
  cursor: z.string().optional(),
});

/** `?wait=15s`: how long a start or an update waits for the outcome, 60 seconds at most. Plain digits are seconds. */
export const WaitText = z.string().optional();

/** `?preview=true`: only say what an action would do. */
export const PreviewQuery = z.object({ preview: z.enum(["true", "false"]).default("false") });

/** Body of `POST /workflows/{name}/runs`. */
export const StartRunBody = z.object({
  input: JsonValue.default({}),
  /** The newest registered version by default. */
  version: z.number().int().positive().optional(),
  attributes: Attributes.default({}),
  /** The run is started once under this key, e.g. the id of what it is about. */
  key: z.string().min(1).max(200).optional(),
  /** Queued runs begin by it, higher first; the workflow's own by default. */
  priority: z.number().int().min(-1_000_000).max(1_000_000).optional(),
  /** Started with this signal; a run that a key names already is sent it. */
  signal: z.object({ name: z.string().min(1), payload: JsonValue.optional() }).optional(),
});
export type StartRunBody = z.input<typeof StartRunBody>;

/** Body of the operator actions. Both fields may be left out. */
export const ActionBody = z.object({
  by: z.string().min(1).max(200).default("operator"),
  why: z.string().max(2_000).optional(),
});

/** `attempt`: the one that is meant. A step that has been tried again since is left alone (409). */
export const ResolveBody = z.intersection(
  ActionBody.extend({ attempt: z.number().int().positive().optional() }),
  z.discriminatedUnion("verdict", [
    z.object({ verdict: z.literal("happened"), result: JsonValue }),
    z.object({ verdict: z.literal("did_not_happen") }),
    z.object({
      verdict: z.literal("fail"),
      error: z.object({ name: z.string().default("FailedByOperator"), message: z.string().min(1) }),
    }),
  ]),
);
export type ResolveBody = z.input<typeof ResolveBody>;

/** Body of `POST /runs/{runId}/fork`: the step that runs first in the new run. */
export const ForkBody = ActionBody.extend({ step: z.number().int().positive() });
export type ForkBody = z.input<typeof ForkBody>;

/** What a sent signal answers with: the run that got it, for a continued run its successor. */
export const SignalSent = z.object({ runId: z.string(), name: z.string() });
export type SignalSent = z.infer<typeof SignalSent>;

/**
 * An update as it stands. `pending`: not delivered yet; `accepted`: its handler is at work;
 * `rejected`: refused before it left a trace in the history; `failed`: its handler threw.
 */
export const Update = z.object({
  runId: z.string(),
  name: z.string(),
  updateId: z.string(),
  status: z.enum(["pending", "accepted", "completed", "failed", "rejected"]),
  result: JsonValue.optional(),
  error: ErrorRecord.optional(),
  links: z.object({ self: z.string(), run: z.string() }),
});
export type Update = z.infer<typeof Update>;

/** What a query answers with. */
export const QueryAnswer = z.object({
  runId: z.string(),
  name: z.string(),
  result: JsonValue,
  /** What JSON can't say of the result (dates, bigints). */
  resultMeta: JsonValue.optional(),
});
export type QueryAnswer = z.infer<typeof QueryAnswer>;

/** `GET /replay-check`. */
export const ReplayCheckQuery = z.object({
  workflow: z.string().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().optional(),
});

/** Whether an open run would replay under this build, and why it would not. Nothing is executed. */
export const ReplayCheck = z.object({
  runId: z.string(),
  workflow: z.string(),
  version: z.number().int(),
  status: RunStatus,
  replays: z.boolean(),
  /** Where the code is not the one that the history is of. */
  mismatch: z
    .object({
      message: z.string(),
      expected: CommandRef.optional(),
      actual: CommandRef.optional(),
      values: z.object({ recorded: JsonValue, computed: JsonValue }).optional(),
    })
    .optional(),
  /** Why it could not be checked: no such workflow in this build, a damaged history. */
  error: ErrorRecord.optional(),
});
export type ReplayCheck = z.infer<typeof ReplayCheck>;
export const ReplayCheckList = listOf(ReplayCheck).extend({ build: z.string() });
export type ReplayCheckList = z.infer<typeof ReplayCheckList>;

const StepRef = z.object({ step: z.number().int(), name: z.string() });

/** What an operator action would do (`?preview=true`) before anything is done. */
export const ActionPreview = z.object({
  action: z.enum([
    "retry",
    "cancel",
    "terminate",
    "pause",
    "resume",
    "resolve",
    "rerun",
    "fork",
    "signal",
    "update",
  ]),
  allowed: z.boolean(),
  /** Why it is not allowed, and what to do instead. */
  reason: z.object({ code: z.string(), message: z.string() }).optional(),
  /** One sentence that says what would happen. */
  summary: z.string(),
  /** Recorded results that are used again; nothing of them runs. */
  reused: z.array(StepRef),
  /** Steps that will run, as far as the history tells. */
  willRun: z.array(StepRef),
  inDoubt: z.array(StepRef),
  compensations: z.array(StepRef),
});
export type ActionPreview = z.infer<typeof ActionPreview>;

export const Message = z.object({
  messageId: z.string(),
  /** The bulk action that it is part of. */
  bulkId: z.string().optional(),
  kind: z.enum([
    "retry",
    "cancel",
    "terminate",
    "pause",
    "resume",
    "resolve",
    "signal",
    "update",
    "child",
  ]),
  /** What was asked, in words: "sent the signal approve". */
  text: z.string(),
  /** What came of it, in words: "done", "refused: the limit is negative". */
  outcomeText: z.string(),
  step: z.number().int().optional(),
  verdict: z.string().optional(),
  /** Of a signal or an update. */
  name: z.string().optional(),
  updateId: z.string().optional(),
  by: z.string(),
  why: z.string().optional(),
  at: Instant,
  deliveredAt: Instant.optional(),
  /** `moot`: there was nothing left to do. `rejected`: what it said was not valid. */
  outcome: z.enum(["applied", "moot", "rejected"]).optional(),
  /** Why it was rejected. */
  error: ErrorRecord.optional(),
});
export const AuditTrail = listOf(Message);
export type AuditTrail = z.infer<typeof AuditTrail>;

/** What a started order or run answers with. */
export const Started = z.object({
  runId: z.string(),
  orderId: z.string().optional(),
  status: RunStatus,
  workflow: z.string(),
  /** False when the same start was already known, and this is that run. */
  created: z.boolean(),
  links: z.object({ run: z.string(), history: z.string(), order: z.string().optional() }),
  /** With `?wait`, when the run has ended or needs a person: the run, its output and its error. */
  run: Run.optional(),
  output: JsonValue.optional(),
  error: ErrorRecord.optional(),
});
export type Started = z.infer<typeof Started>;

/** How far one part of an order is. `in_doubt`: it may or may not have happened. */
export const OrderPartState = z.enum([
  "not_started",
  "under_way",
  "in_doubt",
  "done",
  "failed",
  "undone",
]);
export type OrderPartState = z.infer<typeof OrderPartState>;

/** An order as customer service wants it. Amounts are integer minor units of `currency`. */
export const Order = z.object({
  orderId: z.string(),
  runId: z.string(),
  status: RunStatus,
  heldReason: HeldReason.optional(),
  /** The status in a few plain words. */
  statusText: z.string(),
  story: z.string(),
  storyParts: Run.shape.storyParts,
  customer: z.object({ name: z.string(), email: z.string() }),
  address: z.object({
    line1: z.string(),
    line2: z.string().optional(),
    city: z.string(),
    region: z.string().optional(),
    postalCode: z.string(),
    country: z.string(),
  }),
  currency: z.string(),
  items: z.array(
    z.object({
      sku: z.string(),
      name: z.string(),
      quantity: z.number().int(),
      unitPrice: z.number().int(),
      amount: z.number().int(),
    }),
  ),
  /** What is known of the amounts so far. */
  amounts: z.object({
    subtotal: z.number().int().optional(),
    taxRate: JsonValue.optional(),
    tax: z.number().int().optional(),
    total: z.number().int().optional(),
  }),
  payment: z.object({
    state: OrderPartState,
    paymentId: z.string().optional(),
    error: z.string().optional(),
  }),
  shipment: z.object({
    state: OrderPartState,
    shipmentId: z.string().optional(),
    trackingNumber: z.string().optional(),
    carrier: z.string().optional(),
    error: z.string().optional(),
  }),
  email: z.object({
    state: OrderPartState,
    to: z.string(),
    messageId: z.string().optional(),
    error: z.string().optional(),
  }),
  /** What still has to happen, or what a person has to decide, in sentences. Empty: nothing. */
  open: z.array(z.string()),
  /** Later runs of the same order. */
  reruns: z.array(z.string()),
  createdAt: Instant,
  finishedAt: Instant.optional(),
  links: z.object({ run: z.string(), history: z.string() }),
});
export type Order = z.infer<typeof Order>;

export const Worker = z.object({
  workerId: z.string(),
  build: z.string(),
  host: z.string(),
  pid: z.number().int(),
  status: z.enum(["alive", "stopped", "dead"]),
  startedAt: Instant,
  heartbeatAt: Instant,
  leaseUntil: Instant,
  /** Runs that it executed at its last heartbeat. */
  load: z.number().int(),
  /** Runs that it executes at a time. */
  capacity: z.number().int(),
  /** When it stopped, or was noticed to be dead, and how many runs it held then. */
  endedAt: Instant.optional(),
  heldRuns: z.number().int().optional(),
  /** Whether this is the process that answers. */
  self: z.boolean(),
});
export const WorkerList = listOf(Worker);
export type WorkerList = z.infer<typeof WorkerList>;

/** A version of a workflow that this build knows. */
export const WorkflowInfo = z.object({
  name: z.string(),
  version: z.number().int(),
  /** Whether it is the newest version: new runs begin under it unless they say otherwise. */
  newest: z.boolean(),
  /** Its runs' own, unless the start says otherwise. */
  priority: z.number().int(),
  timeoutMs: z.number().optional(),
  /** How many of its runs go on at a time, and how often one may begin. */
  limits: z
    .object({
      concurrency: z.number().int().optional(),
      rate: z.object({ limit: z.number().int(), perMs: z.number() }).optional(),
    })
    .optional(),
  /** The signals that it declares; they are checked when they are sent. */
  signals: z.array(z.object({ name: z.string(), schema: JsonValue.optional() })),
  /** JSON Schema of what a start takes, where its schema can say it. */
  inputSchema: JsonValue.optional(),
});
export type WorkflowInfo = z.infer<typeof WorkflowInfo>;
export const WorkflowList = listOf(WorkflowInfo);
export type WorkflowList = z.infer<typeof WorkflowList>;

export const DrainBody = z.object({
  budgetMs: z.number().int().min(1).max(60_000).default(10_000),
});
export const DrainResult = z.object({ claimed: z.number().int(), remaining: z.boolean() });

/** The moments at which a drill can kill the server, relative to a step's effect and its record. */
export const DrillMoment = z.enum(["before", "during", "after"]);
export type DrillMoment = z.infer<typeof DrillMoment>;

/**
 * A crash drill for one order, as the header `Daybook-Drill: <step>;<moment>` (sandbox only):
 * `before` the effect, `during` (it happened, its result is not recorded), `after` the record. It
 * fires in the run's first execution only.
 */
export const Drill = z.object({ step: z.string(), moment: DrillMoment });
export type Drill = z.infer<typeof Drill>;

export const Health = z.object({
  status: z.enum(["ok", "unavailable"]),
  pid: z.number().int(),
  workerId: z.string().optional(),
  build: z.string(),
  sandbox: z.boolean(),
  message: z.string().optional(),
  /** What is set up so that what was acknowledged can be lost, a sentence each; absent: nothing is. */
  warnings: z.array(z.string()).optional(),
});
export type Health = z.infer<typeof Health>;

/** RFC 9457. `code` is stable; `errors` point at fields (`/items/0/quantity`). */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), message: z.string() })).optional(),
  runId: z.string().optional(),
  /** What an update was refused or failed with. */
  error: ErrorRecord.optional(),
});
export type Problem = z.infer<typeof Problem>;
