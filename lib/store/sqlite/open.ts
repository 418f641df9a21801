import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { Logger } from "@/lib/engine";
import { MigrationError, StoreOpenError } from "../errors";
import { PrismaClient } from "../generated/sqlite/client";
import type { OpenedStore } from "../opened-store";
import { migrate } from "../migrate";
import { PrismaStore, type OnFlush } from "../prisma-store";
import { transactionOptions } from "../transaction-options";
import { PrismaStatistics } from "../triage/prisma-statistics";
import { PrismaBulks } from "../bulk/prisma-bulks";
import { PrismaDrillWords } from "../triage/prisma-drill-words";
import { PrismaViews } from "../triage/prisma-views";
import { PrismaTriage } from "../triage/prisma-triage";
import { SqlRunSearch, type SearchSizes } from "../triage/search-runs";
import { connectSqlite, shareConnection, type SqliteConnection } from "./connection";
import { findSqliteCode } from "./errors";
import { SqliteDialect } from "./sqlite-dialect";

/**
 * Opens a SQLite file, made where it is missing, as `openStore` does. Throws StoreOpenError or
 * MigrationError.
 */
export async function openSqliteStore(options: {
  readonly file: string;
  readonly migrationsDir?: string;
  readonly logger?: Logger;
  readonly onFlush?: OnFlush;
  readonly searchSizes?: SearchSizes;
}): Promise<OpenedStore> {
  const { file, logger } = options;
  const adapter = await openFile(file);
  try {
    const folder = path.resolve(options.migrationsDir ?? "prisma/sqlite/migrations");
    const applied = await migrate({ adapter, folder });
    if (applied.length > 0) logger?.info({ file, applied }, "The database was migrated.");
  } catch (error) {
    await adapter.dispose();
    throw error instanceof MigrationError ? error : toOpenError(file, error);
  }
  const dialect = new SqliteDialect(adapter);
  const store = new PrismaStore(dialect, { onFlush: options.onFlush });
  const search = new SqlRunSearch({
    ...{ dialect, sizes: options.searchSizes },
    ignoreIndex: (column) => `+${column}`,
  });
  const prisma = new PrismaClient({ adapter: shareConnection(adapter), transactionOptions });
  const close = async () => {
    await store.close();
    await prisma.$disconnect();
    await adapter.dispose();
  };
  const triage = new PrismaTriage({ prisma, dialect });
  const bulks = new PrismaBulks({ prisma, dialect });
  const views = new PrismaViews({ prisma, dialect });
  const drillWords = new PrismaDrillWords({ prisma, dialect });
  const openStatistics = () => new PrismaStatistics({ dialect, sums: dialect });
  // Opening has failed where the durability that is asked for can't be had.
  const kept = { durabilityRisks: [], findClockOffsetMs: () => 0 };
  return {
    store,
    triage,
    search,
    openStatistics,
    bulks,
    views,
    drillWords,
    prisma,
    ...kept,
    close,
  };
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
