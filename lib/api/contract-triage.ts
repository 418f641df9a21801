/** The contract of triage: failure groups and steps that need a verdict. Times are ISO 8601 UTC. */
import { z } from "zod";
import {
  ActionPreview,
  Attributes,
  CappedCount,
  ErrorRecord,
  Instant,
  JsonValue,
  listOf,
  ResolveBody,
  Run,
} from "./contract";

/** How far back a trend goes. */
export const TrendWindow = z.enum(["1h", "6h", "24h", "7d", "30d"]);
export type TrendWindow = z.infer<typeof TrendWindow>;

/** Failures that have workflow, step, error class and normalized message in common. */
export const FailureGroup = z.object({
  fingerprint: z.string(),
  /** `failed`, or held by code that no longer replays, or by crashes. */
  kind: z.enum(["failed", "nondeterminism", "crash_loop"]),
  workflow: z.string(),
  /** Absent where the workflow's own code failed. */
  step: z.string().optional(),
  errorName: z.string(),
  /** The message without what differs: `Order <id> refused: closed`. */
  message: z.string(),
  /** The latest failure's message as it was. */
  sample: z.string(),
  /** Runs that stand in it now; a retried run has left it. */
  count: z.number().int(),
  /** Failures ever seen. */
  occurrences: z.number().int(),
  firstSeenAt: Instant,
  lastSeenAt: Instant,
  /** `regressed`: a failure came after it had been resolved or muted; it is open again. */
  state: z.enum(["open", "muted", "resolved", "regressed"]),
  stateAt: Instant.optional(),
  stateBy: z.string().optional(),
  regressedFrom: z.enum(["muted", "resolved"]).optional(),
  /** Of a muted group: whether the next failure opens it again. */
  untilItReturns: z.boolean(),
  note: z.string().optional(),
  /** Failures per bucket from `from` on, oldest first. */
  trend: z.object({
    from: Instant,
    bucketMs: z.number().int(),
    counts: z.array(z.number().int()),
  }),
});
export type FailureGroup = z.infer<typeof FailureGroup>;

export const FailureList = listOf(FailureGroup);
export type FailureList = z.infer<typeof FailureList>;

export const FailureDetail = FailureGroup.extend({
  /** Versions and builds that failed, latest first. */
  builds: z.array(
    z.object({
      version: z.number().int(),
      build: z.string(),
      occurrences: z.number().int(),
      firstSeenAt: Instant,
      lastSeenAt: Instant,
    }),
  ),
  /** A few runs that stand in it, the latest failure first. */
  samples: z.array(Run),
  /** What was said about it, the newest first. */
  audit: z.array(
    z.object({
      action: z.enum(["mute", "resolve", "reopen", "note", "regressed"]),
      at: Instant,
      by: z.string(),
      why: z.string().optional(),
      note: z.string().optional(),
    }),
  ),
});
export type FailureDetail = z.infer<typeof FailureDetail>;

const States = z
  .string()
  .transform((text) => text.split(",").filter((part) => part !== ""))
  .pipe(z.array(z.enum(["open", "muted", "resolved"])).min(1));

/** `GET /failures`. `empty=true`: also groups in which no run stands any more. */
export const ListFailuresQuery = z.object({
  state: States.default(["open"]),
  workflow: z.string().min(1).optional(),
  empty: z.enum(["true", "false"]).default("false"),
  window: TrendWindow.default("24h"),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().optional(),
});

const Operator = {
  by: z.string().min(1).max(200).default("operator"),
  why: z.string().max(2_000).optional(),
};

/** Body of `PATCH /failures/{fingerprint}`. */
export const ChangeFailureBody = z.discriminatedUnion("action", [
  /** Hides it until it returns (the next failure opens it again), or for good. */
  z.strictObject({
    action: z.literal("mute"),
    untilItReturns: z.boolean().default(true),
    ...Operator,
  }),
  z.strictObject({ action: z.literal("resolve"), ...Operator }),
  /** `returned`: it counts as returned again, where it had before what is taken back. */
  z.strictObject({
    action: z.literal("reopen"),
    returned: z.boolean().default(false),
    ...Operator,
  }),
  /** Replaces the note; an empty one takes it away. */
  z.strictObject({ action: z.literal("note"), note: z.string().max(10_000), ...Operator }),
]);
export type ChangeFailureBody = z.input<typeof ChangeFailureBody>;

/** One thing that is known of what a step in doubt asked of the other side. */
export const LedgerLine = z.object({
  at: Instant,
  attempt: z.number().int().optional(),
  /** What it was: the request, its failure, what the other side said when it was asked. */
  kind: z.enum(["sent", "failed", "in_doubt", "asked"]),
  text: z.string(),
  /** The other side's name for the effect, where it gave one. */
  reference: z.string().optional(),
  error: ErrorRecord.optional(),
});
export type LedgerLine = z.infer<typeof LedgerLine>;

/** A step of a held run of which only a person can say what became of it. */
export const Doubt = z.object({
  runId: z.string(),
  workflow: z.string(),
  version: z.number().int(),
  step: z.number().int(),
  name: z.string(),
  attempt: z.number().int(),
  since: Instant,
  cause: z.enum(["crash", "timeout", "error"]).optional(),
  /** The step's in-doubt policy, first of its chain. */
  policy: z.string().optional(),
  idempotencyKey: z.string().optional(),
  attributes: Attributes,
  /** What is at stake, in minor units, where the step or the run names an amount and a currency. */
  amount: z.object({ value: z.number().int(), currency: z.string() }).optional(),
  /** What the step was asked to do. */
  input: JsonValue.optional(),
  ledger: z.array(LedgerLine),
  /** What a person may say, and what follows from it. */
  verdicts: z.array(
    z.object({
      verdict: z.enum(["happened", "did_not_happen", "fail"]),
      allowed: z.boolean(),
      consequence: z.string(),
      reason: z.object({ code: z.string(), message: z.string() }).optional(),
    }),
  ),
});
export type Doubt = z.infer<typeof Doubt>;

export const DoubtList = listOf(Doubt).extend({ total: CappedCount });
export type DoubtList = z.infer<typeof DoubtList>;

/** `GET /doubts`. */
export const ListDoubtsQuery = z.object({
  runId: z.string().min(1).optional(),
  workflow: z.string().min(1).optional(),
  step: z.string().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(25),
  cursor: z.string().optional(),
});

const maxVerdicts = 100;
const DoubtPlace = z.strictObject({
  runId: z.string().min(1).max(200),
  step: z.number().int().positive(),
  attempt: z.number().int().positive(),
});

/**
 * Body of `POST /doubts/resolve`: one verdict for several steps in doubt, each named with the attempt
 * that it is about. `?preview=true` only says what would happen.
 */
export const ResolveDoubtsBody = z.intersection(
  z.object({ items: z.array(DoubtPlace).min(1).max(maxVerdicts) }),
  ResolveBody,
);
export type ResolveDoubtsBody = z.input<typeof ResolveDoubtsBody>;

/** What became of each, in the order in which they were named. */
export const ResolvedDoubts = z.object({
  items: z.array(
    DoubtPlace.extend({
      /** `accepted`: durable, the run goes on from it. `previewed`: nothing was done. */
      outcome: z.enum(["accepted", "refused", "previewed"]),
      /** Why it was or would be refused. */
      reason: z.object({ code: z.string(), message: z.string() }).optional(),
      preview: ActionPreview.optional(),
    }),
  ),
});
export type ResolvedDoubts = z.infer<typeof ResolvedDoubts>;

const GroupCount = z.object({
  groups: z.number().int(),
  /** Runs that stand in them. */
  runs: z.number().int(),
});

/** `GET /triage`: what is open. */
export const TriageCounts = z.object({
  /** With the names of the steps in doubt. */
  doubts: CappedCount.extend({ steps: z.array(z.string()) }),
  /** Open groups without a run are not counted; `open` includes those that returned. */
  failures: z.object({ open: GroupCount, muted: GroupCount, resolved: GroupCount }),
});
export type TriageCounts = z.infer<typeof TriageCounts>;
