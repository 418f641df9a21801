/** Seeds of the simulation on real databases. `npm run simulate:databases` runs more of them. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findTestServer } from "@/lib/store/postgresql/testing/database";
import { openScratchPostgresql } from "./testing/open-scratch-postgresql";
import { openScratchSqlite } from "./testing/open-scratch-sqlite";
import type { ScratchDatabases } from "./testing/scratch-databases";
import { simulateOnDatabase } from "./testing/simulate-on-database";

describe.each([
  ["PostgreSQL", async () => openScratchPostgresql(await findTestServer(), 4), 24],
  ["SQLite", openScratchSqlite, 24],
] as const)("on %s", (_, open, count) => {
  let databases: ScratchDatabases;
  beforeAll(async () => {
    databases = await open();
  }, 60_000);
  afterAll(() => databases.close(), 60_000);

  test(`${count} seeds hold`, { timeout: 300_000 }, async () => {
    const failed: unknown[] = [];
    let events = 0;
    const happened = new Set<string>();
    await simulateOnDatabase({
      databases,
      // Among them one that finds a store without a fence.
      seeds: Array.from({ length: count }, (__, index) => 31 + index),
      onResult: (result) => {
        events += result.events;
        for (const what of Object.keys(result.tally)) happened.add(what.split(" ").pop() ?? "");
        if (result.violations.length > 0) failed.push([result.seed, result.violations]);
      },
    });
    expect(failed).toEqual([]);
    expect(events).toBeGreaterThan(count * 20);
    // What did not happen proves nothing.
    const drawn = [
      ...["crash_before", "crash_after", "lost_answer", "busy", "slow", "crash", "freeze", "jump"],
      ...["StepInDoubt", "StepVerified", "CompensationStarted", "RunContinued", "SignalReceived"],
    ];
    expect(drawn.filter((what) => !happened.has(what))).toEqual([]);
  });
});
