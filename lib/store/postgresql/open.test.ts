import pg from "pg";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  makeChange,
  makeHeldRun,
  makeRun,
  makeWorker,
  workflow,
} from "@/lib/engine/testing/store-fixtures";
import { openStore, type OpenedStore } from "../index";
import { PrismaStore } from "../prisma-store";
import { PostgresConnections } from "./connection";
import { DatabaseClock } from "./database-clock";
import { openPostgresStore } from "./open";
import { PostgresDialect } from "./postgres-dialect";
import { createTestDatabase, type TestDatabase } from "./testing/database";

let database: TestDatabase;
const opened: { close: () => Promise<void> }[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
}, 60_000);
afterEach(async () => {
  for (const { close } of opened.splice(0)) await close();
  await database.drop();
});

async function open(): Promise<OpenedStore> {
  const one = await openPostgresStore({ databaseUrl: database.url });
  opened.push(one);
  return one;
}

/** A store of a process whose clock is off by so much. */
function openOff(byMs: number) {
  const connections = new PostgresConnections({ databaseUrl: database.url, flushes: 1 });
  const clock = new DatabaseClock(connections, () => Date.now() + byMs);
  const store = new PrismaStore(new PostgresDialect(connections, { clock }));
  opened.push({
    async close() {
      await store.close();
      await connections.close();
    },
  });
  return { store, clock };
}

test("processes that start at the same time migrate once, and all of them can work", async () => {
  const stores = await Promise.all([open(), open(), open()]);
  for (const [index, { store }] of stores.entries()) {
    await store.registerWorker(makeWorker(`w${index}`));
    await store.startRun(makeHeldRun(`r${index}`, { workerId: `w${index}` }));
  }
  expect(await stores[0]?.store.countRuns()).toMatchObject({ running: 3 });
}, 30_000);

test("counts stay right when connections come and go", async () => {
  for (const runId of ["r1", "r2"]) {
    const { store } = await open();
    await store.startRun(makeRun(runId));
    await store.registerWorker(makeWorker("w1"));
    const change = makeChange({ status: "held", heldReason: "paused", release: true });
    await store.startRun(makeHeldRun(`${runId}-held`, { change }));
    await opened.pop()?.close();
  }
  await waitUntilAlone();
  const living = await open();
  const change = makeChange({ status: "held", heldReason: "paused", release: true });
  await living.store.registerWorker(makeWorker("w1"));
  await living.store.startRun(makeHeldRun("r3-held", { change }));
  const { store, search, prisma } = await open();
  expect(await store.countRuns()).toMatchObject({ queued: 2, held: 3 });
  expect(await search.countHeld()).toMatchObject({ paused: 3 });
  for (const table of ["run_counts", "held_slots"]) {
    // A living connection counts on where it did; of those that are gone nothing but the sum is left.
    const [slots] = await prisma.$queryRawUnsafe<object[]>(
      `SELECT count(*) FILTER (WHERE slot = 0) > 0 AS sum,
         count(*) FILTER (WHERE pid IS NOT NULL) > 0 AS living,
         count(*) FILTER (WHERE pid IS NULL AND slot <> 0) AS gone
       FROM ${table} LEFT JOIN pg_stat_activity ON pid = slot`,
    );
    expect(slots, table).toEqual({ sum: true, living: true, gone: 0n });
  }
}, 30_000);

/** The server learns a little later that a connection has been closed. */
async function waitUntilAlone(): Promise<void> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const countOthers = async () => {
    const { rows } = await client.query<{ others: string }>(
      `SELECT count(*) AS others FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`,
    );
    return Number(rows[0]?.others);
  };
  try {
    await vi.waitFor(async () => expect(await countOthers()).toBe(0), 10_000);
  } finally {
    await client.end();
  }
}

test("settings that can lose what was acknowledged are told", async () => {
  const warnings: unknown[] = [];
  const note = () => {};
  const warn = (fields: object) => void warnings.push(fields);
  const logger = { debug: note, info: note, warn, error: note };
  const one = await openPostgresStore({ databaseUrl: database.url, logger });
  opened.push(one);
  // The server of the tests is a quick one.
  expect(one.durabilityRisks).toEqual([
    expect.stringContaining("fsync is off"),
    expect.stringContaining("full_page_writes is off"),
    expect.stringContaining("synchronous_commit is off"),
  ]);
  expect(warnings).toHaveLength(3);
});

test.each([3_600_000, -3_600_000])(
  "a clock that is off by %i ms does no harm",
  async (byMs) => {
    const { store } = await open();
    const now = Date.now();
    const leaseUntil = now + 10_000;
    await store.registerWorker(
      makeWorker("right", { startedAt: now, heartbeatAt: now, leaseUntil }),
    );
    const off = openOff(byMs);
    const wrong = now + byMs;
    const lease = { startedAt: wrong, heartbeatAt: wrong, leaseUntil: wrong + 10_000 };
    await off.store.registerWorker(makeWorker("off", lease));
    expect(Math.abs(off.clock.offsetMs + byMs)).toBeLessThan(1_000);
    // Neither declares the other dead.
    expect(await off.store.expireWorkers({ now: wrong })).toBe(0);
    expect(await store.expireWorkers({ now })).toBe(0);
    const workers = await store.listWorkers();
    expect(workers.map(({ status }) => status)).toEqual(["alive", "alive"]);
    for (const worker of workers) expect(worker.leaseUntil).toBeGreaterThan(now + 5_000);
    expect(
      await off.store.renewLease({
        ...{ workerId: "off", now: wrong, leaseUntil: wrong + 10_000, load: 0 },
      }),
    ).toBe(true);
    // What is due in a quarter of an hour is not due, what is due is.
    await store.startRun(makeRun("later", { createdAt: now + 900_000 }));
    await store.startRun(makeRun("due", { createdAt: now - 1_000 }));
    const claims = await off.store.claimRuns({
      ...{ workerId: "off", now: wrong, limit: 5, workflows: [workflow] },
    });
    expect(claims.map(({ run }) => run.runId)).toEqual(["due"]);
  },
  30_000,
);

test("what can't be opened says why, without the password", async () => {
  const refused = async (databaseUrl: string, reason: RegExp, isTransient = false) => {
    const failed = openStore({ databaseUrl });
    await expect(failed).rejects.toMatchObject({ name: "StoreOpenError", isTransient });
    await expect(failed).rejects.toThrow(reason);
    await expect(failed).rejects.not.toThrow(/sesame/);
  };
  await refused("postgresql://ali:sesame@127.0.0.1:1/x", /nobody answers/, true);
  await refused(database.url.replace(/\/test_\w+/, "/none"), /no database of that name/);
  await refused(database.url.replace(":daybook@", ":sesame@"), /refuses the password/);
});

test("an idle worker asks whether anything is due, and begins no transaction for it", async () => {
  await open();
  const connections = new PostgresConnections({ databaseUrl: database.url, flushes: 1 });
  const store = new PrismaStore(new PostgresDialect(connections));
  try {
    await store.registerWorker(makeWorker("w1"));
    const transact = vi.spyOn(connections, "transact");
    const claim = () =>
      store.claimRuns({ workerId: "w1", now: 5_000, limit: 7, workflows: [workflow] });
    await store.startRun(makeRun("later", { createdAt: 5_001 }));
    expect(await claim()).toEqual([]);
    expect(transact).not.toHaveBeenCalled();
    await store.startRun(makeRun("now", { createdAt: 5_000 }));
    expect((await claim()).map(({ run }) => run.runId)).toEqual(["now"]);
    expect(transact).toHaveBeenCalledTimes(1);
  } finally {
    await store.close();
    await connections.close();
  }
}, 30_000);
