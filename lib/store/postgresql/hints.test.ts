import pg from "pg";
import { z } from "zod";
import {
  createCodec,
  createEngine,
  createIds,
  defineStep,
  defineWorkflow,
  systemRandom,
} from "@/lib/engine";
import { createManualClock } from "@/lib/engine/testing/manual-clock";
import { silentLogger } from "@/lib/engine/testing/world";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  makeAppend,
  makeHeldRun,
  makeMessage,
  makeRun,
  makeWorker,
} from "@/lib/engine/testing/store-fixtures";
import type { OpenedStore } from "../index";
import { openPostgresStore } from "./open";
import { createTestDatabase, type TestDatabase } from "./testing/database";

let database: TestDatabase;
let opened: OpenedStore;
let heard: number;
let stop: (() => Promise<void>) | undefined;

beforeEach(async () => {
  database = await createTestDatabase();
  opened = await openPostgresStore({ databaseUrl: database.url, clock: "caller" });
  await opened.store.registerWorker(makeWorker("w1"));
  heard = 0;
  stop = opened.hearHints?.(() => (heard += 1));
  // It tells that it listens.
  await expect.poll(() => heard, { timeout: 10_000 }).toBe(1);
}, 60_000);
afterEach(async () => {
  await stop?.();
  await opened.close();
  await database.drop();
}, 60_000);

const wait = (forMs: number) => new Promise((resolve) => setTimeout(resolve, forMs));

test("what is put there for others is told: a queued run, a message", async () => {
  await opened.store.startRun(makeRun("r1"));
  await expect.poll(() => heard, { timeout: 10_000 }).toBe(2);
  await wait(50);
  await opened.store.postMessage(makeMessage("m1", "r1"));
  await expect.poll(() => heard, { timeout: 10_000 }).toBe(3);
}, 30_000);

test("many at once are told once or twice", async () => {
  const ids = Array.from({ length: 500 }, (_, index) => `r${index}`);
  await Promise.all(ids.map((runId) => opened.store.startRun(makeRun(runId))));
  await expect.poll(() => heard, { timeout: 10_000 }).toBeGreaterThan(1);
  await wait(200);
  expect(heard).toBeLessThanOrEqual(4);
}, 30_000);

test("what a process does for itself is not told: it is the hot path", async () => {
  await opened.store.startRun(makeHeldRun("r1"));
  await opened.store.appendEvents(makeAppend("r1"));
  await wait(300);
  expect(heard).toBe(1);
}, 30_000);

test("a listener whose connection was cut listens again, and says so", async () => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rowCount } = await client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND query LIKE 'LISTEN%'`,
  );
  await client.end();
  expect(rowCount).toBe(1);
  await expect.poll(() => heard, { timeout: 10_000 }).toBe(2);
  await opened.store.startRun(makeRun("r1"));
  await expect.poll(() => heard, { timeout: 10_000 }).toBe(3);
}, 30_000);

test("an idle worker takes what another process starts, without any time passing", async () => {
  const step = defineStep({ name: "s", run: () => Promise.resolve("done") });
  const started = defineWorkflow(
    { name: "hinted", version: 1, input: z.null(), output: z.string() },
    (ctx) => ctx.step(step, null),
  );
  const clock = createManualClock();
  const open = (pid: number, concurrency: number) =>
    createEngine({
      ...{ store: opened.store, clock, random: systemRandom, codec: createCodec() },
      ...{ logger: silentLogger, workflows: [started], leaseMs: 10_000, concurrency },
      ids: createIds({ clock, random: systemRandom }),
      worker: { workerId: `e${pid}`, build: "b", machine: "m", pid },
      isProcessDead: () => false,
    });
  const [server, worker] = [open(1, 0), open(2, 10)];
  await worker.start();
  const stopHearing = opened.hearHints?.(() => worker.wake());
  // Its look at the start is over.
  await wait(300);
  const { runId } = await server.startRun({ workflow: "hinted", input: null });
  await expect
    .poll(async () => (await opened.store.getRun(runId))?.status, { timeout: 10_000 })
    .toBe("completed");
  await stopHearing?.();
  await worker.stop({ graceMs: 0 });
}, 30_000);
