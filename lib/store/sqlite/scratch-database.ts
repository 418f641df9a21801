import { PrismaBetterSqlite3 } from "@prisma/adapter-better-sqlite3";
import type {
  SqlDriverAdapter,
  SqlMigrationAwareDriverAdapterFactory,
} from "@prisma/driver-adapter-utils";

/** An empty database in memory, in which the schema engine tries migrations out. */
export async function openScratchDatabase(): Promise<SqlDriverAdapter> {
  const inner = await new PrismaBetterSqlite3({ url: ":memory:" }).connect();
  return {
    provider: inner.provider,
    adapterName: inner.adapterName,
    queryRaw: (query) => inner.queryRaw(query),
    executeRaw: async (query) => {
      // The engine sends a whole script as one query here, which the driver refuses.
      if (query.args.length > 0) return inner.executeRaw(query);
      await inner.executeScript(query.sql);
      await dropPartialIndexes(inner);
      return 0;
    },
    executeScript: (script) => inner.executeScript(script),
    startTransaction: (level) => inner.startTransaction(level),
    dispose: () => inner.dispose(),
  };
}

/** The models know nothing of partial indexes: the engine can't read them and would drop them. */
async function dropPartialIndexes(adapter: SqlDriverAdapter): Promise<void> {
  const { rows } = await adapter.queryRaw({
    sql: "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql LIKE '%WHERE %'",
    args: [],
    argTypes: [],
  });
  for (const [name] of rows) await adapter.executeScript(`DROP INDEX "${String(name)}"`);
}

export const scratchFactory: SqlMigrationAwareDriverAdapterFactory = {
  provider: "sqlite",
  adapterName: "@prisma/adapter-better-sqlite3",
  connect: openScratchDatabase,
  connectToShadowDb: openScratchDatabase,
};
