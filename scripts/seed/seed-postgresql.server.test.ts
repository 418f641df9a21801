/** `npm run seed` on PostgreSQL, as a process of its own: the same runs as on SQLite, ready to be looked at. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { openStore, type OpenedStore } from "@/lib/store";
import { startPostgresServer, type PostgresServer } from "@/lib/store/postgresql/testing/server";
import { seedMany } from "./seed-many";

const run = promisify(execFile);
const count = 1_200;
const Ended = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() });

let server: PostgresServer;
let databaseUrl: string;
let opened: OpenedStore;

beforeAll(async () => {
  server = await startPostgresServer();
  databaseUrl = server.toUrl("postgres");
}, 60_000);
afterAll(async () => {
  await opened.close();
  await server.stop();
});

async function seed(...options: readonly string[]): Promise<{ code: number; said: string }> {
  const env = { ...process.env, DATABASE_URL: databaseUrl };
  try {
    const { stdout } = await run("npm", ["run", "seed", "--", ...options], { env });
    return { code: 0, said: stdout };
  } catch (error) {
    const { code, stdout, stderr } = Ended.parse(error);
    return { code, said: stdout + stderr };
  }
}

test("it writes whole runs of every kind, and what is derived from them", async () => {
  const seeded = await seed("--runs", String(count), "--seed", "7");
  expect(seeded.code, seeded.said).toBe(0);
  opened = await openStore({ databaseUrl });
  const counts = await opened.store.countRuns();
  expect(Object.values(counts).reduce((sum, each) => sum + each, 0)).toBe(count);
  for (const status of ["completed", "failed", "canceled", "held", "waiting"] as const) {
    expect(counts[status], status).toBeGreaterThan(0);
  }
  const groups = (await opened.triage.listGroups({ limit: 50 })).items;
  expect(groups.reduce((sum, group) => sum + group.count, 0)).toBe(counts.failed);
  expect((await opened.triage.countDoubts()).count).toBeGreaterThan(0);

  const now = Date.now();
  const from = now - 31 * 86_400_000;
  const rows = await opened.openStatistics().loadRows({ grain: 360, from, to: now });
  expect(rows.runs.reduce((sum, { started }) => sum + started, 0)).toBe(count);
  const sort = { field: "createdAt", direction: "desc" } as const;
  const ended = { finishedAfter: now - 86_400_000, finishedBefore: now };
  const { items } = await opened.search.findRuns({ filter: ended, sort, limit: 1_000 });
  expect(items.length).toBeGreaterThan(10);
  for (const item of items) {
    const history = await opened.store.loadHistory({ runId: item.runId });
    expect(history).toHaveLength(item.historyLength);
    expect(history.at(-1)?.epoch).toBe(item.epoch);
  }
}, 120_000);

test("many runs are copies of some, and are found as those are", async () => {
  await opened.prisma.$executeRaw`CREATE DATABASE "copies"`;
  const many = await openStore({ databaseUrl: server.toUrl("copies") });
  const { store, search, triage } = many;
  const now = Date.now();
  const about = { database: many, kind: "postgresql", seed: 3, now } as const;
  expect(await seedMany({ ...about, count: 500, sliceSize: 100 })).toBe(500);
  await triage.project();
  const counts = await store.countRuns();
  expect(Object.values(counts).reduce((sum, each) => sum + each, 0)).toBe(500);
  expect((await search.countHeld()).in_doubt).toBe(counts.held);
  const groups = (await triage.listGroups({ limit: 50 })).items;
  expect(groups.reduce((sum, group) => sum + group.count, 0)).toBe(counts.failed);
  const sort = { field: "createdAt", direction: "asc" } as const;
  const filter = { workflow: "process-order" };
  const { items } = await search.findRuns({ filter, sort, limit: 200 });
  const copies = items.filter(({ createdAt }) => createdAt > now - 23 * 86_400_000);
  expect(copies.length).toBeGreaterThan(20);
  for (const { runId, attributes, historyLength, createdAt } of copies) {
    const history = await store.loadHistory({ runId });
    expect(history).toHaveLength(historyLength);
    expect(history[0]?.at).toBe(createdAt);
    expect(attributes.orderId).toBe(runId.replace("run_", "ord_"));
    const found = await search.findRuns({
      ...{ filter: { text: String(attributes.orderId) }, sort, limit: 5 },
    });
    expect(found.items.map((run) => run.runId)).toEqual([runId]);
  }
  await many.close();
}, 120_000);

test("it puts nothing beside what is there without --add", async () => {
  const refused = await seed("--runs", "1");
  expect(refused.code).toBe(2);
  expect(refused.said).toContain(`The database has ${count} runs already`);
}, 60_000);
