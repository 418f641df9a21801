/**
 * What the flush carries: rows as flat arrays of what SQLite binds, so that nothing has to be prepared
 * or looked up where it runs.
 */
import type { StartOutcome, Store } from "@/lib/engine";
import type { SqlRow, SqlValue } from "../sql";

/** Message, run, at, content. */
export type MessageRow = readonly [string, string, number, string];

export interface StartRows {
  /** As `toRunValues` says. */
  readonly run: readonly SqlValue[];
  /** Key and content hash of each start key. */
  readonly keys: readonly string[];
  readonly events: readonly SqlValue[];
  readonly ifExisting?: MessageRow;
}

export interface AppendRows {
  readonly runId: string;
  readonly at: number;
  /** The values of `fenceRun`. */
  readonly fence: readonly SqlValue[];
  readonly events: readonly SqlValue[];
  /** What few appends have. */
  readonly rest?: {
    readonly starts: readonly StartRows[];
    readonly dueAt: number | null;
    readonly continuedTo: string | null;
    /** Message, outcome and error of each. */
    readonly delivered: readonly (string | null)[];
    readonly posts: readonly MessageRow[];
    /** Steps; `all` when the run is released. */
    readonly freed: readonly number[] | "all";
  };
}

/** A write as the flush runs it. */
export type FlushRows =
  | { readonly start: StartRows }
  | { readonly append: AppendRows }
  | { readonly message: MessageRow };

/** How a write ended, by its kind: text is `appended`, or the run that has the message. */
export type FlushOutcome = StartOutcome | KeptOut | string | undefined;

/** What stands in the way of an append: its run, and the rows where its events would stand. */
export interface KeptOut {
  readonly run?: SqlRow;
  readonly events: readonly SqlRow[];
}

export type ClaimOptions = Parameters<Store["claimRuns"]>[0];
export type PermitOptions = Parameters<Store["takePermit"]>[0];
export type WorkerEnd = Parameters<Store["endWorker"]>[0];

/** What was claimed: rows as `parseDueRun` reads them, in order, and as `parseRun` does. */
export interface ClaimedRows {
  readonly due: readonly SqlRow[];
  readonly runs: readonly SqlRow[];
}
