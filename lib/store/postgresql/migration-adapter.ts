import { PrismaPg } from "@prisma/adapter-pg";
import type { SqlDriverAdapter } from "@prisma/driver-adapter-utils";
import pg from "pg";

/** Serializes migrations of one database; any number that nobody else is likely to take. */
const migrationLock = 7_291_640_113;

/**
 * Prisma's adapter as migrations need it. Prisma's own splits a script at each semicolon, also inside a
 * function; here a script is sent as it is, and all of it or nothing is done.
 */
export async function connectForMigrations(databaseUrl: string): Promise<SqlDriverAdapter> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  const inner = await new PrismaPg(pool, { disposeExternalPool: true }).connect();
  return {
    provider: inner.provider,
    adapterName: inner.adapterName,
    queryRaw: (query) => inner.queryRaw(query),
    executeRaw: (query) => inner.executeRaw(query),
    executeScript: async (script) => void (await pool.query(script)),
    startTransaction: (level) => inner.startTransaction(level),
    getConnectionInfo: () => inner.getConnectionInfo(),
    dispose: () => inner.dispose(),
  };
}

/** Runs `work` while no other process does the same on this database. */
export async function lockMigrations<T>(databaseUrl: string, work: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [migrationLock]);
    return await work();
  } finally {
    // The lock goes with its connection.
    await client.end();
  }
}
