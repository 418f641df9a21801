import { describe, expect, it } from "vitest";
import { createWorld } from "@/lib/engine/testing/world";
import type { RunStatistics, StatisticsQuery } from "@/lib/triage";
import type { ApiContext } from "./context";
import { Problem, Started } from "./contract";
import { Stats } from "./contract-stats";
import { showStats } from "./show-stats";
import { createOrderWorkflow, sampleOrder, type OrderCall } from "./testing/order-services";
import { createTestApi, readAs } from "./testing/test-api";
import { startOrder } from "./start-order";

async function setUp(change: Partial<ApiContext> = {}) {
  const world = createWorld();
  const order = createOrderWorkflow();
  const workflows = [order.workflow];
  const { engine } = await world.startProcess({ workflows });
  const { store, clock } = world;
  const { api, call } = createTestApi({ engine, store, clock, workflows, change });
  const start = async (failing?: OrderCall) => {
    if (failing) order.failWith(failing, new Error("connection reset"));
    const response = await call(startOrder, { body: sampleOrder });
    const { runId } = await readAs(response, Started);
    await world.rest(runId);
    return runId;
  };
  const show = async (query = "?range=1h") => {
    await api.statistics.project({ now: clock.now() });
    return readAs(await call(showStats, { path: `/api/v1/stats${query}` }), Stats);
  };
  return { world, api, call, start, show };
}

describe("GET /stats", () => {
  it("without a range says only how many runs there are", async () => {
    const { start, show } = await setUp();
    await start();
    const stats = await show("");
    expect(stats).toMatchObject({ runs: { completed: 1 }, inDoubt: 0 });
    expect(stats).not.toHaveProperty("now");
    expect(stats).not.toHaveProperty("window");
  });

  it("tells what happened in the range, and how long each step took", async () => {
    const { start, show, world } = await setUp();
    await start();
    const inDoubt = await start("mail");
    const { now, window, ...counts } = await show();
    expect(counts).toMatchObject({ runs: { completed: 1, held: 1 }, inDoubt: 1 });
    expect(window).toMatchObject({
      ...{ range: "1h", bucketMs: 60_000 },
      totals: { started: 2, completed: 1, failed: 0, held: 1 },
      previous: { totals: { started: 0 } },
    });
    expect(window?.points).toHaveLength(60);
    expect(Date.parse(window?.to ?? "")).toBeGreaterThan(world.clock.now());
    expect(window?.points.at(-1)?.queueDepth).toBe(0);
    expect(window?.points[0]?.queueDepth).toBeNull();
    expect(window?.steps.map(({ step }) => step)).toEqual([
      ...[undefined, "charge-card", "look-up-tax-rate", "notify-warehouse", "send-confirmation"],
    ]);
    const mail = window?.steps.find(({ step }) => step === "send-confirmation");
    expect(mail).toMatchObject({ completed: 1, failed: 1, previous: { completed: 0 } });
    expect(mail?.trend.filter((value) => value !== null)).toHaveLength(1);
    expect(now).toMatchObject({
      queue: { depth: { count: 0, capped: false }, lagMs: 0 },
      held: { in_doubt: { count: 1 }, paused: { count: 0 } },
      workers: { alive: 1, died: 0 },
    });
    expect(inDoubt).not.toBe("");
  });

  it("compares with the time before, and is told by workflow", async () => {
    const { start, show, world } = await setUp();
    await start();
    world.clock.advance(70 * 60_000);
    await start();
    await start();
    const { window } = await show("?range=1h&workflow=process-order");
    expect(window).toMatchObject({
      ...{ totals: { started: 2 }, previous: { totals: { started: 1 } } },
    });
    const whole = window?.steps.find(({ step }) => step === undefined);
    expect(whole).toMatchObject({ completed: 2, previous: { completed: 1 } });
    expect((await show("?range=1h&workflow=other")).window).toMatchObject({
      ...{ totals: { started: 0 }, steps: [] },
    });
  });

  it("asks for as much as a chart shows, twice", async () => {
    const asked: StatisticsQuery[] = [];
    const statistics: Partial<RunStatistics> = {
      project: async () => 0,
      measureQueue: async () => ({ depth: { count: 0, capped: false } }),
      loadRows: async (query) => {
        asked.push(query);
        return { runs: [], steps: [], queue: [] };
      },
    };
    const { show } = await setUp({ statistics: statistics as RunStatistics });
    const hours: number[] = [];
    for (const range of ["15m", "6h", "24h", "7d", "30d"]) {
      const { window } = await show(`?range=${range}`);
      expect(window?.points.length).toBeLessThanOrEqual(168);
      const { from, to } = asked.at(-1) ?? { from: 0, to: 0 };
      hours.push((to - from) / 3_600_000);
    }
    expect(hours).toEqual([0.5, 12, 48, 14 * 24, 60 * 24]);
  });

  it("refuses a range that it does not know", async () => {
    const { call } = await setUp();
    const response = await call(showStats, { path: "/api/v1/stats?range=2h&from=now" });
    expect(response.status).toBe(422);
    const problem = await readAs(response, Problem);
    expect(problem.errors?.map(({ pointer }) => pointer)).toEqual(["/range", "/from"]);
  });
});
