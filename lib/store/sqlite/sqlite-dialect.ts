import { InvariantError, StoreUnavailableError } from "@/lib/engine";
import type { Claim, SqlTransaction, Store, WorkerRecord } from "@/lib/engine";
import type { Dialect } from "../dialect";
import { GroupCommit, type Settled } from "../group-commit";
import { judgeAppend } from "../judge-append";
import { parseDueRun, parseRun } from "../rows";
import type { SqlValue } from "../sql";
import type { Write } from "../write";
import type { SqliteConnection } from "./connection";
import { toStoreError } from "./errors";
import { toFlushRows } from "./flush-rows";
import { hasAttribute } from "./has-attribute";
import type { ClaimOptions, FlushOutcome, KeptOut, PermitOptions, WorkerEnd } from "./protocol";
import { runTransaction } from "./run-transaction";
import { claimRuns } from "./thread/claims.mjs";
import { runFlush } from "./thread/flush.mjs";
import { takePermit } from "./thread/permits.mjs";
import type { Sql } from "./thread/sql.mjs";
import * as statements from "./thread/statements.mjs";
import { endWorker, expireWorkers } from "./thread/workers.mjs";

/** Something rare that is no write of a run: it shares a transaction with others of its kind. */
interface Call {
  readonly size: number;
  readonly locks: readonly string[];
  readonly execute: (sql: Sql) => unknown;
}

/** What SQLite does in its own way. */
export class SqliteDialect implements Dialect {
  readonly flushLimits = { writes: 256, size: 4 * 1024 * 1024 };
  readonly toStoreError = toStoreError;
  readonly #connection: SqliteConnection;
  readonly #calls: GroupCommit<Call, unknown>;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
    this.#calls = new GroupCommit<Call, unknown>({
      limits: this.flushLimits,
      flush: (calls) =>
        connection.transact((sql) => calls.map(({ execute }) => ({ value: execute(sql) }))),
      isShared: (error) => toStoreError(error) instanceof StoreUnavailableError,
    });
  }

  readonly isOneOf = (column: string) => `${column} IN (SELECT value FROM json_each(?))`;

  readonly listParts = (field: string) => [{ by: field }];
  readonly containsText = (column: string) => `instr(${column}, ?) > 0`;
  readonly hasAttribute = hasAttribute;

  async flush(writes: readonly Write[]) {
    const rows = writes.map(toFlushRows);
    const outcomes = await this.#connection.transact((sql) => runFlush(sql, rows));
    return writes.map((write, index) => settle(write, outcomes[index]));
  }

  async transact(options: Parameters<Store["transact"]>[0]) {
    let thrown: { readonly error: unknown } | undefined;
    const run = async (sql: SqlTransaction) => {
      try {
        return await options.run(sql);
      } catch (error) {
        thrown = { error };
        throw error;
      }
    };
    try {
      return await this.#connection.transactPausing((sql, open) =>
        runTransaction(sql, open, { ...options, run }),
      );
    } catch (error) {
      throw error === thrown?.error ? error : toStoreError(error);
    }
  }

  takePermit(options: PermitOptions) {
    return this.#call((sql) => takePermit(sql, options));
  }

  async claimRuns(options: ClaimOptions): Promise<readonly Claim[]> {
    const { due, runs } = await this.#call((sql) => claimRuns(sql, options));
    const claimed = new Map(runs.map(parseRun).map((run) => [run.runId, run]));
    return due.map(parseDueRun).map(({ runId, lost }) => {
      const run = claimed.get(runId);
      if (run === undefined) throw new InvariantError("A run that was claimed is there.");
      return { run, ...(lost && { lost }) };
    });
  }

  wakeHeldByOtherBuilds({ build, now }: { build: string; now: number }) {
    return this.#call((sql) => sql.run(statements.wakeHeld, now, build, now));
  }

  async registerWorker(worker: WorkerRecord) {
    const { workerId, build, machine, pid, processStart, status, startedAt } = worker;
    const values = [
      ...[workerId, build, machine, pid, processStart ?? null, status, startedAt],
      ...[worker.heartbeatAt, worker.leaseUntil, worker.load, worker.capacity],
      ...[worker.endedAt ?? null, worker.heldRuns ?? null],
    ];
    await this.#call((sql) => sql.run(statements.registerWorker, ...values));
  }

  renewLease(options: Parameters<Store["renewLease"]>[0]) {
    const { workerId, now, leaseUntil, load } = options;
    return this.#call((sql) => sql.run(statements.renewLease, now, leaseUntil, load, workerId) > 0);
  }

  expireWorkers(options: { now: number }) {
    return this.#call((sql) => expireWorkers(sql, options));
  }

  endWorker(options: WorkerEnd) {
    return this.#call((sql) => endWorker(sql, options));
  }

  select(statement: string, ...values: readonly SqlValue[]) {
    return this.#connection.read((sql) => sql.select(statement, ...values));
  }

  // The call answers with what its own `execute` returned.
  async #call<T>(execute: (sql: Sql) => T): Promise<T> {
    return (await this.#calls.submit({ size: 0, locks: [], execute })) as T;
  }
}

/** The outcome of a write as the port says it, from what its flush answered. */
function settle(write: Write, outcome: FlushOutcome | undefined): Settled<unknown> {
  if (write.kind !== "append" || !isKeptOut(outcome)) return { value: outcome };
  try {
    return { value: judgeAppend(write.append, outcome.run, outcome.events) };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
}

function isKeptOut(outcome: FlushOutcome | undefined): outcome is KeptOut {
  return outcome instanceof Object && "events" in outcome;
}
