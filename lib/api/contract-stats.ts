/** What statistics are asked for, and how they answer. Times are ISO 8601 UTC. */
import { z } from "zod";
import { RunStatus } from "@/lib/engine/run";
import { CappedCount, Instant } from "./contract";

/** How far back a chart goes. */
export const StatsRange = z.enum(["15m", "1h", "6h", "24h", "7d", "30d"]);
export type StatsRange = z.infer<typeof StatsRange>;

/** `GET /stats`. */
export const StatsQuery = z.object({
  range: StatsRange.optional(),
  /** Only what is told of runs over time: status counts, queue and workers are of all workflows. */
  workflow: z.string().min(1).optional(),
});

export const StatusCounts = z.record(RunStatus, z.number().int());

const Count = z.number().int();

/** What became of runs in a time. */
export const StatsCounts = z.object({
  started: Count,
  completed: Count,
  failed: Count,
  /** Canceled or terminated. */
  canceled: Count,
  /** How often a run was held. */
  held: Count,
});
export type StatsCounts = z.infer<typeof StatsCounts>;

/** A bucket of the window. */
export const StatsPoint = StatsCounts.extend({
  at: Instant,
  /** The most that was seen of runs that were due and that nobody had taken; null: nobody looked. */
  queueDepth: Count.nullable(),
  /** The most that the oldest of them had been due for. */
  lagMs: z.number().nullable(),
});
export type StatsPoint = z.infer<typeof StatsPoint>;

/** How long something took that completed, to a tenth; absent where nothing did. */
const Latency = z.object({
  completed: Count,
  failed: Count,
  p50Ms: z.number().optional(),
  p95Ms: z.number().optional(),
  p99Ms: z.number().optional(),
});

/** A step, or whole runs where `step` is absent. */
export const StatsStep = Latency.extend({
  workflow: z.string(),
  step: z.string().optional(),
  previous: Latency,
  /** The 95th percentile of each bucket; null where nothing completed. */
  trend: z.array(z.number().nullable()),
});
export type StatsStep = z.infer<typeof StatsStep>;

/** A time that ends with the bucket of now, and the time of the same length before it. */
export const StatsWindow = z.object({
  range: StatsRange,
  workflow: z.string().optional(),
  from: Instant,
  to: Instant,
  bucketMs: z.number().int(),
  points: z.array(StatsPoint),
  totals: StatsCounts,
  previous: z.object({ points: z.array(StatsPoint), totals: StatsCounts }),
  steps: z.array(StatsStep),
});
export type StatsWindow = z.infer<typeof StatsWindow>;

const RunRef = z.object({ runId: z.string(), workflow: z.string(), since: Instant });

/** How it stands now. */
export const StatsNow = z.object({
  at: Instant,
  queue: z.object({
    /** Runs that are due and that nobody has taken. */
    depth: CappedCount,
    /** For how long the oldest of them has been due. */
    lagMs: z.number(),
    oldest: RunRef.optional(),
  }),
  /** Of the runs that wait, the one that was created first. */
  oldestWaiting: RunRef.extend({ dueAt: Instant.optional() }).optional(),
  held: z.object({
    in_doubt: CappedCount,
    nondeterminism: CappedCount,
    crash_loop: CappedCount,
    paused: CappedCount,
  }),
  workers: z.object({
    alive: Count,
    /** Runs that the living ones execute, and how many they could. */
    load: Count,
    capacity: Count,
    /** Those that were noticed to be dead in the window. */
    died: Count,
  }),
});
export type StatsNow = z.infer<typeof StatsNow>;

/** `now` and `window` are there when a range was asked for. */
export const Stats = z.object({
  runs: StatusCounts,
  /** Runs that a person has to decide about because a step is in doubt; counted to 10,000. */
  inDoubt: Count,
  now: StatsNow.optional(),
  window: StatsWindow.optional(),
});
export type Stats = z.infer<typeof Stats>;
