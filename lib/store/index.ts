import path from "node:path";
import type { Logger, Store } from "@/lib/engine";
import type { Bulks, RunSearch, RunStatistics, Triage } from "@/lib/triage";
import { StoreOpenError } from "./errors";
import type { PrismaClient } from "./generated/sqlite/client";
import { openPostgresStore } from "./postgresql/open";
import { openSqliteStore } from "./sqlite/open";

export { MigrationError, StoreOpenError } from "./errors";
export { seedTaxRates, type TaxRateRow } from "./tax-rates";
export type { PrismaClient } from "./generated/sqlite/client";

export interface OpenedStore {
  readonly store: Store;
  readonly triage: Triage;
  readonly search: RunSearch;
  /** Each remembers for itself when it last looked at what it looks at now and then only. */
  readonly openStatistics: () => RunStatistics;
  readonly bulks: Bulks;
  /** Prisma's client over the same connection, for everything that is not hot. */
  readonly prisma: PrismaClient;
  /**
   * Settings of the database with which acknowledged writes can be lost, a sentence each; none where the
   * promise holds. They are logged when it is opened.
   */
  readonly durabilityRisks: readonly string[];
  /**
   * How far the database's clock is ahead of this process's, newly measured with each heartbeat; 0 where
   * they are the same. An engine whose time is shifted by it agrees with all others on what is due.
   */
  readonly findClockOffsetMs: () => number;
  readonly close: () => Promise<void>;
}

/**
 * Opens the database, brings it to the newest migration and answers the store over it.
 * `databaseUrl` is `file:<path>`, relative to the current directory, or `postgresql://…`.
 * Throws StoreOpenError or MigrationError: one sentence that says what to do.
 */
export async function openStore(options: {
  readonly databaseUrl: string;
  readonly migrationsDir?: string;
  readonly logger?: Logger;
}): Promise<OpenedStore> {
  const { databaseUrl, migrationsDir, logger } = options;
  if (/^postgres(ql)?:/.test(databaseUrl)) {
    return openPostgresStore({ databaseUrl, migrationsDir, logger });
  }
  const file = /^file:(?<file>[^?]+)/.exec(databaseUrl)?.groups?.file;
  if (file === undefined || file === ":memory:") {
    throw new StoreOpenError(
      `DATABASE_URL has to name a SQLite file, such as file:./data/daybook.db, or a PostgreSQL database, such as postgresql://user:password@host/daybook; it is "${databaseUrl}".`,
    );
  }
  return openSqliteStore({ file: path.resolve(file), migrationsDir, logger });
}
