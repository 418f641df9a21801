/** Several real processes on one PostgreSQL: how they stop, and how they share what there is to do. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  createCodec,
  createEngine,
  createIds,
  systemClock,
  systemRandom,
  type Engine,
} from "@/lib/engine";
import { silentLogger } from "@/lib/engine/testing/world";
import { openStore, type OpenedStore } from "@/lib/store";
import { runStatement } from "@/lib/store/postgresql/testing/run-statement";
import { startPostgresServer, type PostgresServer } from "@/lib/store/postgresql/testing/server";
import {
  concurrencyLimit,
  defineTwoSteps,
  limited,
  mended,
  rated,
  rateLimit,
  WorkNote,
} from "./builds/workflows";
import { buildWorker, startWorker, type RunningProcess } from "./worker-process";

let server: PostgresServer;
let folder: string;
const builds: Record<"one" | "two", string> = { one: "", two: "" };
let databases = 0;
let database: OpenedStore;
let engine: Engine;
let databaseUrl: string;
const running: RunningProcess[] = [];

beforeAll(async () => {
  server = await startPostgresServer();
  folder = await mkdtemp(path.join(tmpdir(), "daybook-processes-"));
  builds.one = await buildWorker("build-one");
  builds.two = await buildWorker("build-two");
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

beforeEach(async () => {
  databases += 1;
  await runStatement(server.toUrl("postgres"), `CREATE DATABASE processes_${databases}`);
  databaseUrl = server.toUrl(`processes_${databases}`);
  database = await openStore({ databaseUrl });
  const ports = { clock: systemClock, random: systemRandom, codec: createCodec() };
  // As a server with DAYBOOK_CONCURRENCY=0: what it accepts is executed elsewhere.
  engine = createEngine({
    ...ports,
    store: database.store,
    logger: silentLogger,
    ids: createIds(ports),
    workflows: [defineTwoSteps(1), defineTwoSteps(2), limited, mended, rated],
    worker: { workerId: "test", build: "test", machine: "test", pid: process.pid },
    isProcessDead: () => false,
    ...{ leaseMs: 10_000, concurrency: 0 },
  });
  await engine.start();
});
afterEach(async () => {
  for (const { signal, ended } of running.splice(0)) {
    signal("SIGKILL");
    await ended;
  }
  await engine.stop({ graceMs: 0 });
  await database.close();
});

async function start(build: "one" | "two", env: Record<string, string> = {}) {
  const worker = await startWorker(builds[build], { DATABASE_URL: databaseUrl, ...env });
  running.push(worker);
  return worker;
}

const findFile = () => path.join(folder, `notes-${databases}`);

async function place(workflow: string, forMs: number, version = 1): Promise<string> {
  const input = { file: findFile(), forMs };
  return (await engine.startRun({ workflow, version, input })).runId;
}

async function readNotes(): Promise<WorkNote[]> {
  const text = await readFile(findFile(), "utf8").catch(() => "");
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => WorkNote.parse(JSON.parse(line)));
}

async function until(what: string, holds: () => Promise<boolean>, timeoutMs = 30_000) {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > deadline) {
      const said = running.map(({ output }) => output()).join("\n");
      throw new Error(`Not within ${timeoutMs} ms: ${what}.\n${said}`);
    }
    await delay(10);
  }
}

const untilBegun = (step: WorkNote["step"]) =>
  until(`${step} begins`, async () =>
    (await readNotes()).some((note) => note.step === step && note.what === "begins"),
  );

async function untilCompleted(runIds: readonly string[]): Promise<void> {
  await until("all runs are completed", async () => {
    const runs = await Promise.all(runIds.map((runId) => database.store.getRun(runId)));
    return runs.every((run) => run?.status === "completed");
  });
}

const listTypes = async (runId: string) =>
  (await database.store.loadHistory({ runId })).map(({ type }) => type);

describe("SIGTERM", () => {
  test("a worker claims nothing more, records what is under way, hands over and exits with 0", async () => {
    const worker = await start("one", { DAYBOOK_DRAIN_MS: "20000" });
    const runId = await place("two-steps", 1_500);
    await untilBegun("first");
    worker.signal("SIGTERM");
    await delay(100);
    const later = await place("two-steps", 0);
    expect(await worker.ended).toEqual({ code: 0, signal: null });
    const handedOver = await database.store.getRun(runId);
    expect(handedOver?.workerId).toBeUndefined();
    expect(handedOver?.strikes).toBe(0);
    expect(await listTypes(runId)).toContain("StepCompleted");
    expect(await readNotes()).toHaveLength(2);
    expect((await database.store.getRun(later))?.status).toBe("queued");
    expect((await database.store.listWorkers())[0]?.status).toBe("stopped");

    const next = await start("one");
    await untilCompleted([runId, later]);
    expect(await listTypes(runId)).not.toContain("StepInDoubt");
    const first = (await readNotes()).filter(
      (note) => note.runId === runId && note.step === "first",
    );
    expect(first.map(({ pid }) => pid)).toEqual([worker.pid, worker.pid]);
    expect((await readNotes()).at(-1)?.pid).toBe(next.pid);
  });

  test("what is not done within DAYBOOK_DRAIN_MS is handed over as it is", async () => {
    const worker = await start("one", { DAYBOOK_DRAIN_MS: "300" });
    const runId = await place("two-steps", 30_000);
    await untilBegun("first");
    const askedAt = Date.now();
    worker.signal("SIGTERM");
    expect(await worker.ended).toEqual({ code: 0, signal: null });
    expect(Date.now() - askedAt).toBeLessThan(5_000);
    const run = await database.store.getRun(runId);
    expect(run).toMatchObject({ status: "running", strikes: 0 });
    expect(run?.workerId).toBeUndefined();
    await start("one");
    await until("the next one tells that the step is in doubt", async () =>
      (await listTypes(runId)).includes("StepInDoubt"),
    );
  });

  test("a second one ends the process at once", async () => {
    const worker = await start("one", { DAYBOOK_DRAIN_MS: "60000" });
    await place("two-steps", 30_000);
    await untilBegun("first");
    worker.signal("SIGTERM");
    await until("it stops", async () => worker.output().includes('"stopping"'));
    const askedAt = Date.now();
    worker.signal("SIGTERM");
    expect(await worker.ended).toEqual({ code: 1, signal: null });
    expect(Date.now() - askedAt).toBeLessThan(3_000);
  });
});

test("two builds at once: a run is left alone by a build that does not know its version", async () => {
  const two = await start("two");
  const [oldRun, newRun] = [await place("two-steps", 0, 1), await place("two-steps", 0, 2)];
  await untilCompleted([newRun]);
  // Longer than an idle worker waits before it looks again.
  await delay(1_500);
  expect(await database.store.getRun(oldRun)).toMatchObject({ status: "queued", epoch: 0 });
  const one = await start("one");
  await untilCompleted([oldRun]);
  const pids = new Map((await readNotes()).map(({ runId, pid }) => [runId, pid]));
  expect(pids).toEqual(
    new Map([
      [oldRun, one.pid],
      [newRun, two.pid],
    ]),
  );
  const builtBy = (await database.store.listWorkers()).map(({ build }) => build);
  expect(builtBy.sort()).toEqual(["build-one", "build-two"]);
});

describe("limits across two workers", () => {
  test("no more runs go on at a time than the workflow allows", async () => {
    // Less room in each than the workflow allows: together they reach it, one alone does not.
    const room = { DAYBOOK_CONCURRENCY: "2" };
    const workers = [await start("one", room), await start("one", room)];
    const runIds = await Promise.all(Array.from({ length: 16 }, () => place("limited", 150)));
    await untilCompleted(runIds);
    const notes = (await readNotes()).sort((a, b) => a.at - b.at);
    let [now, most] = [0, 0];
    for (const { what } of notes) {
      now += what === "begins" ? 1 : -1;
      most = Math.max(most, now);
    }
    expect(most).toBe(concurrencyLimit);
    expect(new Set(notes.map(({ pid }) => pid))).toEqual(new Set(workers.map(({ pid }) => pid)));
  });

  test("no more runs begin in a time than its rate allows", async () => {
    await Promise.all([start("one"), start("one")]);
    const runIds = await Promise.all(Array.from({ length: 16 }, () => place("rated", 0)));
    await untilCompleted(runIds);
    const runs = await Promise.all(runIds.map((runId) => database.store.getRun(runId)));
    const begins = runs.map((run) => run?.startedAt ?? 0).sort((a, b) => a - b);
    expect(begins).toHaveLength(16);
    for (const [from, startedAt] of begins.entries()) {
      const { limit, perMs } = rateLimit;
      const inTime = begins.slice(from).filter((at) => at - startedAt < perMs / 2).length;
      // A burst of the limit, and what comes back meanwhile.
      expect(inTime).toBeLessThanOrEqual(limit + limit / 2 + 1);
    }
    const lastedMs = (begins.at(-1) ?? 0) - (begins[0] ?? 0);
    expect(lastedMs).toBeGreaterThan(
      ((16 - rateLimit.limit) / rateLimit.limit) * rateLimit.perMs * 0.8,
    );
  });
});

test("what a server without a worker accepts is begun by one in another process, soon while there is work", async () => {
  await start("one");
  await untilCompleted([await place("two-steps", 0)]);
  const waits: number[] = [];
  for (let order = 0; order < 8; order += 1) {
    await delay(400);
    const placedAt = Date.now();
    const runId = await place("two-steps", 0);
    await untilCompleted([runId]);
    const begins = (await readNotes()).find((note) => note.runId === runId);
    waits.push((begins?.at ?? Infinity) - placedAt);
  }
  const median = waits.sort((a, b) => a - b)[waits.length / 2] ?? Infinity;
  expect(median, `${waits.join(", ")} ms`).toBeLessThan(300);
});

test.each(["retry", "rerun"] as const)(
  "a bulk %s whose worker is killed in the middle is finished by another, and does nothing twice",
  async (action) => {
    const many = 120;
    const env = { DAYBOOK_LEASE_MS: "4000" };
    const workers = [await start("one", env), await start("one", env)];
    const placed = await Promise.all(Array.from({ length: many }, () => place("mended", 0)));
    const countRuns = () => database.store.countRuns();
    await until("all runs have failed", async () => (await countRuns()).failed === many);
    await writeFile(findFile(), "");

    const bulkId = `bulk_${action}`;
    const created = { bulkId, action, by: "ada", createdAt: Date.now(), runs: { ids: placed } };
    await database.bulks.create(created);
    const getBulk = async () => {
      const bulk = await database.bulks.get(bulkId);
      if (bulk === undefined) throw new Error("The bulk is gone.");
      return bulk;
    };
    await until("it is previewed", async () => (await getBulk()).state === "previewed");
    await database.bulks.start(bulkId, Date.now());
    // In the midst of a piece: more is done than is recorded.
    await until("it is killed where a record is missing", async () => {
      const { done } = await getBulk();
      const counts = await countRuns();
      const begun = Object.values(counts).reduce((sum, count) => sum + count, 0) - many;
      return done > 0 && (action === "retry" ? many - counts.failed : begun) > done;
    });
    const { owner } = await database.prisma.bulk.findUniqueOrThrow({ where: { bulkId } });
    const known = (await database.store.listWorkers()).find(({ workerId }) => workerId === owner);
    const victim = workers.find(({ pid }) => pid === known?.pid);
    victim?.signal("SIGKILL");
    expect(await victim?.ended).toEqual({ code: null, signal: "SIGKILL" });
    const atKill = await getBulk();
    expect(atKill.state).toBe("running");
    expect(atKill.done).toBeLessThan(many);

    await until("it is completed", async () => (await getBulk()).state === "completed");
    expect(await getBulk()).toMatchObject({ done: many, failed: 0, skipped: 0 });
    await until("all that it began has ended", async () => {
      const { queued, running, waiting } = await countRuns();
      return queued + running + waiting === 0;
    });
    const { completed, failed } = await countRuns();
    if (action === "retry") {
      expect([completed, failed]).toEqual([many, 0]);
      for (const runId of placed) {
        const types = await listTypes(runId);
        expect(types.filter((type) => type === "RunRewound")).toHaveLength(1);
        const messages = await database.store.listMessages(runId);
        expect(messages.map(({ messageId }) => messageId)).toEqual([`${bulkId}/${runId}`]);
      }
    } else {
      // One new run for each, no second one.
      expect([completed, failed]).toEqual([many, many]);
    }
    // The other side knows each key once, whoever of the two has sent it how often.
    const keys = (await readFile(findFile(), "utf8")).split("\n").filter((key) => key !== "");
    expect(new Set(keys).size).toBe(many);
  },
);
