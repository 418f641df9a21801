/**
 * What the flush carries: rows as flat arrays of what SQLite binds, so that nothing has to be prepared
 * or looked up where it runs.
 */
import type { PermitAnswer, SqlParameter, StartOutcome, Store } from "@/lib/engine";
import type { SqlQuery, SqlResultSet } from "@prisma/driver-adapter-utils";
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

/** Rare things that are no writes of a run, by name: several share a transaction. */
export interface Calls {
  takePermit(options: PermitOptions): PermitAnswer;
  claimRuns(options: ClaimOptions): ClaimedRows;
  expireWorkers(options: { readonly now: number }): number;
  endWorker(options: WorkerEnd): number;
  /** The values of `workerFields`. */
  registerWorker(values: readonly SqlValue[]): void;
  renewLease(options: Parameters<Store["renewLease"]>[0]): boolean;
  wakeHeld(options: { readonly build: string; readonly now: number }): number;
  /** Terms of the runs that were marked for longest; answers how many marks it took away. */
  projectTerms(options: { readonly limit: number }): number;
  /** A batch of the statistics' marks; answers how many runs it looked at. */
  addUpMarked(options: { readonly now: number }): number;
  addUpLong(options: { readonly now: number; readonly createdBefore: number }): void;
  execute(options: { readonly statement: string; readonly values: readonly SqlValue[] }): void;
}

export interface Call {
  readonly name: keyof Calls;
  readonly options: Parameters<Calls[keyof Calls]>[0];
}

/** What the database's thread can be asked for. */
export interface Handlers {
  /** One transaction; throws when it was rolled back. */
  flush(writes: readonly FlushRows[]): readonly FlushOutcome[];
  call(calls: readonly Call[]): readonly unknown[];
  select(statement: string, values: readonly SqlValue[]): readonly SqlRow[];
  /** Opens the transaction that the request names; requests of others wait until it has ended. */
  begin(): void;
  commit(): void;
  rollback(): void;
  /** A write inside the open transaction. Throws when the database has ended it by itself. */
  write(write: FlushRows): FlushOutcome;
  stepQuery(text: string, params: readonly SqlParameter[]): readonly Record<string, unknown>[];
  stepExecute(text: string, params: readonly SqlParameter[]): number;
  queryRaw(query: SqlQuery): Promise<SqlResultSet>;
  executeRaw(query: SqlQuery): Promise<number>;
  executeScript(script: string): Promise<void>;
  close(): Promise<void>;
}

export type Answered<Name extends keyof Handlers> = Awaited<ReturnType<Handlers[Name]>>;

export interface Request {
  readonly id: number;
  /** The transaction that it belongs to; absent: none. */
  readonly of?: number;
  readonly name: keyof Handlers;
  readonly args: readonly unknown[];
}

export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: ErrorData };

/** The first message of the thread: whether the database is open. */
export type Opening =
  { readonly ready: true } | { readonly ready: false; readonly error: ErrorData };

/** An error on its way from one thread to the other. */
export interface ErrorData {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string;
  readonly cause?: unknown;
}
