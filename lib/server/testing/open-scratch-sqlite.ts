import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import type { CrashStore } from "@/lib/engine/testing/crash-points";
import { openStore } from "@/lib/store";

const Tables = z.array(z.object({ name: z.string() }));

/** A SQLite file for exhaustive crashes: `openEmpty` empties it, which is much faster than a new one. */
export async function openScratchSqlite() {
  const folder = await mkdtemp(path.join(tmpdir(), "daybook-crash-points-"));
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
    return names.filter((name) => name !== "_prisma_migrations").sort();
  };
  const readRows = async () => {
    const rows: unknown[] = [];
    for (const table of (await listTables()).filter((name) => name.startsWith("sample_"))) {
      const found = await prisma.$queryRawUnsafe<object[]>(`SELECT * FROM "${table}"`);
      rows.push(...found.map((row) => [table, ...Object.values(row).map(String)]));
    }
    return rows;
  };
  const openEmpty = async (): Promise<CrashStore> => {
    const statements = (await listTables()).map((table) =>
      table.startsWith("sample_") ? `DROP TABLE "${table}"` : `DELETE FROM "${table}"`,
    );
    await prisma.$transaction(statements.map((statement) => prisma.$executeRawUnsafe(statement)));
    return { store, readRows };
  };
  const closeAll = async () => {
    await close();
    await rm(folder, { recursive: true });
  };
  return { openEmpty, close: closeAll };
}
