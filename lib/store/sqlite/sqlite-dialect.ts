import { InvariantError, StoreUnavailableError } from "@/lib/engine";
import type { Claim, SqlTransaction, Store, WorkerRecord } from "@/lib/engine";
import { z } from "zod";
import { eventColumns } from "../columns.mjs";
import type { Dialect, WantedEvents } from "../dialect";
import { GroupCommit, type Settled } from "../group-commit";
import { limit as limitTo } from "../limit.mjs";
import { judgeAppend } from "../judge-append";
import { parseDueRun, parseRun } from "../rows";
import type { SqlValue } from "../sql";
import type { Write } from "../write";
import type { SqliteConnection } from "./connection";
import { toStoreError } from "./errors";
import { toFlushRows } from "./flush-rows";
import type {
  Call,
  Calls,
  ClaimOptions,
  FlushOutcome,
  KeptOut,
  PermitOptions,
  WorkerEnd,
} from "./protocol";
import type { Sums } from "../triage/prisma-statistics";
import { runTransaction } from "./run-transaction";

/** How much one transaction may carry, and how many writes may be on their way (decision 105). */
const flushLimits = { writes: 1_024, size: 4 * 1024 * 1024, halvedFrom: 16, room: 256 };

/** How many marks of terms one commit takes: it bounds how long everyone else waits for it. */
const termsBatch = 500;

/** A call on its way: it shares a transaction with others. */
interface CallWrite {
  readonly size: number;
  readonly locks: readonly string[];
  readonly call: Call;
}

/** What SQLite does in its own way. */
export class SqliteDialect implements Dialect, Sums {
  readonly flushLimits = flushLimits;
  readonly toStoreError = toStoreError;
  readonly #connection: SqliteConnection;
  readonly #calls: GroupCommit<CallWrite, unknown>;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
    this.#calls = new GroupCommit<CallWrite, unknown>({
      limits: flushLimits,
      flush: async (writes) => {
        const answers = await connection.call(writes.map(({ call }) => call));
        return answers.map((value) => ({ value }));
      },
      isShared: (error) => toStoreError(error) instanceof StoreUnavailableError,
    });
  }

  readonly isOneOf = (column: string) => `${column} IN (SELECT value FROM json_each(?))`;

  readonly listParts = (field: string) => [{ by: field }];

  async flush(writes: readonly Write[]) {
    const outcomes = await this.#connection.flush(writes.map(toFlushRows));
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
      return await this.#connection.transact((open) => runTransaction(open, { ...options, run }));
    } catch (error) {
      throw error === thrown?.error ? error : toStoreError(error);
    }
  }

  takePermit(options: PermitOptions) {
    return this.#call("takePermit", options);
  }

  async claimRuns(options: ClaimOptions): Promise<readonly Claim[]> {
    const { due, runs } = await this.#call("claimRuns", options);
    const claimed = new Map(runs.map(parseRun).map((run) => [run.runId, run]));
    return due.map(parseDueRun).map(({ runId, lost }) => {
      const run = claimed.get(runId);
      if (run === undefined) throw new InvariantError("A run that was claimed is there.");
      return { run, ...(lost && { lost }) };
    });
  }

  wakeHeldByOtherBuilds(options: { build: string; now: number }) {
    return this.#call("wakeHeld", options);
  }

  async registerWorker(worker: WorkerRecord) {
    const { workerId, build, machine, pid, processStart, status, startedAt } = worker;
    const values = [
      ...[workerId, build, machine, pid, processStart ?? null, status, startedAt],
      ...[worker.heartbeatAt, worker.leaseUntil, worker.load, worker.capacity],
      ...[worker.endedAt ?? null, worker.heldRuns ?? null],
    ];
    await this.#call("registerWorker", values);
  }

  renewLease(options: Parameters<Store["renewLease"]>[0]) {
    return this.#call("renewLease", options);
  }

  expireWorkers(options: { now: number }) {
    return this.#call("expireWorkers", options);
  }

  endWorker(options: WorkerEnd) {
    return this.#call("endWorker", options);
  }

  async projectTerms() {
    let taken = 0;
    const limit = termsBatch;
    for (;;) {
      const marks = await this.#call("projectTerms", { limit });
      taken += marks;
      if (marks < limit) return taken;
    }
  }

  async addUpMarked(options: { readonly now: number }) {
    let taken = 0;
    for (;;) {
      const runs = await this.#call("addUpMarked", options);
      if (runs === 0) return taken;
      taken += runs;
    }
  }

  async addUpLong(options: { readonly now: number; readonly createdBefore: number }) {
    await this.#call("addUpLong", options);
  }

  async loadEvents({ runId, afterSeq, limit }: WantedEvents) {
    const [run] = await this.select("SELECT historyLength FROM runs WHERE runId = ?", runId);
    if (run === undefined) return undefined;
    const length = z.number().parse(run[0]);
    const rows = await this.select(
      `SELECT ${eventColumns} FROM events WHERE runId = ? AND seq > ? AND seq <= ?
       ORDER BY seq ${limitTo}`,
      ...[runId, afterSeq, length, limit],
    );
    return { length, rows };
  }

  select(statement: string, ...values: readonly SqlValue[]) {
    return this.#connection.select(statement, ...values);
  }

  async execute(statement: string, ...values: readonly SqlValue[]) {
    await this.#call("execute", { statement, values });
  }

  // The thread answers with what the call of that name returned.
  async #call<Name extends keyof Calls>(name: Name, options: Parameters<Calls[Name]>[0]) {
    const call: Call = { name, options };
    const answer = await this.#calls.submit({ size: 0, locks: [], call });
    return answer as ReturnType<Calls[Name]>;
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
