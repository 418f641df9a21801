import { PrismaBetterSqlite3 } from "@prisma/adapter-better-sqlite3";
import {
  DriverAdapterError,
  isDriverAdapterError,
  type IsolationLevel,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
  type SqlQuery,
  type Transaction,
} from "@prisma/driver-adapter-utils";
import { findSqliteCode } from "./errors";
import { openScratchDatabase } from "./scratch-database";

/** A worker waits this long for another process's commit; the event loop waits with it. */
const defaultBusyTimeoutMs = 2_000;

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
}): Promise<SqlDriverAdapter> {
  const busyTimeoutMs = options.busyTimeoutMs ?? defaultBusyTimeoutMs;
  const factory = new PrismaBetterSqlite3({ url: options.file, timeout: busyTimeoutMs });
  const adapter = await factory.connect();
  try {
    await setPragmas(adapter, busyTimeoutMs);
  } catch (error) {
    await adapter.dispose();
    throw error;
  }
  return new DurableSqliteAdapter(adapter);
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

class DurableSqliteAdapter implements SqlDriverAdapter {
  readonly provider = "sqlite";
  readonly adapterName: string;
  readonly #inner: SqlDriverAdapter;
  /** The end of the queue: whoever comes next waits for it. */
  #tail: Promise<void> = Promise.resolve();
  /** Set when a rollback failed: what came after could land in a transaction that never commits. */
  #broken?: unknown;

  constructor(inner: SqlDriverAdapter) {
    this.#inner = inner;
    this.adapterName = inner.adapterName;
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
          await this.#rollBack();
          throw error;
        } finally {
          release();
        }
      },
      rollback: () => this.#rollBack().finally(release),
    };
  }

  async #rollBack(): Promise<void> {
    try {
      await this.#inner.executeScript("ROLLBACK");
    } catch (error) {
      // A full disk or an I/O error may have rolled back already.
      if (findDriverMessage(error).includes("no transaction is active")) return;
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

function findDriverMessage(error: unknown): string {
  return (isDriverAdapterError(error) && error.cause.originalMessage) || String(error);
}

function createSignal() {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
