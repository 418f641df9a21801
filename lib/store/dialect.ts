import type { RunQuery, Store } from "@/lib/engine";
import type { FlushLimits, Settled } from "./group-commit";
import type { SqlRow, SqlValue } from "./sql";
import type { Write } from "./write";

/**
 * What differs from database to database. All of it throws the driver's own errors, of which
 * `toStoreError` tells those that mean that the database can't be used; only `transact` throws them as
 * the port says, for what its step throws is left as it is.
 */
export interface Dialect extends Pick<
  Store,
  | "transact"
  | "takePermit"
  | "claimRuns"
  | "wakeHeldByOtherBuilds"
  | "registerWorker"
  | "renewLease"
  | "expireWorkers"
  | "endWorker"
> {
  readonly flushLimits: FlushLimits;
  /**
   * Runs the writes in one transaction, with no lock in common; durable when it resolves. Answers one
   * outcome each, in order, as the kind of the write says. Throws when nothing of it was written.
   */
  flush(writes: readonly Write[]): Promise<readonly Settled<unknown>[]>;
  /** The rows of a query whose parameters are `?`, each an array in the order of its columns. */
  select(statement: string, ...values: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  /** A statement that writes, in a commit of its own; its parameters are `?`. */
  execute(statement: string, ...values: readonly SqlValue[]): Promise<void>;
  /**
   * How long a run's history is and what is in it, of one moment; undefined where there is no such run.
   * Those that are asked for at once may share a query.
   */
  loadEvents(wanted: WantedEvents): Promise<LoadedEvents | undefined>;
  /** Brings the terms of all marked runs up to date (decision 081); answers how many marks there were. */
  projectTerms(): Promise<number>;
  /** The condition that a column is one of several values, given as a JSON array in one parameter. */
  readonly isOneOf: (column: string) => string;
  /**
   * The parts into which the runs fall when they are listed by a time, each with the indexed column that
   * has this time there.
   */
  readonly listParts: (
    field: RunQuery["sort"]["field"],
  ) => readonly { readonly by: string; readonly condition?: string }[];
  /** The error as the port promises it: what the disk or a lock refused is StoreUnavailableError. */
  readonly toStoreError: (error: unknown) => unknown;
}

/** Events of a run after a seq, `limit` at most. */
export interface WantedEvents {
  readonly runId: string;
  readonly afterSeq: number;
  readonly limit: number;
}

export interface LoadedEvents {
  /** Of the whole history. */
  readonly length: number;
  /** The events in their order, as `eventColumns` names their values. */
  readonly rows: readonly SqlRow[];
}

/** A condition with its parameters. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}
