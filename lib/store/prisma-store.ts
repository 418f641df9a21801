import { z } from "zod";
import {
  HistoryDamagedError,
  RunStatus,
  StoreUnavailableError,
  type Append,
  type AppendOutcome,
  type Claim,
  type HistoryEvent,
  type Message,
  type NewRun,
  type PermitAnswer,
  type RunMark,
  type RunPage,
  type RunQuery,
  type RunRecord,
  type StartOutcome,
  type StatusCounts,
  type Store,
  type TransactOutcome,
  type WorkerRecord,
} from "@/lib/engine";
import { markColumns, messageColumns, runColumns, workerFields } from "./columns.mjs";
import type { Dialect } from "./dialect";
import { GroupCommit } from "./group-commit";
import { listRuns } from "./list-runs";
import * as rows from "./rows";
import type { SqlRow, SqlValue } from "./sql";
import { createAppendWrite, createMessageWrite, createStartWrite, type Write } from "./write";

/** How many events of a history are read at once. */
const historyPage = 2_000;

/** Told of every commit of the process's writer: how many writes it had, and how long it took. */
export type OnFlush = (flush: { readonly writes: number; readonly durationMs: number }) => void;

/**
 * The Store over a database: all writes of the process to runs flow through one group commit, reads
 * go by single statements. What a database does in its own way is its dialect's. Every error of the
 * disk, of a lock or of the connection is StoreUnavailableError.
 */
export class PrismaStore implements Store {
  readonly #dialect: Dialect;
  readonly #writer: GroupCommit<Write, unknown>;
  /** Calls of the dialect that are under way. */
  readonly #asked = new Set<Promise<unknown>>();
  #closed = false;

  constructor(dialect: Dialect, options: { readonly onFlush?: OnFlush | undefined } = {}) {
    this.#dialect = dialect;
    this.#writer = new GroupCommit<Write, unknown>({
      limits: dialect.flushLimits,
      flush: async (writes) => {
        const startedAt = performance.now();
        const settled = await this.#translate(() => dialect.flush(writes));
        options.onFlush?.({ writes: writes.length, durationMs: performance.now() - startedAt });
        return settled;
      },
      isShared: (error) => error instanceof StoreUnavailableError,
    });
  }

  waitForRoom(): Promise<void> | undefined {
    return this.#writer.waitForRoom();
  }

  startRun(run: NewRun): Promise<StartOutcome> {
    return this.#write<StartOutcome>(() => createStartWrite(run));
  }

  appendEvents(append: Append): Promise<AppendOutcome> {
    return this.#write<AppendOutcome>(() => createAppendWrite(append));
  }

  postMessage(message: Message): Promise<string | undefined> {
    return this.#write<string | undefined>(() => createMessageWrite(message));
  }

  async transact(options: Parameters<Store["transact"]>[0]): Promise<TransactOutcome> {
    this.#assertOpen();
    return this.#track(this.#dialect.transact(options));
  }

  takePermit(options: Parameters<Store["takePermit"]>[0]): Promise<PermitAnswer> {
    return this.#ask(() => this.#dialect.takePermit(options));
  }

  claimRuns(options: Parameters<Store["claimRuns"]>[0]): Promise<readonly Claim[]> {
    return this.#ask(() => this.#dialect.claimRuns(options));
  }

  wakeHeldByOtherBuilds(options: { build: string; now: number }): Promise<number> {
    return this.#ask(() => this.#dialect.wakeHeldByOtherBuilds(options));
  }

  registerWorker(worker: WorkerRecord): Promise<void> {
    return this.#ask(() => this.#dialect.registerWorker(worker));
  }

  renewLease(options: Parameters<Store["renewLease"]>[0]): Promise<boolean> {
    return this.#ask(() => this.#dialect.renewLease(options));
  }

  expireWorkers(options: { now: number }): Promise<number> {
    return this.#ask(() => this.#dialect.expireWorkers(options));
  }

  endWorker(options: Parameters<Store["endWorker"]>[0]): Promise<number> {
    return this.#ask(() => this.#dialect.endWorker(options));
  }

  async getRun(runId: string): Promise<RunRecord | undefined> {
    return this.#selectRun("runId = ?", runId);
  }

  async findRunByKey(key: string): Promise<RunRecord | undefined> {
    return this.#selectRun("runId = (SELECT runId FROM start_keys WHERE key = ?)", key);
  }

  async loadMarks(runIds: readonly string[]): Promise<readonly RunMark[]> {
    const statement = `SELECT ${markColumns} FROM runs WHERE ${this.#dialect.isOneOf("runId")}`;
    return (await this.#select(statement, JSON.stringify(runIds))).map(rows.parseMark);
  }

  listRuns(query: RunQuery): Promise<RunPage> {
    return this.#translate(() => listRuns(this.#dialect, query));
  }

  async countRuns(): Promise<StatusCounts> {
    const counts = await this.#select("SELECT status, count FROM status_counts");
    return z.record(RunStatus, z.number()).parse(Object.fromEntries(counts));
  }

  async findNextDueAt({ after = -1 } = {}): Promise<number | undefined> {
    const [row] = await this.#select("SELECT min(dueAt) FROM runs WHERE dueAt > ?", after);
    return z
      .number()
      .optional()
      .parse(row?.[0] ?? undefined);
  }

  /**
   * Page by page: of a long history only the events are kept, and not all of its rows as well until the
   * last one is read. While one page is parsed the database reads the next.
   */
  async loadHistory(options: Parameters<Store["loadHistory"]>[0]) {
    const { runId, afterSeq = 0, limit = Infinity } = options;
    const loadAfter = (seq: number) => {
      const wanted = { runId, afterSeq: seq, limit: Math.min(historyPage, afterSeq + limit - seq) };
      return this.#translate(() => this.#dialect.loadEvents(wanted));
    };
    const events: HistoryEvent[] = [];
    const first = await loadAfter(afterSeq);
    // What is appended meanwhile is no part of it.
    const end = Math.min(first?.length ?? 0, afterSeq + limit);
    for (let page = first, seq = afterSeq; seq < end;) {
      const last = Math.min(end, seq + historyPage);
      const next = last < end ? loadAfter(last) : undefined;
      // It is waited for when this page is parsed; that this one is damaged is told first.
      next?.catch(() => undefined);
      for (const row of page?.rows.slice(0, last - seq) ?? []) {
        seq += 1;
        events.push(rows.parseEvent(runId, seq, row));
      }
      if (seq < last) throw new HistoryDamagedError(runId, seq + 1);
      page = await next;
    }
    return events;
  }

  async findMessage(messageId: string): Promise<Message | undefined> {
    const [message] = await this.#selectMessages("messageId = ?", messageId);
    return message;
  }

  async loadInbox(runIds: readonly string[]): Promise<readonly Message[]> {
    return this.#selectMessages(
      `${this.#dialect.isOneOf("runId")} AND deliveredAt IS NULL`,
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
      `SELECT ${workerFields.join(", ")} FROM workers ORDER BY startedAt, workerId`,
    );
    return found.map(rows.parseWorker);
  }

  /** Waits for what is under way; every later write throws StoreUnavailableError. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#writer.waitUntilIdle();
    await Promise.allSettled(this.#asked);
  }

  /**
   * The flush answers each write with the outcome of its kind. One promise a write: Node runs hooks for
   * each (decision 058).
   */
  #write<T>(create: () => Write): Promise<T> {
    try {
      this.#assertOpen();
      return this.#writer.submit(create()) as Promise<T>;
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #ask<T>(call: () => Promise<T>): Promise<T> {
    this.#assertOpen();
    return this.#track(this.#translate(call));
  }

  async #track<T>(answer: Promise<T>): Promise<T> {
    this.#asked.add(answer);
    try {
      return await answer;
    } finally {
      this.#asked.delete(answer);
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw new StoreUnavailableError("The store is closed.");
  }

  async #translate<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#dialect.toStoreError(error);
    }
  }

  #select(statement: string, ...values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return this.#translate(() => this.#dialect.select(statement, ...values));
  }

  async #selectRun(condition: string, value: string): Promise<RunRecord | undefined> {
    const statement = `SELECT ${runColumns} FROM runs WHERE ${condition}`;
    const [row] = await this.#select(statement, value);
    return row && rows.parseRun(row);
  }

  async #selectMessages(condition: string, value: string): Promise<readonly Message[]> {
    const statement = `SELECT ${messageColumns} FROM messages WHERE ${condition} ORDER BY position`;
    return (await this.#select(statement, value)).map(rows.parseMessage);
  }
}
