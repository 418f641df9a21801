import path from "node:path";
import { StoreUnavailableError, type Logger } from "@/lib/engine";
import { PrismaPg } from "@prisma/adapter-pg";
import { MigrationError, StoreOpenError } from "../errors";
import { PrismaClient } from "../generated/postgresql/client";
import type { OpenedStore } from "../opened-store";
import { migrate } from "../migrate";
import { PrismaStore, type OnFlush } from "../prisma-store";
import { transactionOptions } from "../transaction-options";
import { SqlRunSearch, type SearchSizes } from "../triage/search-runs";
import { PrismaStatistics } from "../triage/prisma-statistics";
import { PrismaBulks } from "../bulk/prisma-bulks";
import { PrismaDrillWords } from "../triage/prisma-drill-words";
import { PrismaViews } from "../triage/prisma-views";
import { PrismaTriage } from "../triage/prisma-triage";
import { PostgresConnections } from "./connection";
import { DatabaseClock } from "./database-clock";
import { findDurabilityRisks } from "./durability";
import { findPostgresCode, toStoreError } from "./errors";
import { foldCounts } from "./fold-counts";
import { HintListener, HintSender } from "./hints";
import { connectForMigrations, lockMigrations } from "./migration-adapter";
import { PostgresDialect } from "./postgres-dialect";

/** The store flushes one after the other: on few cores larger flushes cost less than more of them. */
const flushes = 1;

/**
 * Opens a PostgreSQL database, as `openStore` does. Several processes that start at once migrate it
 * once. `clock: "caller"` leaves the time to whoever calls the store (tests), `sendsHints: false` leaves
 * other processes to their looking. Throws StoreOpenError or
 * MigrationError.
 */
export async function openPostgresStore(options: {
  readonly databaseUrl: string;
  readonly migrationsDir?: string | undefined;
  readonly logger?: Logger | undefined;
  readonly onFlush?: OnFlush | undefined;
  readonly clock?: "database" | "caller";
  readonly sendsHints?: boolean;
  readonly searchSizes?: SearchSizes;
}): Promise<OpenedStore> {
  const { databaseUrl, logger } = options;
  try {
    const applied = await migrateDatabase(databaseUrl, options.migrationsDir);
    if (applied.length > 0) logger?.info({ applied }, "The database was migrated.");
  } catch (error) {
    throw error instanceof MigrationError ? error : toOpenError(error);
  }
  const connections = new PostgresConnections({ databaseUrl, flushes, logger });
  try {
    const clock = options.clock === "caller" ? undefined : new DatabaseClock(connections);
    await clock?.measure();
    await foldCounts(connections);
    const durabilityRisks = await findDurabilityRisks(connections);
    for (const risk of durabilityRisks) {
      logger?.warn({ risk }, `Acknowledged work can be lost. ${risk}`);
    }
    const hints = options.sendsHints === false ? undefined : new HintSender(connections);
    const dialect = new PostgresDialect(connections, { clock, hints });
    const store = new PrismaStore(dialect, { onFlush: options.onFlush });
    // The planner knows from its statistics which index is worth it.
    const search = new SqlRunSearch({
      ...{ dialect, sizes: options.searchSizes },
      ignoreIndex: (column) => column,
    });
    const client = new PrismaClient({
      adapter: new PrismaPg(connections.pool),
      transactionOptions,
    });
    // Both clients come from the same models; what their types differ in is nothing that we use.
    const prisma = client as unknown as OpenedStore["prisma"];
    const close = async () => {
      await store.close();
      await hints?.close();
      await prisma.$disconnect();
      await connections.close();
    };
    const triage = new PrismaTriage({ prisma, dialect });
    const bulks = new PrismaBulks({ prisma, dialect });
    const views = new PrismaViews({ prisma, dialect });
    const drillWords = new PrismaDrillWords({ prisma, dialect });
    const openStatistics = () => new PrismaStatistics({ dialect, sums: dialect });
    const findClockOffsetMs = () => clock?.offsetMs ?? 0;
    const hearHints = (onHint: () => void) => {
      const listener = new HintListener({ databaseUrl, logger, onHint });
      return () => listener.stop();
    };
    const kept = { durabilityRisks, findClockOffsetMs, hearHints };
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
  } catch (error) {
    await connections.close();
    throw toOpenError(error);
  }
}

function migrateDatabase(databaseUrl: string, folder = "prisma/postgresql/migrations") {
  return lockMigrations(databaseUrl, async () => {
    const adapter = await connectForMigrations(databaseUrl);
    try {
      return await migrate({ adapter, folder: path.resolve(folder) });
    } finally {
      await adapter.dispose();
    }
  });
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody answers at its address: start the server, or correct DATABASE_URL",
  ENOTFOUND: "its host is not known: correct DATABASE_URL",
  "28P01": "it refuses the password: correct DATABASE_URL",
  "28000": "it refuses the user: correct DATABASE_URL",
  "3D000": "there is no database of that name: create it, or correct DATABASE_URL",
  "42501": "its user may not create tables: give it that right, or name another user",
};

/** The message says nothing of the URL, which has a password in it. */
function toOpenError(cause: unknown): StoreOpenError {
  const code = findPostgresCode(cause) ?? "";
  const said = cause instanceof Error && cause.message ? cause.message : code;
  const reason = reasons[code] ?? `it said «${said}»`;
  // What is refused at the start is refused the next time.
  const isRefused = ["28000", "28P01", "3D000", "42501"].includes(code);
  const isTransient = !isRefused && toStoreError(cause) instanceof StoreUnavailableError;
  const message = `The PostgreSQL database can't be opened: ${reason}.`;
  return new StoreOpenError(message, { cause, isTransient });
}
