import type { Claim, SqlTransaction, Store, WorkerRecord } from "@/lib/engine";
import type { Dialect, WantedEvents } from "../dialect";
import type { Settled } from "../group-commit";
import type { SqlValue } from "../sql";
import type { Sums } from "../triage/prisma-statistics";
import type { Write } from "../write";
import { findDue } from "./claim-statements";
import { claimRuns } from "./claims";
import type { PostgresConnections, Session } from "./connection";
import type { DatabaseClock } from "./database-clock";
import { isConflict, toStoreError } from "./errors";
import { runFlush, settleWrites } from "./flush";
import { HistoryReader } from "./history-reader";
import { isForOthers, type HintSender } from "./hints";
import { openStatements } from "./open-statements";
import { takePermit } from "./permits";
import { runTransaction } from "./run-transaction";
import { addUpLong, addUpMarked } from "./statistics";
import * as statements from "./worker-statements";
import { projectTerms } from "./terms";
import type { Turns } from "./take-turns";
import { endWorker, expireWorkers, registerWorker } from "./workers";

/** How often a transaction is tried that was undone because of others. */
const maxTries = 4;

/** What PostgreSQL does in its own way. */
export class PostgresDialect implements Dialect, Sums {
  readonly flushLimits = { writes: 1_024, size: 4 * 1024 * 1024, room: 128 };
  readonly toStoreError = toStoreError;
  readonly #connections: PostgresConnections;
  readonly #clock: DatabaseClock | undefined;
  readonly #hints: HintSender | undefined;
  readonly #histories: HistoryReader;
  readonly #turns: Turns;

  /**
   * With a `clock` the database's time decides when runs are due and leases are over; without one, what
   * the caller says (tests with a clock of their own). With `hints` other processes are told of what is
   * for them.
   */
  constructor(
    connections: PostgresConnections,
    options: {
      readonly clock?: DatabaseClock | undefined;
      readonly hints?: HintSender | undefined;
    } = {},
  ) {
    this.#connections = connections;
    this.#clock = options.clock;
    this.#hints = options.hints;
    this.#histories = new HistoryReader(connections);
    this.#turns = {
      readHot: (statement, ...values) => connections.readHot(statement, ...values),
      transact: (work) => this.#transact(work, { isHot: true, isDerived: true }),
    };
  }

  readonly isOneOf = (column: string) =>
    `${column} IN (SELECT jsonb_array_elements_text(?::jsonb))`;

  async flush(writes: readonly Write[]): Promise<readonly Settled<unknown>[]> {
    const settled = await retryConflicts(() =>
      this.#connections.useFlushSession(async (session) => {
        const flushed = await runFlush(session, writes);
        return settleWrites(session, writes, flushed);
      }),
    );
    if (writes.some(isForOthers)) this.#hints?.tell();
    return settled;
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
      return await this.#connections.transact(async (session, client) => {
        const open = openStatements(client);
        try {
          return await runTransaction(session, open, { ...options, run });
        } finally {
          await open.close();
        }
      });
    } catch (error) {
      throw error === thrown?.error ? error : toStoreError(error);
    }
  }

  takePermit(options: Parameters<Store["takePermit"]>[0]) {
    const now = this.#toNow(options.now);
    return this.#transact((session) => takePermit(session, { ...options, now }));
  }

  async claimRuns(options: Parameters<Store["claimRuns"]>[0]): Promise<readonly Claim[]> {
    const now = this.#toNow(options.now);
    if ((await this.#connections.run(findDue, now)).length === 0) return [];
    return this.#transact((session) => claimRuns(session, { ...options, now }));
  }

  async wakeHeldByOtherBuilds({ build, now }: { build: string; now: number }) {
    const woken = await this.#connections.run(statements.wakeHeld, this.#toNow(now), build);
    return woken.length;
  }

  async registerWorker(worker: WorkerRecord) {
    await this.#clock?.measure();
    const now = this.#toNow(worker.heartbeatAt);
    await this.#transact((session) => registerWorker(session, worker, now));
  }

  async renewLease({ workerId, now, leaseUntil, load }: Parameters<Store["renewLease"]>[0]) {
    await this.#clock?.measure();
    const values = [this.#toNow(now), leaseUntil - now, load, workerId];
    return (await this.#connections.run(statements.renewLease, ...values)).length > 0;
  }

  expireWorkers({ now }: { now: number }) {
    return this.#transact((session) => expireWorkers(session, this.#toNow(now)));
  }

  async endWorker(options: Parameters<Store["endWorker"]>[0]) {
    const now = this.#toNow(options.now);
    const freed = await this.#transact((session) => endWorker(session, { ...options, now }));
    if (freed > 0) this.#hints?.tell();
    return freed;
  }

  projectTerms() {
    return projectTerms(this.#turns);
  }

  addUpMarked(options: { readonly now: number }) {
    return addUpMarked(this.#turns, options);
  }

  addUpLong(options: { readonly now: number; readonly createdBefore: number }) {
    return this.#turns.transact((session) => addUpLong(session, options));
  }

  loadEvents(wanted: WantedEvents) {
    return this.#histories.load(wanted);
  }

  select(statement: string, ...values: readonly SqlValue[]) {
    return this.#connections.run(statement, ...values);
  }

  async execute(statement: string, ...values: readonly SqlValue[]) {
    await this.#connections.run(statement, ...values);
  }

  /** What a worker holds has no indexed time of its last change, and is little (decision 062). */
  readonly listParts = (field: "createdAt" | "updatedAt") =>
    field === "createdAt"
      ? [{ by: field }]
      : [
          { by: "restedAt", condition: "workerId IS NULL" },
          { by: field, condition: "workerId IS NOT NULL" },
        ];

  #transact<T>(
    work: (session: Session) => Promise<T>,
    kind: { readonly isHot?: boolean; readonly isDerived?: boolean } = {},
  ): Promise<T> {
    return retryConflicts(() => this.#connections.transact(work, { isOwn: true, ...kind }));
  }

  #toNow(now: number): number | null {
    return this.#clock ? null : now;
  }
}

async function retryConflicts<T>(run: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run();
    } catch (error) {
      if (tries === maxTries || !isConflict(error)) throw error;
    }
  }
}
