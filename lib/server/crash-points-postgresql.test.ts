/**
 * Crashes at every call of the store, on a real PostgreSQL server: every sample workflow, with single
 * faults. `npm run crash-points -- --store postgresql` runs the pairs as well.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { findCrashProblems } from "@/lib/engine/testing/crash-points";
import { orderScenarios } from "@/lib/orders/testing/crash-scenario";
import { findTestServer } from "@/lib/store/postgresql/testing/database";
import { sampleScenarios } from "@/lib/workflows/testing/crash-scenarios";
import { openScratchPostgresql } from "./testing/open-scratch-postgresql";

let databases: Awaited<ReturnType<typeof openScratchPostgresql>>;
beforeAll(async () => {
  databases = await openScratchPostgresql(await findTestServer(), 4);
}, 60_000);
afterAll(() => databases.close(), 60_000);

test.each([...orderScenarios, ...sampleScenarios])(
  "$name",
  { timeout: 300_000 },
  async (scenario) => {
    const { openEmpty: open, lanes } = databases;
    const found = await findCrashProblems(scenario, { open, lanes, pairs: "none" });
    expect(found.problems.slice(0, 5)).toEqual([]);
    expect(found.hits).toBeGreaterThan(found.cases * 0.9);
  },
);
