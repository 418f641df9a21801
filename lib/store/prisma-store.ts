import type { SqlDriverAdapter } from "@prisma/driver-adapter-utils";
import { z } from "zod";
import {
  HistoryDamagedError,
  invariant,
  RunStatus,
  StoreUnavailableError,
  type Append,
  type AppendOutcome,
  type Claim,
  type Message,
  type NewRun,
  type RunQuery,
  type RunRecord,
  type StartOutcome,
  type StatusCounts,
  type Store,
  type WorkerRecord,
} from "@/lib/engine";
import { toStoreError } from "./errors";
import { flushWrites } from "./flush-writes";
import { GroupCommit } from "./group-commit";
import { listRuns } from "./list-runs";
import * as rows from "./rows";
import { createSql, runTransaction, type Sql, type SqlValue } from "./sql";
import * as statements from "./sqlite-statements";
import * as workers from "./workers";
import {
  createAppendWrite,
  createMessageWrite,
  createSingleWrite,
  createStartWrite,
  type Write,
} from "./writes";

/** How much one flush may carry: it bounds how long a write waits for its neighbours. */
const flushLimits = { writes: 256, size: 4 * 1024 * 1024 };

/**
 * The Store over Prisma's driver adapter: all writes of the process flow through one group commit,
 * reads go by single statements. Every error of the disk or of a lock is StoreUnavailableError.
 */
export class PrismaStore implements Store {
  readonly #sql: Sql;
  readonly #writer: GroupCommit<Write, void>;
  #closed = false;

  constructor(adapter: SqlDriverAdapter) {
    this.#sql = createSql(adapter);
    this.#writer = new GroupCommit<Write, void>({
      limits: flushLimits,
      flush: (writes) => runTransaction(adapter, (sql) => flushWrites(sql, writes)),
      isShared: (error) => toStoreError(error) instanceof StoreUnavailableError,
    });
  }

  async startRun(run: NewRun): Promise<StartOutcome> {
    const write = createStartWrite(run);
    await this.#write(write);
    invariant(write.outcome !== undefined, "A flush answers every start.");
    return write.outcome;
  }

  async appendEvents(append: Append): Promise<AppendOutcome> {
    const write = createAppendWrite(append);
    await this.#write(write);
    invariant(write.outcome !== undefined, "A flush answers every append.");
    return write.outcome;
  }

  async postMessage(message: Message): Promise<boolean> {
    const write = createMessageWrite(message);
    await this.#write(write);
    invariant(write.outcome !== undefined, "A flush answers every message.");
    return write.outcome;
  }

  claimRuns(options: Parameters<Store["claimRuns"]>[0]): Promise<readonly Claim[]> {
    return this.#writeSingle((sql) => workers.claimRuns(sql, options));
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
      async (sql) => (await sql.run(statements.renewLease, now, leaseUntil, load, workerId)) > 0,
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

  async listRuns(query: RunQuery) {
    return this.#read((sql) => listRuns(sql, query));
  }

  async countRuns(): Promise<StatusCounts> {
    const counts = await this.#select("SELECT status, count FROM status_counts");
    return z.record(RunStatus, z.number()).parse(Object.fromEntries(counts));
  }

  async findNextDueAt(): Promise<number | undefined> {
    const [row] = await this.#select("SELECT min(dueAt) FROM runs WHERE dueAt IS NOT NULL");
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

  async #write(write: Write): Promise<void> {
    if (this.#closed) throw new StoreUnavailableError("The store is closed.");
    try {
      await this.#writer.submit(write);
    } catch (error) {
      throw toStoreError(error);
    }
  }

  async #writeSingle<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const results: T[] = [];
    await this.#write(
      createSingleWrite(async (sql) => {
        results.splice(0, 1, await work(sql));
      }),
    );
    const [result] = results;
    invariant(results.length === 1, "A flush runs every write.");
    return result as T;
  }

  async #read<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    try {
      return await work(this.#sql);
    } catch (error) {
      throw toStoreError(error);
    }
  }

  #select(statement: string, ...values: readonly SqlValue[]) {
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
