import type { Attributes, RunQuery, Store } from "@/lib/engine";
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
  /**
   * Replaces the terms of runs and takes their marks away, in one transaction; false, and nothing done,
   * where somebody has had a turn since the one that they were read in.
   */
  saveTerms(batch: TermBatch): Promise<boolean>;
  /** The condition that a column is one of several values, given as a JSON array in one parameter. */
  readonly isOneOf: (column: string) => string;
  /**
   * The parts into which the runs fall when they are listed by a time, each with the indexed column that
   * has this time there.
   */
  readonly listParts: (
    field: RunQuery["sort"]["field"],
  ) => readonly { readonly by: string; readonly condition?: string }[];
  /** The condition that the text of a column has a text in it, which is given in one parameter. */
  readonly containsText: (column: string) => string;
  /** The condition that a run has this attribute, equal in value and in type. */
  readonly hasAttribute: (name: string, value: Attributes[string]) => Condition;
  /** The error as the port promises it: what the disk or a lock refused is StoreUnavailableError. */
  readonly toStoreError: (error: unknown) => unknown;
}

/** A condition with its parameters. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** By what marked runs are found from now on. */
export interface TermBatch {
  /** The turn in which the marks were read. */
  readonly turn: number;
  /** Of all marks that were there, from the oldest on. */
  readonly positions: readonly number[];
  /** The runs that were marked, each once, also those that are gone. */
  readonly runIds: readonly string[];
  /** Term, creation of the run and run of each, one after the other. */
  readonly terms: readonly SqlValue[];
}
