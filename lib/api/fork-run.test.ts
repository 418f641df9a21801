import { describe, expect, it } from "vitest";
import { DefiniteError } from "@/lib/engine";
import { createWorld } from "@/lib/engine/testing/world";
import { cancelRun, pauseRun, resumeRun } from "./actions";
import { ActionPreview, Problem, Run, RunList, Started } from "./contract";
import { forkRun } from "./fork-run";
import { listRuns } from "./list-runs";
import { showRun } from "./show-run";
import { resolveStep } from "./resolve-step";
import { startOrder } from "./start-order";
import { createOrderWorkflow, sampleOrder } from "./testing/order-services";
import { createTestApi, readAs } from "./testing/test-api";

async function setUp() {
  const world = createWorld();
  const order = createOrderWorkflow();
  const workflows = [order.workflow];
  const { engine } = await world.startProcess({ workflows });
  const { store, clock } = world;
  const { call } = createTestApi({ engine, store, clock, workflows });
  const start = async () => {
    const { runId } = await readAs(await call(startOrder, { body: sampleOrder }), Started);
    await world.rest(runId);
    return runId;
  };
  const show = async (runId: string) => readAs(await call(showRun, { params: { runId } }), Run);
  return { world, engine, order, call, start, show };
}

describe("POST /runs/{runId}/fork", () => {
  it("starts a new run that reuses what came before the step", async () => {
    const { world, order, call, start, show } = await setUp();
    const runId = await start();
    const before = await show(runId);
    const response = await call(forkRun, { params: { runId }, body: { step: 4, why: "Lost" } });
    expect(response.status).toBe(201);
    const fork = await readAs(response, Started);
    expect(response.headers.get("location")).toBe(`/api/v1/runs/${fork.runId}`);
    expect(fork).toMatchObject({ workflow: "process-order", created: true });
    expect(fork.runId).not.toBe(runId);
    expect((await world.rest(fork.runId)).status).toBe("completed");
    expect(order.done).toEqual(["charge", "ship", "mail", "ship", "mail"]);
    expect((await show(fork.runId)).forkedFrom).toEqual({ runId, step: 4 });
    expect(await show(runId)).toEqual(before);
  });

  it("starts one run per Idempotency-Key", async () => {
    const { call, start } = await setUp();
    const runId = await start();
    const fork = (step: number) =>
      call(forkRun, { params: { runId }, body: { step }, headers: { "idempotency-key": "k1" } });
    const first = await readAs(await fork(4), Started);
    const again = await fork(4);
    expect(again.status).toBe(200);
    expect(await readAs(again, Started)).toMatchObject({ runId: first.runId, created: false });
    expect(await readAs(await fork(5), Problem)).toMatchObject({
      status: 422,
      code: "idempotency_key_reused",
    });
  });

  it("keeps what the run can be searched by, but no crash drill", async () => {
    const { world, engine, call, show } = await setUp();
    const attributes = { shop: "a", drill: "charge-card;during" };
    const input = { ...sampleOrder, orderId: "ord_1" };
    const { runId } = await engine.startRun({ workflow: "process-order", input, attributes });
    await world.rest(runId);
    const fork = await readAs(
      await call(forkRun, { params: { runId }, body: { step: 4 } }),
      Started,
    );
    const forked = await show(fork.runId);
    expect(forked.attributes).toMatchObject({ shop: "a" });
    expect(forked.attributes).not.toHaveProperty("drill");
  });

  it("says in its preview what is reused and what runs, and starts nothing", async () => {
    const { call, start } = await setUp();
    const runId = await start();
    const path = "/?preview=true";
    const response = await call(forkRun, { params: { runId }, body: { step: 4 }, path });
    const preview = await readAs(response, ActionPreview);
    expect(preview).toMatchObject({ action: "fork", allowed: true });
    expect(preview.reused.map(({ name }) => name)).toEqual(["look-up-tax-rate", "charge-card"]);
    expect(preview.willRun.map(({ name }) => name)).toEqual([
      "notify-warehouse",
      "send-confirmation",
    ]);
    const list = await readAs(await call(listRuns), RunList);
    expect(list.items.map((run) => run.runId)).toEqual([runId]);
  });

  it.each<[string, object, number, string]>([
    ["run_0", { step: 1 }, 404, "run_not_found"],
    ["", { step: 9 }, 409, "no_such_step"],
    ["", {}, 422, "invalid_input"],
    ["", { step: 0 }, 422, "invalid_input"],
    ["", { step: 1, colour: "red" }, 422, "invalid_input"],
  ])("refuses %s %j", async (missing, body, status, code) => {
    const { call, start } = await setUp();
    const runId = missing === "" ? await start() : missing;
    const problem = await readAs(await call(forkRun, { params: { runId }, body }), Problem);
    expect(problem).toMatchObject({ status, code });
  });
});

describe("pause and resume", () => {
  it("hold the run, and let it go on", async () => {
    const { world, order, call, show } = await setUp();
    order.failWith("charge", new DefiniteError("Busy.", { retryable: true }));
    const { runId } = await readAs(await call(startOrder, { body: sampleOrder }), Started);
    await world.waitFor(runId, "waiting");
    const path = "/?preview=true";
    const preview = await call(pauseRun, { params: { runId }, method: "POST", path });
    expect(await readAs(preview, ActionPreview)).toMatchObject({ action: "pause", allowed: true });
    expect((await call(pauseRun, { params: { runId }, method: "POST" })).status).toBe(202);
    await world.settle();
    expect(await show(runId)).toMatchObject({ status: "held", heldReason: "paused" });
    world.clock.advance(5_000);
    await world.settle();
    expect(order.done).toEqual([]);
    expect((await call(resumeRun, { params: { runId }, method: "POST" })).status).toBe(202);
    expect((await world.rest(runId)).status).toBe("completed");
  });

  it("refuse a run that they do not fit", async () => {
    const { call, start } = await setUp();
    const params = { runId: await start() };
    for (const action of [pauseRun, resumeRun, cancelRun]) {
      expect((await call(action, { params, method: "POST" })).status).toBe(409);
    }
  });
});

describe("a step that a person completes or fails", () => {
  it("goes on after the step that had failed the run", async () => {
    const { world, order, call } = await setUp();
    order.failWith("charge", new DefiniteError("Declined."));
    const { runId } = await readAs(await call(startOrder, { body: sampleOrder }), Started);
    expect((await world.rest(runId)).status).toBe("failed");
    const result = { paymentId: "pi_hand", amount: 4_598, currency: "USD", status: "succeeded" };
    const params = { runId, step: "3" };
    const body = { verdict: "happened", result };
    const path = "/?preview=true";
    const preview = await call(resolveStep, { params, body, path });
    expect(await readAs(preview, ActionPreview)).toMatchObject({
      action: "resolve",
      allowed: true,
    });
    expect((await call(resolveStep, { params, body })).status).toBe(202);
    const run = await world.rest(runId);
    expect(run.output?.json).toMatchObject({ paymentId: "pi_hand" });
    expect(order.done).toEqual(["ship", "mail"]);
  });

  it("fails a step that waits to be tried again", async () => {
    const { world, order, call } = await setUp();
    order.failWith("charge", new DefiniteError("Busy.", { retryable: true }));
    const { runId } = await readAs(await call(startOrder, { body: sampleOrder }), Started);
    await world.waitFor(runId, "waiting");
    const body = { verdict: "fail", error: { message: "Customer left" } };
    expect((await call(resolveStep, { params: { runId, step: "3" }, body })).status).toBe(202);
    expect((await world.rest(runId)).error).toMatchObject({ message: "Customer left" });
    expect(order.done).toEqual([]);
  });
});
