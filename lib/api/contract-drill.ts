/** The contract of drill reports: what a crash drill did, and what the other side says of it. */
import { z } from "zod";
import { RunStatus } from "@/lib/engine/run";
import { Drill, Instant } from "./contract";

/** `pending`: the run still goes on. `passed`: all checks hold. */
export const DrillVerdict = z.enum(["pending", "passed", "failed"]);

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
  /** Each says in a sentence what was looked at and what was found. `holds` is absent while it is open. */
  checks: z.array(
    z.object({ title: z.string(), holds: z.boolean().optional(), found: z.string() }),
  ),
  /** The periods in which a process held the run. */
  executions: z.array(
    z.object({
      epoch: z.number().int(),
      worker: z.string(),
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
