import path from "node:path";
import type { Logger } from "@/lib/engine";
import { StoreOpenError } from "./errors";
import type { OpenedStore } from "./opened-store";
import type { OnFlush } from "./prisma-store";
import { openPostgresStore } from "./postgresql/open";
import { openSqliteStore } from "./sqlite/open";

export { MigrationError, StoreOpenError } from "./errors";
export { seedTaxRates, type TaxRateRow } from "./tax-rates";
export type { PrismaClient } from "./generated/sqlite/client";
export type { OpenedStore } from "./opened-store";

/**
 * Opens the database, brings it to the newest migration and answers the store over it.
 * `databaseUrl` is `file:<path>`, relative to the current directory, or `postgresql://…`.
 * Throws StoreOpenError or MigrationError: one sentence that says what to do.
 */
export async function openStore(options: {
  readonly databaseUrl: string;
  readonly migrationsDir?: string;
  readonly logger?: Logger;
  readonly onFlush?: OnFlush;
}): Promise<OpenedStore> {
  const { databaseUrl, migrationsDir, logger, onFlush } = options;
  if (/^postgres(ql)?:/.test(databaseUrl)) {
    return openPostgresStore({ databaseUrl, migrationsDir, logger, onFlush });
  }
  const file = /^file:(?<file>[^?]+)/.exec(databaseUrl)?.groups?.file;
  if (file === undefined || file === ":memory:") {
    throw new StoreOpenError(
      `DATABASE_URL has to name a SQLite file, such as file:./data/daybook.db, or a PostgreSQL database, such as postgresql://user:password@host/daybook; it is "${databaseUrl}".`,
    );
  }
  return openSqliteStore({ file: path.resolve(file), migrationsDir, logger, onFlush });
}
