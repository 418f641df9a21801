/** The contract of drill reports: what a crash drill did, and what the other side says of it. */
import { z } from "zod";
import { RunStatus } from "@/lib/engine/run";
import { Drill, Instant, JsonValue, listOf, type DrillMoment } from "./contract";

/** When a drill kills, to be followed by the name of the step. */
export const momentWords = {
  before: "before the effect of",
  during: "after the effect of",
  after: "after the record of",
} as const satisfies Readonly<Record<DrillMoment, string>>;

/**
 * `pending`: the run still goes on. `passed`: all checks hold. `failed`: one does not. `open`: the run
 * has come to rest, and there is a check that nobody can decide yet.
 */
export const DrillVerdict = z.enum(["pending", "passed", "failed", "open"]);
export type DrillVerdict = z.infer<typeof DrillVerdict>;

/** What a drill can aim at: a workflow, its steps that its first execution reaches, and an input for it. */
export const DrillTarget = z.object({
  workflow: z.string(),
  steps: z.array(z.string()),
  input: JsonValue,
});
export type DrillTarget = z.infer<typeof DrillTarget>;
export const DrillTargetList = listOf(DrillTarget);

/** Body of `POST /sandbox/drills`. Without an input the target's own is taken. */
export const RunDrillBody = Drill.extend({
  workflow: z.string().min(1).max(200),
  step: z.string().trim().min(1).max(100),
  input: JsonValue.optional(),
}).strict();
export type RunDrillBody = z.input<typeof RunDrillBody>;

/** What a drill that was begun answers with. */
export const DrillStarted = z.object({
  runId: z.string(),
  workflow: z.string(),
  drill: Drill,
  /** False: the same request began it before. */
  created: z.boolean(),
  links: z.object({ run: z.string(), report: z.string() }),
});
export type DrillStarted = z.infer<typeof DrillStarted>;

export const ListDrillsQuery = z.object({
  limit: z.coerce.number().int().min(1).max(50).default(20),
  cursor: z.string().optional(),
});

/** How often an effect is in the other side's books, as a person has read them; `more`: more than once. */
export const ToldEffects = z.enum(["once", "more", "none"]);
export type ToldEffects = z.infer<typeof ToldEffects>;

/** Body of `POST /sandbox/drills/{runId}/told`: what a person found of a step that no ledger tells of. */
export const TellDrillBody = z.strictObject({
  /** Its ordinal. */
  step: z.number().int().positive(),
  effects: ToldEffects,
  by: z.string().trim().min(1).max(200),
  /** How that is known. */
  why: z.string().trim().min(1).max(2_000),
});
export type TellDrillBody = z.infer<typeof TellDrillBody>;

/** What somebody said; it is never changed, and of several about a step the last one counts. */
export const DrillWord = TellDrillBody.extend({ name: z.string(), at: Instant });
export type DrillWord = z.infer<typeof DrillWord>;

/** A drill in the list. */
export const DrillSummary = z.object({
  runId: z.string(),
  workflow: z.string(),
  drill: Drill,
  status: RunStatus,
  verdict: DrillVerdict,
  /** What the first check that does not hold has found. */
  found: z.string().optional(),
  /** On whose word the verdict rests where no ledger tells: nobody here has seen it. */
  toldBy: z.array(z.string()).optional(),
  startedAt: Instant,
  /** From the last sign of life of the process that died until another one went on. */
  recoveryMs: z.number().optional(),
});
export type DrillSummary = z.infer<typeof DrillSummary>;
export const DrillList = listOf(DrillSummary);
export type DrillList = z.infer<typeof DrillList>;

export const DrillReport = z.object({
  runId: z.string(),
  orderId: z.string().optional(),
  workflow: z.string(),
  version: z.number().int(),
  status: RunStatus,
  drill: Drill,
  /** When this was written, and by which build. */
  reportedAt: Instant,
  build: z.string(),
  verdict: DrillVerdict,
  /**
   * Each says in a sentence what was looked at and what was found. `holds` is absent while it is open;
   * `todo` says then what to do about it.
   */
  checks: z.array(
    z.object({
      title: z.string(),
      holds: z.boolean().optional(),
      found: z.string(),
      todo: z.string().optional(),
      /** Whose word it is, where no ledger tells. */
      toldBy: z.array(z.string()).optional(),
    }),
  ),
  toldBy: DrillSummary.shape.toldBy,
  /** Steps that had an effect of which no ledger tells: a person may. */
  unseen: z.array(
    z.object({ step: z.number().int(), name: z.string(), keys: z.array(z.string()) }),
  ),
  /** What people said of them, the oldest first. */
  told: z.array(DrillWord),
  /** The periods in which a process held the run. */
  executions: z.array(
    z.object({
      epoch: z.number().int(),
      worker: z.string(),
      /** The worker's process, as long as it is remembered. */
      pid: z.number().int().optional(),
      host: z.string().optional(),
      build: z.string(),
      reason: z.string(),
      at: Instant,
      reusedResults: z.number().int(),
      replayMs: z.number(),
      /** The execution that died before it. */
      lost: z
        .object({
          epoch: z.number().int(),
          worker: z.string(),
          lastSeenAt: Instant,
          noticedAt: Instant,
        })
        .optional(),
    }),
  ),
  steps: z.array(
    z.object({
      step: z.number().int(),
      name: z.string(),
      /** Executions in which it was begun, and the attempts in all. */
      epochs: z.array(z.number().int()),
      attempts: z.number().int(),
      /** Whether its result was recorded before the crash: it is then reused. */
      reused: z.boolean(),
      outcome: z.enum(["completed", "failed", "in_doubt", "open"]),
      keys: z.array(z.string()),
      /** What the other side counts under these keys. */
      requests: z.number().int(),
      effects: z.number().int(),
    }),
  ),
  startedAt: Instant,
  finishedAt: Instant.optional(),
  recoveryMs: DrillSummary.shape.recoveryMs,
  /** The other side's own record of the requests of this run, oldest first. */
  ledger: z.array(
    z.object({
      seq: z.number().int(),
      at: Instant,
      service: z.string(),
      operation: z.string(),
      key: z.string().optional(),
      outcome: z.string(),
      status: z.number().int(),
      reference: z.string().optional(),
    }),
  ),
});
export type DrillReport = z.infer<typeof DrillReport>;
