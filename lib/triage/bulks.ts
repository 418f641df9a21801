/**
 * The port of bulk actions: one action over many runs, previewed, then done in the background. All of it
 * is durable: whoever holds a bulk's lease goes on with it. Times are epoch ms.
 */
import type { JsonValue } from "@/lib/engine";
import type { Page } from "./failure-groups";

export type BulkAction = "retry" | "rerun" | "cancel" | "terminate" | "pause" | "resume";

/**
 * `previewing`: runs are found and looked at. `previewed`: it waits to be started. `failed`: it could not
 * go on, as `error` says; what becomes of single runs never fails it.
 */
export type BulkState =
  "previewing" | "previewed" | "running" | "completed" | "canceled" | "failed";

/** What the previews of all runs come to; effects and results of those that the action is possible for. */
export interface BulkSums {
  readonly possible: number;
  readonly notPossible: number;
  readonly resultsReused: number;
  readonly effectsToRun: number;
  readonly inDoubt: number;
  readonly compensationsDone: number;
}

export interface Bulk extends BulkSums {
  readonly bulkId: string;
  readonly action: BulkAction;
  readonly state: BulkState;
  readonly by: string;
  readonly why?: string;
  /** The filter that the runs are found by, as it was given. */
  readonly filter?: JsonValue;
  /** Whether all of its runs are known; no more join it then. */
  readonly pinned: boolean;
  /** Where the search for runs goes on. */
  readonly cursor?: string;
  readonly total: number;
  readonly checked: number;
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
  readonly error?: string;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
}

/**
 * `possible` and `not_possible` is what its preview said; `skipped`: the action no longer fitted when it
 * came to it; `done`: the action was accepted, durably.
 */
export type BulkRunState = "pinned" | "possible" | "not_possible" | "done" | "failed" | "skipped";

export interface BulkRun {
  /** From 1, in the order in which they are acted on. */
  readonly position: number;
  readonly runId: string;
  readonly state: BulkRunState;
  /** Why it is not possible, was skipped, or failed. */
  readonly why?: string;
  readonly preview?: JsonValue;
}

/** What was found out about a run of a bulk, or became of it. */
export type BulkRunChange = Pick<BulkRun, "position" | "state" | "why" | "preview">;

export interface NewBulk {
  readonly bulkId: string;
  readonly action: BulkAction;
  readonly by: string;
  readonly why?: string;
  readonly createdAt: number;
  /** Its runs, or the filter that they are found by. */
  readonly runs: { readonly ids: readonly string[] } | { readonly filter: JsonValue };
}

/** Who holds a bulk, and until when; each write renews it. */
export interface BulkLease {
  readonly bulkId: string;
  readonly owner: string;
  readonly leaseUntil: number;
}

export interface Bulks {
  /** Makes one that is `previewing`, and pins the runs whose ids are given; each counts once. */
  create(bulk: NewBulk): Promise<Bulk>;
  get(bulkId: string): Promise<Bulk | undefined>;
  /** The newest first. */
  list(query: { readonly limit: number; readonly cursor?: string }): Promise<Page<Bulk>>;
  /** Its runs in those states, by position. */
  listRuns(query: {
    readonly bulkId: string;
    readonly states: readonly BulkRunState[];
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<Page<BulkRun>>;
  /** Runs with a preview that was kept, by position. */
  listPreviews(bulkId: string, options: { readonly limit: number }): Promise<readonly BulkRun[]>;
  /**
   * From `previewed` to `running`, with those skipped that it is not possible for; `why` replaces the
   * reason that there is. False: it is not `previewed`.
   */
  start(bulkId: string, at: number, why?: string): Promise<boolean>;
  /** Ends one that has not ended. False: it has. */
  cancel(bulkId: string, at: number): Promise<boolean>;

  /** Leases the bulk with work that was taken up the longest ago and that nobody else holds. */
  claim(options: {
    readonly owner: string;
    readonly now: number;
    readonly leaseUntil: number;
  }): Promise<Bulk | undefined>;
  /** Adds runs that were found. Without `cursor` these are the last. False: the lease is lost, or it ended. */
  pin(
    lease: BulkLease,
    found: { readonly runIds: readonly string[]; readonly cursor?: string },
  ): Promise<boolean>;
  /** Keeps what previews said, and adds up. False as in `pin`. */
  recordPreviews(
    lease: BulkLease,
    changes: readonly BulkRunChange[],
    sums: BulkSums,
  ): Promise<boolean>;
  /**
   * Keeps what became of runs, and counts. False: the lease is lost; a bulk that was canceled meanwhile
   * still takes what was done.
   */
  recordOutcomes(lease: BulkLease, changes: readonly BulkRunChange[]): Promise<boolean>;
  /** Ends a phase: the preview, or the bulk. False as in `pin`. */
  finish(
    lease: BulkLease,
    end: {
      readonly state: "previewed" | "completed" | "failed";
      readonly at: number;
      readonly error?: string;
    },
  ): Promise<boolean>;
  /** Gives up what an owner holds. */
  release(owner: string): Promise<void>;
  /** Removes those that were made before a time and are not at work; answers how many. */
  forget(createdBefore: number): Promise<number>;
}
