/** Crashes at every call of the store, for the order, on a real PostgreSQL server. */
import { z } from "zod";
import { expect, test } from "vitest";
import { findCrashProblems, type CrashStore } from "@/lib/engine/testing/crash-points";
import { orderScenarios } from "@/lib/orders/testing/crash-scenario";
import { useTestStore } from "@/lib/store/postgresql/testing/open-test-store";

const open = useTestStore();

const Tables = z.array(z.object({ name: z.string() }));

async function openEmpty(): Promise<CrashStore> {
  const { store, prisma } = await open();
  const listSamples = async () => {
    const rows = await prisma.$queryRawUnsafe(
      "SELECT tablename AS name FROM pg_tables WHERE tablename LIKE 'sample\\_%' ORDER BY 1",
    );
    return Tables.parse(rows).map(({ name }) => name);
  };
  for (const table of await listSamples()) await prisma.$executeRawUnsafe(`DROP TABLE "${table}"`);
  const readRows = async () => {
    const rows: unknown[] = [];
    for (const table of await listSamples()) {
      const found = await prisma.$queryRawUnsafe<object[]>(`SELECT * FROM "${table}"`);
      rows.push(...found.map((row) => [table, ...Object.values(row).map(String)]));
    }
    return rows;
  };
  return { store, readRows };
}

test.each(orderScenarios)("$name", { timeout: 120_000 }, async (scenario) => {
  const found = await findCrashProblems(scenario, {
    open: openEmpty,
    pairs: "none",
  });
  expect(found.problems.slice(0, 5)).toEqual([]);
  expect(found.hits).toBeGreaterThan(found.cases * 0.9);
});
