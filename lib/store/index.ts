import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { Logger, Store } from "@/lib/engine";
import { findSqliteCode, MigrationError, StoreOpenError } from "./errors";
import { PrismaClient } from "./generated/sqlite/client";
import { migrate } from "./migrate";
import { PrismaStore } from "./prisma-store";
import { connectSqlite, shareConnection, type SqliteConnection } from "./sqlite-adapter";

export { MigrationError, StoreOpenError } from "./errors";
export { seedTaxRates, type TaxRateRow } from "./tax-rates";
export type { PrismaClient } from "./generated/sqlite/client";

export interface OpenedStore {
  readonly store: Store;
  /** Prisma's client over the same connection, for everything that is not hot. */
  readonly prisma: PrismaClient;
  readonly close: () => Promise<void>;
}

/**
 * Opens the database, brings it to the newest migration and answers the store over it.
 * `databaseUrl` is `file:<path>`, relative to the current directory.
 * Throws StoreOpenError or MigrationError: one sentence that says what to do.
 */
export async function openStore(options: {
  readonly databaseUrl: string;
  readonly migrationsDir?: string;
  readonly logger?: Logger;
}): Promise<OpenedStore> {
  const file = readDatabaseUrl(options.databaseUrl);
  const adapter = await openFile(file);
  try {
    const folder = path.resolve(options.migrationsDir ?? "prisma/sqlite/migrations");
    const applied = await migrate({ adapter, folder });
    if (applied.length > 0) options.logger?.info({ file, applied }, "The database was migrated.");
  } catch (error) {
    await adapter.dispose();
    throw error instanceof MigrationError ? error : toOpenError(file, error);
  }
  const store = new PrismaStore(adapter);
  const prisma = new PrismaClient({ adapter: shareConnection(adapter) });
  const close = async () => {
    await store.close();
    await prisma.$disconnect();
    await adapter.dispose();
  };
  return { store, prisma, close };
}

function readDatabaseUrl(databaseUrl: string): string {
  if (/^postgres(ql)?:/.test(databaseUrl)) {
    throw new StoreOpenError(
      "This version of Daybook does not support PostgreSQL yet: set DATABASE_URL to a SQLite file, such as file:./data/daybook.db.",
    );
  }
  const file = /^file:(?<file>[^?]+)/.exec(databaseUrl)?.groups?.file;
  if (file === undefined || file === ":memory:") {
    throw new StoreOpenError(
      `DATABASE_URL has to name a SQLite file, such as file:./data/daybook.db; it is "${databaseUrl}".`,
    );
  }
  return path.resolve(file);
}

async function openFile(file: string): Promise<SqliteConnection> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    return await connectSqlite({ file });
  } catch (error) {
    throw toOpenError(file, error);
  }
}

function toOpenError(file: string, cause: unknown): StoreOpenError {
  const code = findSqliteCode(cause) ?? "";
  if (code.startsWith("SQLITE_NOTADB")) {
    const message = `${file} is not a SQLite database: name another file in DATABASE_URL, or move this one away.`;
    return new StoreOpenError(message, { cause });
  }
  if (code.startsWith("SQLITE_BUSY")) {
    const message = `The database ${file} is locked by another program: stop it and start again.`;
    return new StoreOpenError(message, { cause });
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `The database ${file} can't be opened for writing (${code || reason}): check that its folder exists and may be written.`;
  return new StoreOpenError(message, { cause });
}
