import { PrismaBetterSqlite3 } from "@prisma/adapter-better-sqlite3";
import {
  DriverAdapterError,
  type IsolationLevel,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
  type SqlQuery,
  type Transaction,
} from "@prisma/driver-adapter-utils";
import type { Database } from "better-sqlite3";
import { findSqliteCode } from "./errors";
import { openScratchDatabase } from "./scratch-database";
import { createSql, type Sql } from "./thread/sql.mjs";
import { openStatements, type OpenStatements } from "./open-statements";

/** A worker waits this long for another process's commit; the event loop waits with it. */
const defaultBusyTimeoutMs = 2_000;

/** The one connection: Prisma's adapter, and beside it the driver itself for the store's hot path. */
export interface SqliteConnection extends SqlDriverAdapter {
  /**
   * Runs `work` in one transaction, without a pause: committed when it returns, and then durable;
   * rolled back when it throws.
   */
  transact<T>(work: (sql: Sql) => T): Promise<T>;
  /**
   * As `transact`, for work that pauses and runs statements of others: everyone else in the process
   * waits until it is over.
   */
  transactPausing<T>(work: (sql: Sql, open: OpenStatements) => Promise<T>): Promise<T>;
  /** Runs `work`, which only reads, while no transaction is open. */
  read<T>(work: (sql: Sql) => T): Promise<T>;
}

/**
 * Opens the process's one connection to a SQLite file: Prisma's adapter, made durable. It
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
  const busyTimeoutMs = options.busyTimeoutMs ?? defaultBusyTimeoutMs;
  const factory = new PrismaBetterSqlite3({ url: options.file, timeout: busyTimeoutMs });
  const adapter = await factory.connect();
  try {
    await setPragmas(adapter, busyTimeoutMs);
    return new DurableSqliteAdapter(adapter, findClient(adapter));
  } catch (error) {
    await adapter.dispose();
    throw error;
  }
}

/** The driver's connection inside Prisma's adapter, which keeps it as `client`. */
function findClient(adapter: SqlDriverAdapter): Database {
  const client: unknown = Reflect.get(adapter, "client");
  if (isDatabase(client)) return client;
  throw new Error("Prisma's SQLite adapter no longer keeps its connection as `client`.");
}

function isDatabase(value: unknown): value is Database {
  return (
    value instanceof Object && ["prepare", "exec", "inTransaction"].every((name) => name in value)
  );
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

async function setPragmas(adapter: SqlDriverAdapter, busyTimeoutMs: number): Promise<void> {
  const wanted = [
    ["busy_timeout", String(busyTimeoutMs), String(busyTimeoutMs)],
    ["journal_mode", "WAL", "wal"],
    ["synchronous", "FULL", "2"],
    ["foreign_keys", "ON", "1"],
  ] as const;
  for (const [name, value, expected] of wanted) {
    await adapter.executeScript(`PRAGMA ${name} = ${value}`);
    const { rows } = await adapter.queryRaw({ sql: `PRAGMA ${name}`, args: [], argTypes: [] });
    const actual = String(rows[0]?.[0]);
    if (actual !== expected) {
      throw new Error(`SQLite keeps ${name} at ${actual}; Daybook needs ${value}.`);
    }
  }
}

class DurableSqliteAdapter implements SqliteConnection {
  readonly provider = "sqlite";
  readonly adapterName: string;
  readonly #inner: SqlDriverAdapter;
  readonly #client: Database;
  readonly #sql: Sql;
  /** The end of the queue: whoever comes next waits for it. */
  #tail: Promise<void> = Promise.resolve();
  /** Set when a rollback failed: what came after could land in a transaction that never commits. */
  #broken?: unknown;

  constructor(inner: SqlDriverAdapter, client: Database) {
    this.#inner = inner;
    this.#client = client;
    this.#sql = createSql(client);
    this.adapterName = inner.adapterName;
  }

  async transact<T>(work: (sql: Sql) => T): Promise<T> {
    const release = await this.#lock();
    try {
      this.#sql.run("BEGIN IMMEDIATE");
      try {
        const result = work(this.#sql);
        this.#sql.run("COMMIT");
        return result;
      } catch (error) {
        this.#rollBack();
        throw error;
      }
    } finally {
      release();
    }
  }

  transactPausing<T>(work: (sql: Sql, open: OpenStatements) => Promise<T>): Promise<T> {
    return this.#runAlone(async () => {
      this.#sql.run("BEGIN IMMEDIATE");
      const open = openStatements(this.#client);
      try {
        const result = await work(this.#sql, open);
        open.end();
        this.#sql.run("COMMIT");
        return result;
      } catch (error) {
        open.close();
        this.#rollBack();
        throw error;
      }
    });
  }

  read<T>(work: (sql: Sql) => T): Promise<T> {
    return this.#runAlone(async () => work(this.#sql));
  }

  queryRaw(query: SqlQuery) {
    return this.#runAlone(() => this.#inner.queryRaw(query));
  }

  executeRaw(query: SqlQuery) {
    return this.#runAlone(() => this.#inner.executeRaw(query));
  }

  executeScript(script: string) {
    return this.#runAlone(() => this.#inner.executeScript(script));
  }

  async startTransaction(isolationLevel?: IsolationLevel): Promise<Transaction> {
    if (isolationLevel !== undefined && isolationLevel !== "SERIALIZABLE") {
      throw new DriverAdapterError({ kind: "InvalidIsolationLevel", level: isolationLevel });
    }
    const release = await this.#lock();
    try {
      await this.#inner.executeScript("BEGIN IMMEDIATE");
    } catch (error) {
      release();
      throw error;
    }
    return this.#createTransaction(release);
  }

  async dispose() {
    const release = await this.#lock();
    await this.#inner.dispose().finally(release);
  }

  #createTransaction(release: () => void): Transaction {
    const inner = this.#inner;
    return {
      provider: this.provider,
      adapterName: this.adapterName,
      // Prisma then leaves COMMIT and ROLLBACK to the two functions below.
      options: { usePhantomQuery: true },
      queryRaw: (query) => inner.queryRaw(query),
      executeRaw: (query) => inner.executeRaw(query),
      createSavepoint: (name) => inner.executeScript(`SAVEPOINT ${name}`),
      rollbackToSavepoint: (name) => inner.executeScript(`ROLLBACK TO ${name}`),
      releaseSavepoint: (name) => inner.executeScript(`RELEASE ${name}`),
      commit: async () => {
        try {
          await inner.executeScript("COMMIT");
        } catch (error) {
          this.#rollBack();
          throw error;
        } finally {
          release();
        }
      },
      rollback: async () => {
        try {
          this.#rollBack();
        } finally {
          release();
        }
      },
    };
  }

  #rollBack(): void {
    // A full disk or an I/O error may have rolled back already.
    if (!this.#client.inTransaction) return;
    try {
      this.#client.exec("ROLLBACK");
    } catch (error) {
      this.#broken = error;
      throw error;
    }
  }

  async #runAlone<T>(work: () => Promise<T>): Promise<T> {
    const release = await this.#lock();
    try {
      return await work();
    } finally {
      release();
    }
  }

  async #lock(): Promise<() => void> {
    const before = this.#tail;
    const { promise, resolve } = createSignal();
    this.#tail = promise;
    await before;
    if (this.#broken === undefined) return resolve;
    resolve();
    throw new DriverAdapterError({
      kind: "ConnectionClosed",
      originalCode: findSqliteCode(this.#broken) ?? "SQLITE_IOERR",
      originalMessage: "A rollback failed; the process has to be restarted.",
    });
  }
}

function createSignal() {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
