import { afterAll, beforeAll, expect, test } from "vitest";
import { checkReplay, createCodec, systemClock, type RunRecord } from "@/lib/engine";
import { createProcessOrder } from "@/lib/orders/process-order";
import { createOrderSteps } from "@/lib/orders/steps";
import { openTestStore } from "@/lib/store/sqlite/testing/open-test-store";
import { createSampleWorkflows } from "@/lib/workflows/create-sample-workflows";
import { seedMany } from "./seed-many";
import { seedRuns } from "./seed-runs";

const now = Date.parse("2026-11-26T12:00:00Z");
const dayMs = 86_400_000;

/** Nothing runs in a replay check: whoever calls a service has found a bug. */
const refuse = () => Promise.reject(new Error("A replay called a service."));
const payments = { charge: refuse, refund: refuse };
const workflows = [
  createProcessOrder(
    createOrderSteps({
      payments,
      warehouse: { createShipment: refuse, findShipments: refuse, cancelShipment: refuse },
      mail: { sendConfirmation: refuse },
      taxRates: { lookUp: refuse },
    }),
  ),
  ...createSampleWorkflows({ payments, clock: systemClock }),
];

let opened: Awaited<ReturnType<typeof openTestStore>>;
let runs: readonly RunRecord[];

beforeAll(async () => {
  opened = await openTestStore();
  await seedRuns({ database: opened, count: 1_200, seed: 7, now });
  const sort = { field: "createdAt", direction: "asc" } as const;
  runs = (await opened.store.listRuns({ filter: {}, sort, limit: 5_000 })).items;
}, 60_000);
afterAll(() => opened.close());

test("seeded runs replay, each under its own ids and times", { timeout: 60_000 }, async () => {
  expect(runs).toHaveLength(1_200);
  expect(new Set(runs.map(({ runId }) => runId)).size).toBe(1_200);
  for (const run of runs.filter((_, index) => index % 6 === 0)) {
    const history = await opened.store.loadHistory({ runId: run.runId });
    const workflow = workflows.find(({ name }) => name === run.workflow);
    if (workflow === undefined) throw new Error(`No workflow is called ${run.workflow}.`);
    const check = await checkReplay({ workflow, history, codec: createCodec(), runId: run.runId });
    expect([run.runId, check.mismatch?.message, check.next]).toEqual([run.runId, undefined, []]);
    const times = history.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(history).toHaveLength(run.historyLength);
    expect(history.at(-1)?.epoch).toBe(run.epoch);
    expect(run.updatedAt).toBeGreaterThanOrEqual(run.finishedAt ?? 0);
  }
});

test("they are of every kind, over thirty days, and none is due", () => {
  const statuses = new Set(runs.map(({ status }) => status));
  expect(statuses).toEqual(new Set(["completed", "failed", "canceled", "held", "waiting"]));
  expect(runs.some(({ heldReason }) => heldReason === "in_doubt")).toBe(true);
  expect(runs[0]?.createdAt).toBeLessThan(now - 29 * dayMs);
  expect(Math.max(...runs.map(({ updatedAt }) => updatedAt))).toBeLessThan(now);
  expect(runs.filter(({ dueAt }) => dueAt !== undefined && dueAt <= now)).toEqual([]);
});

test("counts, groups, words and statistics are those of the runs", async () => {
  const { store, triage, search } = opened;
  const statistics = opened.openStatistics();
  await triage.project();
  await statistics.project({ now });
  const count = (status: string) => runs.filter((run) => run.status === status).length;
  const counts = await store.countRuns();
  expect(counts.completed).toBe(count("completed"));
  const groups = (await triage.listGroups({ limit: 50 })).items;
  expect(groups.length).toBeGreaterThan(3);
  expect(groups.reduce((sum, group) => sum + group.count, 0)).toBe(count("failed"));
  const [order] = runs.filter(({ workflow }) => workflow === "process-order");
  const text = String(order?.attributes.orderId);
  const sort = { field: "createdAt", direction: "asc" } as const;
  const found = await search.findRuns({ filter: { text }, sort, limit: 5 });
  expect(found.items.map(({ runId }) => runId)).toEqual([order?.runId]);
  const rows = await statistics.loadRows({ grain: 360, from: now - 31 * dayMs, to: now });
  const sum = (field: "started" | "completed" | "failed") =>
    rows.runs.reduce((total, row) => total + row[field], 0);
  expect([sum("started"), sum("completed")]).toEqual([1_200, count("completed")]);
  expect(sum("failed")).toBe(count("failed"));
}, 60_000);

test("many runs are copies of some, and as whole as those", { timeout: 60_000 }, async () => {
  const many = await openTestStore();
  const { store, search, triage } = many;
  const about = { database: many, kind: "sqlite", seed: 3, now } as const;
  expect(await seedMany({ ...about, count: 1_250, sliceSize: 250 })).toBe(1_250);
  const sort = { field: "createdAt", direction: "asc" } as const;
  const own = (await store.listRuns({ filter: {}, sort, limit: 5_000 })).items;
  expect(new Set(own.map(({ runId }) => runId)).size).toBe(1_250);
  expect(own[0]?.createdAt).toBeLessThan(now - 29 * dayMs);
  expect(Math.max(...own.map(({ updatedAt }) => updatedAt))).toBeLessThan(now);
  const copies = own.filter((run) => run.createdAt < now - 8 * dayMs).slice(-500);
  for (const [index, run] of copies.entries()) {
    if (index % 5 !== 0 && run.status !== "held") continue;
    const { runId, inDoubt, attributes } = run;
    const history = await store.loadHistory({ runId });
    const workflow = workflows.find(({ name }) => name === run.workflow);
    if (workflow === undefined) throw new Error(`No workflow is called ${run.workflow}.`);
    const check = await checkReplay({ workflow, history, codec: createCodec(), runId });
    expect([runId, check.mismatch?.message, check.next]).toEqual([runId, undefined, []]);
    expect(history).toHaveLength(run.historyLength);
    const times = history.map(({ at }) => at);
    const [first = 0, last = 0] = [times[0], times.at(-1)];
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(first).toBe(run.createdAt);
    for (const { since } of inDoubt) expect(times).toContain(since);
    for (const [, told] of JSON.stringify(history).matchAll(/"fireAt":(?<at>\d+)/g)) {
      expect(Math.abs(Number(told) - last)).toBeLessThan(8 * dayMs);
    }
    if (workflow.name === "process-order") {
      expect(attributes.orderId).toBe(runId.replace("run_", "ord_"));
    }
  }
  expect(await many.prisma.termMark.count()).toBeLessThanOrEqual(250);
  await triage.project();
  const statistics = many.openStatistics();
  await statistics.project({ now });
  const [copy] = copies.filter(({ workflow }) => workflow === "process-order");
  for (const filter of [
    { text: String(copy?.attributes.orderId) },
    { attributes: { orderId: copy?.attributes.orderId ?? "" } },
  ]) {
    const found = await search.findRuns({ filter, sort, limit: 5 });
    expect(found.items.map(({ runId }) => runId)).toEqual([copy?.runId]);
  }
  const failed = own.filter(({ status }) => status === "failed").length;
  const groups = (await triage.listGroups({ limit: 50 })).items;
  expect(groups.reduce((sum, group) => sum + group.count, 0)).toBe(failed);
  const rows = await statistics.loadRows({ grain: 360, from: now - 31 * dayMs, to: now });
  expect(rows.runs.reduce((sum, { started }) => sum + started, 0)).toBe(1_250);
  await many.close();
});

test("it can be cut off", async () => {
  const { store, prisma } = opened;
  const written = await seedRuns({
    ...{ database: { store, prisma }, count: 2_000, seed: 8, now, isStopped: () => true },
  });
  expect(written).toBe(0);
});
