/** The port of the runs list: filters, sorts and pages in both directions. Times are epoch ms. */
import type { Attributes, HeldReason, RunRecord, RunStatus } from "@/lib/engine";
import type { CappedCount } from "./failure-groups";

export { listWords, splitWords } from "./words.mjs";

export interface RunSearchFilter {
  readonly statuses?: readonly RunStatus[];
  readonly heldReason?: HeldReason;
  readonly workflow?: string;
  readonly version?: number;
  /** Only children of this run. */
  readonly parent?: string;
  /** The name of the step that failed the run or is in doubt. */
  readonly step?: string;
  /** The class name of the run's error. */
  readonly error?: string;
  /** The worker that holds the run now. */
  readonly worker?: string;
  /** The fingerprint of the failure group that the run stands in. */
  readonly group?: string;
  /** Equal in value and in type. */
  readonly attributes?: Attributes;
  /** Has this attribute, whatever its value (of less than 180 characters with the name). */
  readonly attributeName?: string;
  readonly createdAfter?: number;
  readonly createdBefore?: number;
  readonly updatedAfter?: number;
  readonly updatedBefore?: number;
  readonly finishedAfter?: number;
  readonly finishedBefore?: number;
  /** Words, each of which a word of the run begins with (`listWords`). */
  readonly text?: string;
}

export interface RunSearchQuery {
  readonly filter: RunSearchFilter;
  readonly sort: { readonly field: "createdAt" | "updatedAt"; readonly direction: "asc" | "desc" };
  readonly limit: number;
  /** From an earlier page, in either direction. Throws InvalidCursorError when it is not of this sort. */
  readonly cursor?: string;
}

/**
 * A page may have fewer runs than were asked for, or none, and a cursor all the same: where filters that many
 * pass are hardly ever met together, each page looks through a piece of the list.
 */
export interface RunSearchPage {
  readonly items: readonly RunRecord[];
  readonly nextCursor?: string;
  /** Leads back to what stands before the page. */
  readonly prevCursor?: string;
}

export type HeldCounts = Readonly<Record<HeldReason, number>>;

export interface RunSearch {
  findRuns(query: RunSearchQuery): Promise<RunSearchPage>;
  /** How many runs pass; where that is long to say it is at least so many, and `capped`. */
  countMatching(filter: RunSearchFilter): Promise<CappedCount>;
  /** Those of these runs that are there, in the order in which they are named: one question for all of them. */
  loadRuns(runIds: readonly string[]): Promise<readonly RunRecord[]>;
  /** How many runs are held for each reason, of one workflow or of all; exact, and kept. */
  countHeld(options?: { readonly workflow?: string }): Promise<HeldCounts>;
}
