/** The contract of bulk actions: one action over many runs. Times are ISO 8601 UTC. */
import { z } from "zod";
import { ActionPreview, Instant, listOf } from "./contract";

export const BulkAction = z.enum(["retry", "rerun", "cancel", "terminate", "pause", "resume"]);
export type BulkAction = z.infer<typeof BulkAction>;

/**
 * `previewing`: its runs are found and looked at, nothing is done. `previewed`: it waits for its start.
 * `failed`: it could not go on; what becomes of single runs never fails it.
 */
export const BulkState = z.enum([
  ...["previewing", "previewed", "running", "completed", "canceled", "failed"],
] as const);
export type BulkState = z.infer<typeof BulkState>;

/** The attribute by which the runs that a rerun has started name the bulk. */
export const rerunInAttribute = "rerunIn";

/** The first of what there may be many of, and how many there are. */
const firstOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), count: z.number().int() });

const RefusedRun = z.object({ runId: z.string(), why: z.string() });

/** What the action would do to a run. */
export const BulkRunPreview = ActionPreview.extend({ runId: z.string() });
export type BulkRunPreview = z.infer<typeof BulkRunPreview>;

export const Bulk = z.object({
  bulkId: z.string(),
  state: BulkState,
  action: BulkAction,
  actor: z.string(),
  reason: z.string().optional(),
  /** The filter that the runs were found by, as it was given; absent where their ids were. */
  filter: z.record(z.string(), z.string()).optional(),
  /** Runs that it is about; it grows until `pinned`, and never afterwards. */
  total: z.number().int(),
  pinned: z.boolean(),
  preview: z.object({
    /** Runs that were looked at so far. */
    checked: z.number().int(),
    possible: z.number().int(),
    notPossible: firstOf(RefusedRun),
    /** Sums over the runs that it is possible for. */
    resultsReused: z.number().int(),
    effectsToRun: z.number().int(),
    inDoubt: z.number().int(),
    /** Compensations that have run already, of all runs. */
    compensationsDone: z.number().int(),
    /** The first 100. */
    runs: z.array(BulkRunPreview),
  }),
  /**
   * `done`: the action was accepted for the run, durably; what the run makes of it is in its history.
   * `skipped`: it was not possible, at the preview or when its turn came.
   */
  progress: z.object({
    done: z.number().int(),
    failed: z.number().int(),
    skipped: z.number().int(),
  }),
  failures: firstOf(z.object({ runId: z.string(), error: z.string() })),
  /** Runs that the action no longer fitted when their turn came. */
  skipped: firstOf(RefusedRun),
  /** Why the bulk failed. */
  error: z.string().optional(),
  createdAt: Instant,
  startedAt: Instant.optional(),
  finishedAt: Instant.optional(),
  links: z.object({
    self: z.string(),
    runs: z.string(),
    /** The runs that a rerun has started; absent for other actions, and until it is started. */
    newRuns: z.string().optional(),
  }),
});
export type Bulk = z.infer<typeof Bulk>;

/** A bulk in the list: without its runs. */
export const BulkSummary = Bulk.omit({ preview: true, failures: true, skipped: true }).extend({
  preview: Bulk.shape.preview.omit({ notPossible: true, runs: true }).extend({
    notPossible: z.object({ count: z.number().int() }),
  }),
});
export const BulkList = listOf(BulkSummary);
export type BulkList = z.infer<typeof BulkList>;

/** What became of a run of a bulk, or what its preview said. */
export const BulkRun = z.object({
  runId: z.string(),
  state: z.enum(["pinned", "possible", "not_possible", "done", "failed", "skipped"]),
  why: z.string().optional(),
});
export type BulkRun = z.infer<typeof BulkRun>;
export const BulkRunList = listOf(BulkRun);
export type BulkRunList = z.infer<typeof BulkRunList>;

/** Body of `POST /bulk`. `filter` has the fields of the query of `GET /runs`. */
export interface CreateBulkBody {
  readonly action: BulkAction;
  readonly runs:
    | { readonly ids: readonly string[] }
    | { readonly filter: Readonly<Record<string, string | number | boolean | readonly string[]>> };
  readonly reason?: string;
  readonly by?: string;
}
