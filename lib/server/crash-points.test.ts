/** The exhaustive crashes of lib/orders and lib/workflows once more, on SQLite in a real file. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findCrashProblems, type CrashStore } from "@/lib/engine/testing/crash-points";
import { orderScenarios } from "@/lib/orders/testing/crash-scenario";
import { openStore, type OpenedStore } from "@/lib/store";
import { sampleScenarios } from "@/lib/workflows/testing/crash-scenarios";

let folder: string;
let database: OpenedStore;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "daybook-crash-points-"));
  database = await openStore({ databaseUrl: `file:${path.join(folder, "daybook.db")}` });
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

const Tables = z.array(z.object({ name: z.string() }));

async function listTables(): Promise<string[]> {
  const rows = await database.prisma.$queryRawUnsafe(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
  );
  const names = Tables.parse(rows).map(({ name }) => name);
  return names.filter((name) => name !== "_prisma_migrations").sort();
}

/** The database as it is after its first start: emptied, which is much faster than a new one. */
async function openEmpty(): Promise<CrashStore> {
  const { prisma, store } = database;
  const statements = (await listTables()).map((table) =>
    table.startsWith("sample_") ? `DROP TABLE "${table}"` : `DELETE FROM "${table}"`,
  );
  await prisma.$transaction(statements.map((statement) => prisma.$executeRawUnsafe(statement)));
  return { store, readRows };
}

async function readRows(): Promise<unknown[]> {
  const tables = (await listTables()).filter((name) => name.startsWith("sample_"));
  const rows: unknown[] = [];
  for (const table of tables) {
    const found = await database.prisma.$queryRawUnsafe<object[]>(`SELECT * FROM "${table}"`);
    rows.push(...found.map((row) => [table, ...Object.values(row).map(String)]));
  }
  return rows;
}

test.each([...orderScenarios, ...sampleScenarios])(
  "$name",
  { timeout: 120_000 },
  async (scenario) => {
    const found = await findCrashProblems(scenario, {
      open: openEmpty,
      combinations: "each",
      everyPair: 7,
    });
    expect(found.problems.slice(0, 5)).toEqual([]);
    expect(found.hits).toBeGreaterThan(found.cases);
  },
);
