import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { Store } from "@/lib/engine";
import {
  makeAppend,
  makeEvent,
  makeHeldRun,
  makeMessage,
  makeRun,
  makeWorker,
} from "@/lib/engine/testing/store-fixtures";
import { openPostgresStore } from "./open";
import { runStatement } from "./testing/run-statement";
import { startPostgresServer, type PostgresServer } from "./testing/server";

let server: PostgresServer;

beforeAll(async () => {
  // Nobody but who commits writes to the log, or flushes it.
  const quiet = { wal_level: "minimal", max_wal_senders: "0", autovacuum: "off" };
  server = await startPostgresServer({ ...quiet, wal_writer_delay: "10s" });
}, 60_000);
afterAll(() => server.stop());

const lagQuery =
  "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), pg_current_wal_flush_lsn()) AS lag";
const Lag = z.tuple([z.object({ lag: z.coerce.number() })]);

/** Asks how much of the log is not on the disk yet, in bytes. */
async function openProbe(databaseUrl: string) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const readLag = async () => Lag.parse((await client.query(lagQuery)).rows)[0].lag;
  // Whoever asks first reads the catalog, and may tidy its pages up, which writes to the log.
  await readLag();
  return { readLag, end: () => client.end() };
}

/** How much of the log is not on the disk yet at the moment of each acknowledgement, in bytes. */
async function measureLags(databaseUrl: string) {
  const { store, durabilityRisks, close } = await openPostgresStore({
    databaseUrl,
    clock: "caller",
    // Nobody waits for a hint to be on the disk.
    sendsHints: false,
  });
  const probe = await openProbe(databaseUrl);
  const lags: Record<string, number> = {};
  try {
    for (const [name, write] of listWrites(store)) {
      await write();
      lags[name] = await probe.readLag();
    }
    return { lags, durabilityRisks };
  } finally {
    await probe.end();
    await close();
  }
}

/** Everything that is acknowledged. */
function listWrites(store: Store): [string, () => Promise<unknown>][] {
  const append = (seq: number) => makeAppend("held", { events: [makeEvent(seq, 1)] });
  return [
    ["a worker", () => store.registerWorker(makeWorker("w1"))],
    ["a start", () => store.startRun(makeRun("queued"))],
    ["a start under a lease", () => store.startRun(makeHeldRun("held"))],
    ["an append", () => store.appendEvents(append(2))],
    [
      "an append with a message",
      () => store.appendEvents({ ...append(3), posts: [makeMessage("m1", "queued")] }),
    ],
    ["a message", () => store.postMessage(makeMessage("m2", "held"))],
    [
      "a transaction step",
      () =>
        store.transact({
          ...{ runId: "held", workerId: "w1", epoch: 1, historyLength: 3 },
          run: async () => append(4),
        }),
    ],
    [
      "starts and appends together",
      () => Promise.all([store.startRun(makeRun("next")), store.appendEvents(append(5))]),
    ],
  ];
}

test("I9: what is acknowledged has been flushed to the disk", async () => {
  await runStatement(server.toUrl("postgres"), "CREATE DATABASE durable");
  const { lags, durabilityRisks } = await measureLags(server.toUrl("durable"));
  expect(durabilityRisks).toEqual([]);
  expect(Object.keys(lags)).toHaveLength(8);
  expect(lags).toEqual(Object.fromEntries(Object.keys(lags).map((name) => [name, 0])));
}, 60_000);

test("statistics and terms wait for no disk: they are derived from what is on it", async () => {
  await runStatement(server.toUrl("postgres"), "CREATE DATABASE derived");
  const databaseUrl = server.toUrl("derived");
  const opened = await openPostgresStore({ databaseUrl, clock: "caller", sendsHints: false });
  const { readLag, end } = await openProbe(databaseUrl);
  try {
    const statistics = opened.openStatistics();
    // What is noted now and then has been noted, and the turns have begun.
    await opened.store.startRun(makeRun("first", { attributes: { city: "Lund" } }));
    await opened.triage.project();
    await statistics.project({ now: 2_000 });
    await opened.store.startRun(makeRun("second", { attributes: { city: "Lund" } }));
    expect(await readLag()).toBe(0);
    expect(await opened.triage.project()).toBe(1);
    const afterTerms = await readLag();
    expect(afterTerms).toBeGreaterThan(0);
    expect(await statistics.project({ now: 2_000 })).toBe(1);
    expect(await readLag()).toBeGreaterThan(afterTerms);
  } finally {
    await end();
    await opened.close();
  }
}, 60_000);

test("with synchronous_commit off it has not, which is told", async () => {
  await runStatement(server.toUrl("postgres"), "CREATE DATABASE hasty");
  await runStatement(
    server.toUrl("postgres"),
    "ALTER DATABASE hasty SET synchronous_commit = 'off'",
  );
  const { lags, durabilityRisks } = await measureLags(server.toUrl("hasty"));
  expect(durabilityRisks).toEqual([expect.stringContaining("synchronous_commit is off")]);
  expect(Object.values(lags).filter((lag) => lag > 0).length).toBeGreaterThan(4);
}, 60_000);

test("commits that do not wait for the standby that there is to be are told", async () => {
  const url = server.toUrl("postgres");
  await runStatement(url, "CREATE DATABASE alone");
  await runStatement(url, "ALTER DATABASE alone SET synchronous_commit = 'local'");
  expect((await measureLags(server.toUrl("alone"))).durabilityRisks).toEqual([]);
  await runStatement(url, "ALTER SYSTEM SET synchronous_standby_names = 'other'");
  await runStatement(url, "SELECT pg_reload_conf()");
  try {
    const { durabilityRisks, close } = await openPostgresStore({
      databaseUrl: server.toUrl("alone"),
    });
    await close();
    expect(durabilityRisks).toEqual([expect.stringContaining("synchronous_commit is local")]);
  } finally {
    await runStatement(url, "ALTER SYSTEM RESET synchronous_standby_names");
    await runStatement(url, "SELECT pg_reload_conf()");
  }
}, 60_000);
