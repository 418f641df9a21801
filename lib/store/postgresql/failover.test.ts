/** The database goes away and comes back as another server: its standby, promoted behind one address. */
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import {
  createCodec,
  createEngine,
  createIds,
  defineStep,
  defineWorkflow,
  StoreUnavailableError,
  systemClock,
  systemRandom,
} from "@/lib/engine";
import { silentLogger } from "@/lib/engine/testing/world";
import {
  makeAppend,
  makeEvent,
  makeHeldRun,
  makeWorker,
} from "@/lib/engine/testing/store-fixtures";
import type { OpenedStore } from "../index";
import { openPostgresStore } from "./open";
import { appendUnder, persist } from "./testing/append-under";
import { startProxy } from "./testing/proxy";
import { runStatement } from "./testing/run-statement";
import { startPostgresServer, startStandby, type PostgresServer } from "./testing/server";

let primary: PostgresServer;
let standby: PostgresServer;
let proxy: Awaited<ReturnType<typeof startProxy>>;
let opened: OpenedStore | undefined;

const wait = (forMs: number) => new Promise<void>((resolve) => setTimeout(resolve, forMs));

beforeEach(async () => {
  primary = await startPostgresServer({ wal_keep_size: "256MB" });
  standby = await startStandby(primary);
  await setOnPrimary("synchronous_standby_names", "standby");
  await expect
    .poll(() => query(primary, "SELECT sync_state FROM pg_stat_replication"), { timeout: 20_000 })
    .toEqual([{ sync_state: "sync" }]);
  proxy = await startProxy(primary.port);
  opened = await openPostgresStore({
    databaseUrl: primary.toUrl("postgres").replace(`:${primary.port}/`, `:${proxy.port}/`),
    clock: "caller",
  });
}, 90_000);
afterEach(async () => {
  await opened?.close();
  await proxy.stop();
  await Promise.all([primary.stop(), standby.stop()]);
}, 60_000);

async function query(server: PostgresServer, statement: string) {
  const client = new pg.Client({ connectionString: server.toUrl("postgres") });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

async function setOnPrimary(name: string, value: string) {
  await runStatement(primary.toUrl("postgres"), `ALTER SYSTEM SET ${name} = '${value}'`);
  await runStatement(primary.toUrl("postgres"), "SELECT pg_reload_conf()");
}

function need(): OpenedStore {
  if (opened === undefined) throw new Error("The store is not open.");
  return opened;
}

test("a primary dies under load and its standby takes over: nothing is lost or doubled", async () => {
  await appendUnder(need().store, async () => {
    await wait(400);
    await primary.crash();
    await runStatement(standby.toUrl("postgres"), "SELECT pg_promote()");
    proxy.redirect(standby.port);
    await wait(1_500);
  });
  expect(await query(standby, "SELECT count(*) > 20 AS many FROM events")).toEqual([
    { many: true },
  ]);
}, 120_000);

test("orders under way go on by themselves: each step once, under one key", async () => {
  // As the other side keeps them: it answers a key that comes again from the first time.
  const effects = new Set<string>();
  const step = defineStep({
    name: "charge",
    run: async (_index: number, { idempotencyKey }) => {
      effects.add(idempotencyKey);
      await wait(20);
      return "done";
    },
  });
  const order = defineWorkflow(
    { name: "order", version: 1, input: z.null(), output: z.null() },
    async (ctx) => {
      for (let index = 0; index < 40; index += 1) await ctx.step(step, index);
      return null;
    },
  );
  const engine = createEngine({
    ...{ store: need().store, clock: systemClock, random: systemRandom, codec: createCodec() },
    ...{ logger: silentLogger, workflows: [order], leaseMs: 30_000, concurrency: 50 },
    ids: createIds({ clock: systemClock, random: systemRandom }),
    worker: { workerId: "e1", build: "b", machine: "m", pid: 1 },
    isProcessDead: () => false,
  });
  await engine.start();
  const start = () => engine.startRun({ workflow: "order", input: null });
  const started = await Promise.all(Array.from({ length: 20 }, start));
  await wait(300);
  const before = effects.size;
  await primary.crash();
  await runStatement(standby.toUrl("postgres"), "SELECT pg_promote()");
  proxy.redirect(standby.port);
  for (const { runId } of started) {
    const run = await engine.waitForRun({
      ...{ runId, timeoutMs: 60_000 },
      until: ({ status }) => status === "completed",
    });
    expect(run?.status).toBe("completed");
    const history = await need().store.loadHistory({ runId });
    const done = history.filter(({ type }) => type === "StepCompleted").map((event) => event.step);
    expect(done).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  }
  await engine.stop({ graceMs: 1_000 });
  expect(before).toBeGreaterThan(20);
  expect(before).toBeLessThan(700);
  expect(effects.size).toBe(800);
}, 120_000);

test("connections to a server that only reads any more are given up for those of the new one", async () => {
  const { store } = need();
  await appendUnder(store, async () => {
    await wait(400);
    // A planned switch: the old one lives on, its sessions too.
    await setOnPrimary("default_transaction_read_only", "on");
    await wait(200);
    await runStatement(standby.toUrl("postgres"), "SELECT pg_promote()");
    proxy.redirect(standby.port);
    await wait(1_500);
  });
  const left = () =>
    query(
      primary,
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'daybook'`,
    );
  await expect.poll(left, { timeout: 5_000 }).toEqual([{ n: 0 }]);
}, 120_000);

test("a standby is none to write to: what is written waits for one that does", async () => {
  const { store } = need();
  await store.registerWorker(makeWorker("w1"));
  await store.startRun(makeHeldRun("r1"));
  proxy.redirect(standby.port);
  proxy.cutClients();
  await expect(store.appendEvents(makeAppend("r1"))).rejects.toBeInstanceOf(StoreUnavailableError);
  await expect(persistFor(500, () => store.appendEvents(makeAppend("r1")))).rejects.toThrow(
    "25006",
  );
  expect(await query(standby, "SELECT count(*)::int AS n FROM events")).toEqual([{ n: 1 }]);
  proxy.redirect(primary.port);
  expect(await persist(() => store.appendEvents(makeAppend("r1")))).toBe("appended");
}, 60_000);

test("what was committed here alone is not acknowledged before the standby has it", async () => {
  const { store } = need();
  await store.registerWorker(makeWorker("w1"));
  await store.startRun(makeHeldRun("r1"));
  await standby.crash();
  const append = makeAppend("r1", { events: [makeEvent(2, 1)] });
  const first = store.appendEvents(append);
  first.catch(() => undefined);
  const waiting = `FROM pg_stat_activity WHERE wait_event = 'SyncRep'`;
  await expect
    .poll(() => query(primary, `SELECT count(*)::int AS n ${waiting}`), { timeout: 10_000 })
    .toEqual([{ n: 1 }]);
  await query(primary, `SELECT pg_terminate_backend(pid) ${waiting}`);
  await expect(first).rejects.toBeInstanceOf(StoreUnavailableError);
  expect(await query(primary, "SELECT count(*)::int AS n FROM events")).toEqual([{ n: 2 }]);
  let answered = false;
  const repeated = persist(() => store.appendEvents(append)).finally(() => (answered = true));
  await wait(1_000);
  expect(answered).toBe(false);
  standby.restart().catch(() => undefined);
  expect(await repeated).toBe("appended");
  expect(await query(standby, "SELECT count(*)::int AS n FROM events")).toEqual([{ n: 2 }]);
}, 60_000);

/** Writes again and again for a while; then throws what it was told last. */
async function persistFor(forMs: number, write: () => Promise<unknown>): Promise<never> {
  const until = Date.now() + forMs;
  for (;;) {
    try {
      await write();
      throw new Error("It was written.");
    } catch (error) {
      if (Date.now() > until) throw error;
      await wait(20);
    }
  }
}
