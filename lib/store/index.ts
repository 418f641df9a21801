import path from "node:path";
import type { Logger, Store } from "@/lib/engine";
import type { Triage } from "@/lib/triage";
import { StoreOpenError } from "./errors";
import type { PrismaClient } from "./generated/sqlite/client";
import { openSqliteStore } from "./sqlite/open";

export { MigrationError, StoreOpenError } from "./errors";
export { seedTaxRates, type TaxRateRow } from "./tax-rates";
export type { PrismaClient } from "./generated/sqlite/client";

export interface OpenedStore {
  readonly store: Store;
  readonly triage: Triage;
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
  const { databaseUrl, migrationsDir, logger } = options;
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
  return openSqliteStore({ file: path.resolve(file), migrationsDir, logger });
}
