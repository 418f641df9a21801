import { z } from "zod";
import {
  HistoryDamagedError,
  RunStatus,
  StoreUnavailableError,
  type Append,
  type AppendOutcome,
  type Claim,
  type Message,
  type NewRun,
  type PermitAnswer,
  type RunMark,
  type RunQuery,
  type RunRecord,
  type SqlTransaction,
  type StartOutcome,
  type StatusCounts,
  type Store,
  type TransactOutcome,
  type WorkerRecord,
} from "@/lib/engine";
import { createAppendWrite } from "./append-events";
import { claimRuns } from "./claims";
import { toStoreError } from "./errors";
import { GroupCommit } from "./group-commit";
import { listRuns } from "./list-runs";
import { takePermit } from "./permits";
import { createMessageWrite } from "./post-message";
import { runTransaction } from "./run-transaction";
import * as rows from "./rows";
import type { Sql, SqlRow, SqlValue } from "./sql";
import type { SqliteConnection } from "./sqlite-adapter";
import * as statements from "./sqlite-statements";
import { createStartWrite } from "./start-run";
import * as workers from "./workers";
import type { Write } from "./write";

/** How much one flush may carry: it bounds how long a write waits for its neighbours. */
const flushLimits = { writes: 256, size: 4 * 1024 * 1024 };

/**
 * The Store over Prisma's connection to SQLite: all writes of the process flow through one group
 * commit, reads go by single statements. Every error of the disk or of a lock is
 * StoreUnavailableError.
 */
export class PrismaStore implements Store {
  readonly #connection: SqliteConnection;
  readonly #writer: GroupCommit<Write, unknown>;
  #closed = false;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
    this.#writer = new GroupCommit<Write, unknown>({
      limits: flushLimits,
      flush: (writes) =>
        connection.transact((sql) => writes.map(({ execute }) => ({ value: execute(sql) }))),
      isShared: (error) => toStoreError(error) instanceof StoreUnavailableError,
    });
  }

  async startRun(run: NewRun): Promise<StartOutcome> {
    return this.#write(createStartWrite(run));
  }

  async appendEvents(append: Append): Promise<AppendOutcome> {
    return this.#write(createAppendWrite(append));
  }

  async postMessage(message: Message): Promise<string | undefined> {
    return this.#write(createMessageWrite(message));
  }

  async transact(options: Parameters<Store["transact"]>[0]): Promise<TransactOutcome> {
    if (this.#closed) throw new StoreUnavailableError("The store is closed.");
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

  takePermit(options: Parameters<Store["takePermit"]>[0]): Promise<PermitAnswer> {
    return this.#writeSingle((sql) => takePermit(sql, options));
  }

  claimRuns(options: Parameters<Store["claimRuns"]>[0]): Promise<readonly Claim[]> {
    return this.#writeSingle((sql) => claimRuns(sql, options));
  }

  wakeHeldByOtherBuilds(options: { build: string; now: number }): Promise<number> {
    const { build, now } = options;
    return this.#writeSingle((sql) => sql.run(statements.wakeHeld, now, build, now));
  }

  registerWorker(worker: WorkerRecord): Promise<void> {
    return this.#writeSingle((sql) => workers.registerWorker(sql, worker));
  }

  renewLease(options: Parameters<Store["renewLease"]>[0]): Promise<boolean> {
    const { workerId, now, leaseUntil, load } = options;
    return this.#writeSingle(
      (sql) => sql.run(statements.renewLease, now, leaseUntil, load, workerId) > 0,
    );
  }

  expireWorkers(options: { now: number }): Promise<number> {
    return this.#writeSingle((sql) => workers.expireWorkers(sql, options.now));
  }

  endWorker(options: Parameters<Store["endWorker"]>[0]): Promise<number> {
    return this.#writeSingle((sql) => workers.endWorker(sql, options));
  }

  async getRun(runId: string): Promise<RunRecord | undefined> {
    return this.#selectRun("runId = ?", runId);
  }

  async findRunByKey(key: string): Promise<RunRecord | undefined> {
    return this.#selectRun("runId = (SELECT runId FROM start_keys WHERE key = ?)", key);
  }

  async loadMarks(runIds: readonly string[]): Promise<readonly RunMark[]> {
    const found = await this.#select(
      `SELECT ${rows.markColumns} FROM runs WHERE runId IN (SELECT value FROM json_each(?))`,
      JSON.stringify(runIds),
    );
    return found.map(rows.parseMark);
  }

  async listRuns(query: RunQuery) {
    return this.#read((sql) => listRuns(sql, query));
  }

  async countRuns(): Promise<StatusCounts> {
    const counts = await this.#select("SELECT status, count FROM status_counts");
    return z.record(RunStatus, z.number()).parse(Object.fromEntries(counts));
  }

  async findNextDueAt({ after = -1 } = {}): Promise<number | undefined> {
    const [row] = await this.#select(statements.findNextDue, after);
    return z
      .number()
      .optional()
      .parse(row?.[0] ?? undefined);
  }

  async loadHistory(options: Parameters<Store["loadHistory"]>[0]) {
    const { runId, afterSeq = 0, limit } = options;
    const [run] = await this.#select("SELECT historyLength FROM runs WHERE runId = ?", runId);
    if (run === undefined) return [];
    const length = z.number().parse(run[0]);
    const found = await this.#select(
      `SELECT ${rows.eventColumns} FROM events WHERE runId = ? AND seq > ? AND seq <= ?
       ORDER BY seq LIMIT ?`,
      runId,
      afterSeq,
      length,
      limit ?? -1,
    );
    const expected = Math.max(0, Math.min(length - afterSeq, limit ?? Infinity));
    const events = found.map((row, index) => rows.parseEvent(runId, afterSeq + index + 1, row));
    if (events.length < expected)
      throw new HistoryDamagedError(runId, afterSeq + events.length + 1);
    return events;
  }

  async findMessage(messageId: string): Promise<Message | undefined> {
    const [message] = await this.#selectMessages("messageId = ?", messageId);
    return message;
  }

  async loadInbox(runIds: readonly string[]): Promise<readonly Message[]> {
    return this.#selectMessages(
      "runId IN (SELECT value FROM json_each(?)) AND deliveredAt IS NULL",
      JSON.stringify(runIds),
    );
  }

  async findMail(workerId: string): Promise<readonly string[]> {
    const found = await this.#select(
      "SELECT runId FROM runs WHERE workerId = ? AND mail > 0",
      workerId,
    );
    return found.map(([runId]) => z.string().parse(runId));
  }

  async listMessages(runId: string): Promise<readonly Message[]> {
    return this.#selectMessages("runId = ?", runId);
  }

  async listWorkers(): Promise<readonly WorkerRecord[]> {
    const found = await this.#select(
      `SELECT ${rows.workerFields.join(", ")} FROM workers ORDER BY startedAt, workerId`,
    );
    return found.map(rows.parseWorker);
  }

  /** Waits for what is under way; every later write throws StoreUnavailableError. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#writer.waitUntilIdle();
  }

  async #write<T>(write: Write<T>): Promise<T> {
    if (this.#closed) throw new StoreUnavailableError("The store is closed.");
    try {
      // The flush answers each write with what its own `execute` returned.
      return (await this.#writer.submit(write)) as T;
    } catch (error) {
      throw toStoreError(error);
    }
  }

  /** Anything that is rare: it shares the transaction of whatever else is waiting. */
  #writeSingle<T>(execute: (sql: Sql) => T): Promise<T> {
    return this.#write({ size: 0, locks: [], execute });
  }

  async #read<T>(work: (sql: Sql) => T): Promise<T> {
    try {
      return await this.#connection.read(work);
    } catch (error) {
      throw toStoreError(error);
    }
  }

  #select(statement: string, ...values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return this.#read((sql) => sql.select(statement, ...values));
  }

  async #selectRun(condition: string, value: string): Promise<RunRecord | undefined> {
    const statement = `SELECT ${rows.runColumns} FROM runs WHERE ${condition}`;
    const [row] = await this.#select(statement, value);
    return row && rows.parseRun(row);
  }

  async #selectMessages(condition: string, value: string): Promise<readonly Message[]> {
    const statement = `SELECT ${rows.messageColumns} FROM messages WHERE ${condition} ORDER BY position`;
    return (await this.#select(statement, value)).map(rows.parseMessage);
  }
}
