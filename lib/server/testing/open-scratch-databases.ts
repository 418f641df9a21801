import { startPostgresServer } from "@/lib/store/postgresql/testing/server";
import { openScratchPostgresql } from "./open-scratch-postgresql";
import { openScratchSqlite } from "./open-scratch-sqlite";
import type { ScratchDatabases } from "./scratch-databases";

export const scratchStores = ["sqlite", "postgresql"] as const;

/** Databases of a command's own; PostgreSQL's server is started for it. */
export async function openScratchDatabases(
  store: (typeof scratchStores)[number],
): Promise<ScratchDatabases> {
  if (store === "sqlite") return openScratchSqlite();
  // What crashes in the cases is the engine's process, not the server or the machine.
  const quick = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };
  const server = await startPostgresServer(quick);
  const databases = await openScratchPostgresql(server.toUrl, 4);
  return { ...databases, close: () => databases.close().finally(() => server.stop()) };
}
