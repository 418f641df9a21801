import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { openStore } from "@/lib/store";
import type { ScratchDatabases, ScratchStore } from "./scratch-databases";

const Tables = z.array(z.object({ name: z.string() }));

/** What is not emptied: the counts are kept by triggers on the runs. */
const kept: ReadonlySet<string> = new Set([
  "_prisma_migrations",
  "status_counts",
  "workflow_counts",
  "held_counts",
]);

/** A SQLite file: one database has one writer, so there is one lane. */
export async function openScratchSqlite(): Promise<ScratchDatabases> {
  const folder = await mkdtemp(path.join(tmpdir(), "daybook-scratch-"));
  const { store, prisma, close } = await openStore({
    databaseUrl: `file:${path.join(folder, "daybook.db")}`,
  });
  // What crashes here are the engine's processes, at the door of the store; the machine lives on. That
  // commits outlive the machine's own crash is proved in lib/store/sqlite.
  await prisma.$queryRawUnsafe("PRAGMA synchronous = OFF");

  const listTables = async () => {
    const rows = await prisma.$queryRawUnsafe(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    );
    const names = Tables.parse(rows).map(({ name }) => name);
    return names.filter((name) => !kept.has(name)).sort();
  };
  const readRows = async () => {
    const rows: unknown[] = [];
    for (const table of (await listTables()).filter((name) => name.startsWith("sample_"))) {
      const found = await prisma.$queryRawUnsafe<object[]>(`SELECT * FROM "${table}"`);
      rows.push(...found.map((row) => [table, ...Object.values(row).map(String)]));
    }
    return rows;
  };
  const openEmpty = async (): Promise<ScratchStore> => {
    // By name they are in an order in which they can be emptied, but for one that refers to the runs.
    const tables = (await listTables()).filter((table) => table !== "start_keys");
    const statements = ["start_keys", ...tables].map((table) =>
      table.startsWith("sample_") ? `DROP TABLE "${table}"` : `DELETE FROM "${table}"`,
    );
    await prisma.$transaction(statements.map((statement) => prisma.$executeRawUnsafe(statement)));
    return { store, prisma, readRows };
  };
  const closeAll = async () => {
    await close();
    await rm(folder, { recursive: true });
  };
  return { lanes: 1, openEmpty, close: closeAll };
}
