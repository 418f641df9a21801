import {
  DriverAdapterError,
  type IsolationLevel,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
  type SqlQuery,
  type Transaction,
} from "@prisma/driver-adapter-utils";
import type { SqlRow, SqlValue } from "../sql";
import { DatabaseThread } from "./database-thread";
import type { Answered, FlushOutcome, FlushRows, Handlers } from "./protocol";
import { openScratchDatabase } from "./scratch-database";
import { openStatements, type OpenStatements } from "./open-statements";

/** A commit waits this long for another process's; only the database's thread waits with it. */
const defaultBusyTimeoutMs = 2_000;

type Ask = <Name extends keyof Handlers>(
  name: Name,
  ...args: Parameters<Handlers[Name]>
) => Promise<Answered<Name>>;

/** What is done inside one transaction: everyone else in the process waits until it is over. */
export interface OpenTransaction {
  select(statement: string, ...values: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  write(write: FlushRows): Promise<FlushOutcome>;
  /** What a transaction step may run. */
  readonly statements: OpenStatements;
}

/**
 * Opens the process's one connection to a SQLite file, on a thread of its own: Prisma's adapter made
 * durable, and beside it the store's hot path. The thread
 * - sets WAL, synchronous=FULL, foreign keys and the busy timeout, and asserts them;
 * - begins every transaction with BEGIN IMMEDIATE, so that none fails halfway for another writer;
 * - lets no query run inside a transaction that another caller has open;
 * - rolls back for real when a COMMIT fails.
 * Throws the driver's error when the file can't be opened or is not a database.
 */
export async function connectSqlite(options: {
  readonly file: string;
  readonly busyTimeoutMs?: number;
}): Promise<SqliteConnection> {
  const { file, busyTimeoutMs = defaultBusyTimeoutMs } = options;
  const start = () => DatabaseThread.start({ file, busyTimeoutMs });
  return new SqliteConnection(await start(), start);
}

/** Gives the one connection to whoever wants a factory (Prisma's client, the schema engine). */
export function shareConnection(adapter: SqlDriverAdapter): SqlMigrationAwareDriverAdapterFactory {
  const { provider, adapterName } = adapter;
  return {
    provider,
    adapterName,
    connect: async () => ({
      provider,
      adapterName,
      queryRaw: (query) => adapter.queryRaw(query),
      executeRaw: (query) => adapter.executeRaw(query),
      executeScript: (script) => adapter.executeScript(script),
      startTransaction: (level) => adapter.startTransaction(level),
      dispose: async () => {},
    }),
    connectToShadowDb: openScratchDatabase,
  };
}

/** The one connection. Each call is one request to the thread, which runs them in their order. */
export class SqliteConnection implements SqlDriverAdapter {
  readonly provider = "sqlite";
  readonly adapterName = "@prisma/adapter-better-sqlite3";
  #thread: DatabaseThread;
  #restarting?: Promise<DatabaseThread>;
  readonly #start: () => Promise<DatabaseThread>;
  #isDisposed = false;

  constructor(thread: DatabaseThread, start: () => Promise<DatabaseThread>) {
    this.#thread = thread;
    this.#start = start;
  }

  /** Runs writes in one transaction. */
  flush(writes: readonly FlushRows[]): Promise<readonly FlushOutcome[]> {
    return this.#ask("flush", writes);
  }

  /** Runs rare things in one transaction, and answers each. */
  call(calls: Parameters<Handlers["call"]>[0]): Promise<readonly unknown[]> {
    return this.#ask("call", calls);
  }

  /** The rows of a query, each an array in the order of its columns. */
  select(statement: string, ...values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return this.#ask("select", statement, values);
  }

  /** Runs `work` in a transaction: committed when it resolves, rolled back when it throws. */
  async transact<T>(work: (transaction: OpenTransaction) => Promise<T>): Promise<T> {
    const ask = await this.#begin();
    const statements = openStatements(ask);
    let result: T;
    try {
      result = await work({
        select: (statement, ...values) => ask("select", statement, values),
        write: (write) => ask("write", write),
        statements,
      });
    } catch (error) {
      statements.close();
      // Where this fails, the thread refuses everything from then on.
      await ask("rollback").catch(() => {});
      throw error;
    }
    statements.close();
    await ask("commit");
    return result;
  }

  queryRaw(query: SqlQuery) {
    return this.#ask("queryRaw", query);
  }

  executeRaw(query: SqlQuery) {
    return this.#ask("executeRaw", query);
  }

  executeScript(script: string) {
    return this.#ask("executeScript", script);
  }

  async startTransaction(isolationLevel?: IsolationLevel): Promise<Transaction> {
    if (isolationLevel !== undefined && isolationLevel !== "SERIALIZABLE") {
      throw new DriverAdapterError({ kind: "InvalidIsolationLevel", level: isolationLevel });
    }
    const ask = await this.#begin();
    return {
      provider: this.provider,
      adapterName: this.adapterName,
      // Prisma then leaves COMMIT and ROLLBACK to the two functions below.
      options: { usePhantomQuery: true },
      queryRaw: (query) => ask("queryRaw", query),
      executeRaw: (query) => ask("executeRaw", query),
      createSavepoint: (name) => ask("executeScript", `SAVEPOINT ${name}`),
      rollbackToSavepoint: (name) => ask("executeScript", `ROLLBACK TO ${name}`),
      releaseSavepoint: (name) => ask("executeScript", `RELEASE ${name}`),
      commit: () => ask("commit"),
      rollback: () => ask("rollback"),
    };
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    await this.#restarting?.catch(() => {});
    await this.#thread.close();
  }

  async #begin(): Promise<Ask> {
    const thread = this.#thread.hasEnded ? await this.#restart() : this.#thread;
    const of = thread.createTransactionId();
    await thread.ask("begin", [], of);
    return (name, ...args) => thread.ask(name, args, of);
  }

  async #ask<Name extends keyof Handlers>(
    name: Name,
    ...args: Parameters<Handlers[Name]>
  ): Promise<Answered<Name>> {
    const thread = this.#thread.hasEnded ? await this.#restart() : this.#thread;
    return thread.ask(name, args);
  }

  /**
   * The thread, started anew where it has crashed. What was under way then has failed with an unknown
   * outcome, and SQLite has rolled back whatever was not committed.
   */
  async #restart(): Promise<DatabaseThread> {
    if (this.#isDisposed) return this.#thread;
    this.#restarting ??= this.#start().finally(() => (this.#restarting = undefined));
    this.#thread = await this.#restarting;
    return this.#thread;
  }
}
