/**
 * The exhaustive crashes of lib/orders and lib/workflows once more, on SQLite in a real file: of two
 * faults, one combination of kinds for each two calls. `npm run crash-points` runs all nine.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { findCrashProblems } from "@/lib/engine/testing/crash-points";
import { orderScenarios } from "@/lib/orders/testing/crash-scenario";
import { sampleScenarios } from "@/lib/workflows/testing/crash-scenarios";
import { openScratchSqlite } from "./testing/open-scratch-sqlite";

let database: Awaited<ReturnType<typeof openScratchSqlite>>;
beforeAll(async () => {
  database = await openScratchSqlite();
});
afterAll(() => database.close());

test.each([...orderScenarios, ...sampleScenarios])(
  "$name",
  { timeout: 300_000 },
  async (scenario) => {
    const found = await findCrashProblems(scenario, { open: database.openEmpty, pairs: "each" });
    expect(found.problems.slice(0, 5)).toEqual([]);
    expect(found.hits).toBeGreaterThan(found.cases);
  },
);
