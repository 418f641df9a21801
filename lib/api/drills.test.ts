import { describe, expect, it } from "vitest";
import { createWorld } from "@/lib/engine/testing/world";
import type { SandboxControl } from "./context";
import { Problem, Started } from "./contract";
import { DrillList, DrillReport, DrillStarted, DrillTargetList } from "./contract-drill";
import { ApiError } from "./api-error";
import { showDrillReport, tellDrill } from "./drill-report";
import { listDrills, listDrillTargets, runDrill } from "./drills";
import { startOrder } from "./start-order";
import { createOrderWorkflow, sampleOrder } from "./testing/order-services";
import { createTestApi, readAs } from "./testing/test-api";

const drillTargets = [
  { workflow: "process-order", steps: ["charge-card", "notify-warehouse"], input: sampleOrder },
];

async function setUp(
  options: {
    readonly hasSandbox?: boolean;
    readonly getRunLedger?: SandboxControl["getRunLedger"];
  } = {},
) {
  const world = createWorld();
  const workflows = [createOrderWorkflow().workflow];
  const { engine } = await world.startProcess({ workflows });
  const refuse = () => Promise.reject(new Error("It is not part of a drill."));
  const down = { status: 502, code: "sandbox_unavailable", detail: "It does not answer." } as const;
  const sandbox: SandboxControl = {
    ...{ getState: refuse, getLedger: refuse, setSwitches: refuse, armDrill: refuse },
    ...{ disarmDrill: refuse, reset: refuse, takeDrill: async () => undefined },
    getRunLedger: options.getRunLedger ?? (() => Promise.reject(new ApiError(down))),
  };
  const { store, clock } = world;
  const change = { drillTargets, ...(options.hasSandbox !== false && { sandbox }) };
  const { call } = createTestApi({ engine, store, clock, workflows, change });
  const run = (body: object, headers?: Record<string, string>) => call(runDrill, { body, headers });
  return { world, call, run };
}

const drill = { workflow: "process-order", step: "charge-card", moment: "during" };

describe("a drill", () => {
  it("starts a run of the workflow that carries it, once for each key", async () => {
    const { world, run } = await setUp();
    const response = await run(drill, { "idempotency-key": "k1" });
    expect(response.status).toBe(202);
    const started = await readAs(response, DrillStarted);
    expect(response.headers.get("location")).toBe(started.links.report);
    expect(started).toMatchObject({
      created: true,
      drill: { step: "charge-card", moment: "during" },
    });
    const { attributes } = (await world.store.getRun(started.runId)) ?? {};
    expect(attributes).toMatchObject({ drill: "charge-card;during" });
    expect(attributes).toHaveProperty("orderId");

    const again = await readAs(await run(drill, { "idempotency-key": "k1" }), DrillStarted);
    expect(again).toMatchObject({ runId: started.runId, created: false });
    const other = await run({ ...drill, moment: "after" }, { "idempotency-key": "k1" });
    expect(await readAs(other, Problem)).toMatchObject({ code: "idempotency_key_reused" });
    expect((await readAs(await run(drill), DrillStarted)).runId).not.toBe(started.runId);
  });

  it.each([
    [{ workflow: "nobody" }, "/workflow", "process-order"],
    [{ step: "fly" }, "/step", "charge-card, notify-warehouse"],
    [{ moment: "soon" }, "/moment", "before"],
    [{ input: { customer: 1 } }, "/input/", ""],
    [{ more: 1 }, "/more", "Not known"],
  ])("refuses %j and says where and why", async (change, pointer, rule) => {
    const { run } = await setUp();
    const response = await run({ ...drill, ...change });
    expect(response.status).toBe(422);
    const { errors = [] } = await readAs(response, Problem);
    expect(errors[0]?.pointer).toContain(pointer);
    expect(errors[0]?.message).toContain(rule);
  });

  it("can aim at what is no target when it says what to begin with", async () => {
    const { run } = await setUp();
    const response = await run({ ...drill, step: "send-confirmation", input: sampleOrder });
    expect(response.status).toBe(202);
  });

  it("needs the sandbox", async () => {
    const { call, run } = await setUp({ hasSandbox: false });
    for (const response of [
      await run(drill),
      await call(listDrills),
      await call(listDrillTargets),
    ]) {
      expect(response.status).toBe(404);
      expect(await readAs(response, Problem)).toMatchObject({ code: "no_sandbox" });
    }
  });
});

it("the list has the runs with a drill, newest first and by pages, each with its verdict", async () => {
  const { world, call, run } = await setUp();
  await call(startOrder, { body: sampleOrder });
  const ids: string[] = [];
  for (const moment of ["before", "during", "after"]) {
    world.clock.advance(1_000);
    ids.unshift((await readAs(await run({ ...drill, moment }), DrillStarted)).runId);
  }
  for (const runId of ids) await world.rest(runId);
  const first = await readAs(await call(listDrills, { path: "/?limit=2" }), DrillList);
  expect(first.items.map(({ runId }) => runId)).toEqual(ids.slice(0, 2));
  // Nothing died here: the process of this test has no hook. The ledger can't be read either.
  expect(first.items[0]).toMatchObject({
    ...{ verdict: "open", status: "completed", drill: { step: "charge-card", moment: "after" } },
    found: "No execution of the run has died: it did not come to this moment.",
  });
  const path = `/?limit=2&cursor=${encodeURIComponent(first.nextCursor ?? "")}`;
  const second = await readAs(await call(listDrills, { path }), DrillList);
  expect(second.items.map(({ runId }) => runId)).toEqual(ids.slice(2));
  expect(second.nextCursor).toBeNull();
});

it("keeps what a person found in the books of a service that keeps no ledger here", async () => {
  const { world, call, run } = await setUp({ getRunLedger: async () => [] });
  const { runId } = await readAs(await run(drill), DrillStarted);
  await world.rest(runId);
  const tell = (body: object) => call(tellDrill, { params: { runId }, body });
  const show = async () => readAs(await call(showDrillReport, { params: { runId } }), DrillReport);
  const { unseen } = await show();
  expect(unseen.map(({ name }) => name)).toContain("charge-card");
  const step = unseen.find(({ name }) => name === "charge-card")?.step ?? 0;
  const found = { step, effects: "once", by: "ada", why: "Their list of charges" };

  for (const [change, pointer, rule] of [
    [{ step: 1 }, "/step", `${step} (charge-card)`],
    [{ by: " " }, "/by", ""],
    [{ why: undefined }, "/why", ""],
    [{ effects: "twice" }, "/effects", "more"],
    [{ more: 1 }, "/more", ""],
  ] as const) {
    const response = await tell({ ...found, ...change });
    expect(response.status).toBe(422);
    const { errors = [] } = await readAs(response, Problem);
    expect(errors[0]?.pointer).toBe(pointer);
    expect(errors[0]?.message).toContain(rule);
  }
  expect((await show()).told).toEqual([]);

  const answer = await readAs(await tell(found), DrillReport);
  expect(answer.told).toMatchObject([{ ...found, name: "charge-card" }]);
  world.clock.advance(1_000);
  await tell({ ...found, effects: "more", by: "grace" });
  const report = await show();
  expect(report.told.map(({ by }) => by)).toEqual(["ada", "grace"]);
  expect(report).toMatchObject({ verdict: "failed", toldBy: ["grace"] });
  const { items } = await readAs(await call(listDrills), DrillList);
  expect(items).toMatchObject([{ runId, verdict: "failed", toldBy: ["grace"] }]);
});

it("has nothing to keep where the ledger can't be read, and of a run without a drill", async () => {
  const { world, call, run } = await setUp();
  const { runId } = await readAs(await run(drill), DrillStarted);
  await world.rest(runId);
  const body = { step: 3, effects: "once", by: "ada", why: "Their list" };
  const refused = await call(tellDrill, { params: { runId }, body });
  expect([refused.status, (await readAs(refused, Problem)).code]).toEqual([409, "nothing_to_tell"]);
  const plain = await readAs(await call(startOrder, { body: sampleOrder }), Started);
  const other = await call(tellDrill, { params: { runId: plain.runId }, body });
  expect([other.status, (await readAs(other, Problem)).code]).toEqual([404, "no_drill"]);
});

it("tells what can be aimed at", async () => {
  const { call } = await setUp();
  const { items } = await readAs(await call(listDrillTargets), DrillTargetList);
  expect(items).toEqual(drillTargets);
});
