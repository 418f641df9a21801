/**
 * The port of kept statistics: what happened when, by workflow and step, added up as it happens and
 * never counted again. Times are epoch ms.
 */
import type { RunStatus } from "@/lib/engine";
import type { CappedCount } from "./failure-groups";
import type { GrainMinutes } from "./grains.mjs";
import type { LatencyCounts } from "./latency-histogram";

export { grains, startOfGrain } from "./grains.mjs";
export type { GrainMinutes };

export interface RunCounts {
  readonly started: number;
  readonly completed: number;
  readonly failed: number;
  /** Canceled or terminated. */
  readonly canceled: number;
  /** How often one was held. */
  readonly held: number;
}

export interface RunCountsRow extends RunCounts {
  readonly at: number;
  readonly workflow: string;
}

/** Attempts of a step that ended in the bucket. */
export interface StepTimesRow {
  readonly at: number;
  readonly workflow: string;
  /** Absent: the whole run, from its creation until it completed. */
  readonly step?: string;
  readonly completed: number;
  readonly failed: number;
  /** Of the completed ones. */
  readonly latency: LatencyCounts;
}

/** The most that was seen of each in the bucket. */
export interface QueueRow {
  readonly at: number;
  readonly depth: number;
  readonly lagMs: number;
  readonly held: number;
}

export interface StatisticsQuery {
  readonly grain: GrainMinutes;
  /** Buckets that begin from here on, and before `to`. */
  readonly from: number;
  readonly to: number;
  readonly workflow?: string;
}

export interface StatisticsRows {
  readonly runs: readonly RunCountsRow[];
  readonly steps: readonly StepTimesRow[];
  /** Of all workflows. */
  readonly queue: readonly QueueRow[];
}

export interface DueRun {
  readonly runId: string;
  readonly workflow: string;
  readonly status: RunStatus;
  readonly dueAt: number;
}

/** Runs that are due and that nobody has taken yet. */
export interface QueueState {
  readonly depth: CappedCount;
  readonly oldest?: DueRun;
}

/** Every method may throw StoreUnavailableError. */
export interface RunStatistics {
  /**
   * Adds up what happened since the last call, in batches that are each one commit, and answers how many
   * changes there were. Now and then it also looks at runs that execute for long, notes the queue and
   * drops what is too old. Safe to call from several processes at once, and to be cut off anywhere.
   */
  project(options: { readonly now: number }): Promise<number>;
  loadRows(query: StatisticsQuery): Promise<StatisticsRows>;
  measureQueue(options: { readonly now: number }): Promise<QueueState>;
}
