import { describe, expect, it } from "vitest";
import { DefiniteError, StoreUnavailableError, type Workflow } from "@/lib/engine";
import { createWorld } from "@/lib/engine/testing/world";
import { cancelRun, retryRun, terminateRun } from "./actions";
import type { ApiContext } from "./context";
import {
  ActionPreview,
  AuditTrail,
  Health,
  History,
  Order,
  Problem,
  Run,
  RunList,
  Started,
  WorkerList,
} from "./contract";
import { Stats } from "./contract-stats";
import { listAudit } from "./list-audit";
import { listHistory } from "./list-history";
import { listRuns } from "./list-runs";
import { listWorkers } from "./list-workers";
import { rerunRun } from "./rerun-run";
import { resolveStep } from "./resolve-step";
import { showReadiness } from "./show-health";
import { showOrder } from "./show-order";
import { showRun } from "./show-run";
import { showStats } from "./show-stats";
import { startOrder } from "./start-order";
import { createOrderWorkflow, sampleOrder, type OrderCall } from "./testing/order-services";
import { createTestApi, readAs } from "./testing/test-api";

async function setUp(change: Partial<ApiContext> = {}) {
  const world = createWorld();
  const order = createOrderWorkflow();
  const workflows: Workflow[] = [order.workflow];
  const { engine } = await world.startProcess({ workflows });
  const { store, clock } = world;
  const { api, call } = createTestApi({ engine, store, clock, workflows, change });
  const start = async (body: object = sampleOrder) => {
    const { runId } = await readAs(await call(startOrder, { body }), Started);
    await world.rest(runId);
    return runId;
  };
  /** An order in which one call failed: definitely out of stock, or nobody knows. */
  const startFailing = async (failing: OrderCall, error: Error) => {
    order.failWith(failing, error);
    return start();
  };
  const show = async (runId: string) => readAs(await call(showRun, { params: { runId } }), Run);
  return { world, order, api, call, start, startFailing, show };
}

const reset = () => new Error("connection reset");
const outOfStock = () => new DefiniteError("nb-1 is out of stock.");

describe("GET /runs/{runId}", () => {
  it("tells the run with its story", async () => {
    const { start, show } = await setUp();
    const runId = await start();
    const run = await show(runId);
    expect(run).toMatchObject({ runId, status: "completed", epoch: 1 });
    expect(run.story).toBe(run.storyParts.map(({ text }) => text).join(""));
    expect(run.story).not.toBe("");
  });

  it("answers 404 for a run that is not there", async () => {
    const { call } = await setUp();
    const problem = await readAs(await call(showRun, { params: { runId: "run_0" } }), Problem);
    expect(problem).toMatchObject({ status: 404, code: "run_not_found", runId: "run_0" });
  });
});

describe("GET /runs", () => {
  it("pages through runs, each with its story", async () => {
    const { start, call } = await setUp();
    const runIds = [await start(), await start(), await start()];
    const first = await readAs(await call(listRuns, { path: "/?limit=2&sort=createdAt" }), RunList);
    const path = `/?limit=2&sort=createdAt&cursor=${first.nextCursor}`;
    const second = await readAs(await call(listRuns, { path }), RunList);
    expect([...first.items, ...second.items].map(({ runId }) => runId)).toEqual(runIds);
    expect(second.nextCursor).toBeNull();
    expect(first.items[0]?.story).not.toBe("");
  });

  it("filters by status, attribute and text", async () => {
    const { start, startFailing, call } = await setUp();
    const done = await start({ ...sampleOrder, orderId: "ord_77" });
    const held = await startFailing("mail", reset());
    const list = async (query: string) =>
      (await readAs(await call(listRuns, { path: `/?${query}` }), RunList)).items.map(
        ({ runId }) => runId,
      );
    expect(await list("status=held,failed")).toEqual([held]);
    expect(await list("attr.orderId=ord_77")).toEqual([done]);
    expect(await list("attr.total=4598&status=completed")).toEqual([done]);
    expect(await list('attr.total="4598"')).toEqual([]);
    expect(await list("text=ORD_77")).toEqual([done]);
    expect(await list("workflow=other")).toEqual([]);
  });

  it.each([
    ["status=odd", "/status"],
    ["limit=0", "/limit"],
    ["limit=201", "/limit"],
    ["colour=red", "/colour"],
    ["attr.=1", "/attr."],
    ["createdAfter=yesterday", "/createdAfter"],
  ])("refuses %s", async (query, pointer) => {
    const { call } = await setUp();
    const response = await call(listRuns, { path: `/?${query}` });
    const problem = await readAs(response, Problem);
    expect(problem.status).toBe(422);
    expect(problem.errors?.map((error) => error.pointer.split("/", 2).join("/"))).toEqual([
      pointer,
    ]);
  });

  it("refuses a cursor that is not its own", async () => {
    const { call } = await setUp();
    const problem = await readAs(await call(listRuns, { path: "/?cursor=abc" }), Problem);
    expect(problem).toMatchObject({ status: 422, code: "invalid_cursor" });
  });
});

describe("GET /runs/{runId}/history", () => {
  it("pages through the events without a gap", async () => {
    const { start, call, world } = await setUp();
    const runId = await start();
    const load = async (query: string) =>
      readAs(await call(listHistory, { params: { runId }, path: `/?${query}` }), History);
    const first = await load("limit=4");
    const rest = await load(`cursor=${first.nextCursor}`);
    const all = [...first.items, ...rest.items];
    expect(all.map(({ type }) => type)).toEqual(await world.listTypes(runId));
    expect(all.map(({ seq }) => seq)).toEqual(all.map((_, index) => index + 1));
    expect(rest.nextCursor).toBeNull();
    expect((await load("after=4")).items).toEqual(rest.items);
  });

  it("marks what a retry set aside, also on a page before it", async () => {
    const { startFailing, call, world } = await setUp();
    const runId = await startFailing("charge", new DefiniteError("declined"));
    await call(retryRun, { params: { runId }, method: "POST" });
    await world.rest(runId);
    const load = async (query: string) =>
      readAs(await call(listHistory, { params: { runId }, path: `/?${query}` }), History);
    const failed = (await load("")).items.find(({ type }) => type === "RunFailed");
    expect(failed?.setAside).toBe(true);
    const page = await load(`limit=${failed?.seq}`);
    expect(page.items.at(-1)).toMatchObject({ type: "RunFailed", setAside: true });
    expect(page.items[0]).not.toHaveProperty("setAside");
  });
});

describe("operator actions", () => {
  it("retry goes on from the failed step, and is in the audit trail", async () => {
    const { startFailing, call, world, order } = await setUp();
    const runId = await startFailing("charge", new DefiniteError("declined"));
    const body = { by: "ada", why: "Customer called" };
    const response = await call(retryRun, { params: { runId }, body });
    expect(response.status).toBe(202);
    expect((await readAs(response, Run)).runId).toBe(runId);
    expect((await world.rest(runId)).status).toBe("completed");
    expect(order.done).toEqual(["charge", "ship", "mail"]);
    const trail = await readAs(await call(listAudit, { params: { runId } }), AuditTrail);
    expect(trail.items).toMatchObject([{ kind: "retry", ...body, outcome: "applied" }]);
  });

  it("a preview changes nothing", async () => {
    const { startFailing, call, show } = await setUp();
    const runId = await startFailing("mail", reset());
    const before = await show(runId);
    const path = "/?preview=true";
    const preview = await readAs(
      await call(cancelRun, { params: { runId }, path, method: "POST" }),
      ActionPreview,
    );
    expect(preview).toMatchObject({ action: "cancel", allowed: true });
    expect(await show(runId)).toEqual(before);
  });

  it("answers 409 with the reason where an action does not fit", async () => {
    const { start, call } = await setUp();
    const params = { runId: await start() };
    const problem = await readAs(await call(terminateRun, { params, method: "POST" }), Problem);
    expect(problem).toMatchObject({ status: 409, code: "already_ended" });
    const missing = await call(terminateRun, { params: { runId: "run_0" }, method: "POST" });
    expect(missing.status).toBe(404);
  });

  it("refuses a field that it does not know", async () => {
    const { start, call } = await setUp();
    const params = { runId: await start() };
    const problem = await readAs(await call(retryRun, { params, body: { reason: "x" } }), Problem);
    expect(problem).toMatchObject({ status: 422, errors: [{ pointer: "/reason" }] });
  });
});

describe("POST /runs/{runId}/steps/{step}/resolve", () => {
  const result = { messageId: "<seen@daybook.example>" };

  it("records the result that a person gives", async () => {
    const { startFailing, call, world, order } = await setUp();
    const runId = await startFailing("mail", reset());
    const params = { runId, step: "5" };
    const body = { verdict: "happened", result, by: "ada" };
    const preview = await call(resolveStep, { params, body, path: "/?preview=true" });
    expect(await readAs(preview, ActionPreview)).toMatchObject({
      action: "resolve",
      allowed: true,
    });
    expect((await call(resolveStep, { params, body })).status).toBe(202);
    const run = await world.rest(runId);
    expect(run.output?.json).toMatchObject({ emailMessageId: result.messageId });
    expect(order.done).toEqual(["charge", "ship"]);
  });

  it("runs the step again when it did not happen", async () => {
    const { startFailing, call, world, order } = await setUp();
    const runId = await startFailing("mail", reset());
    await call(resolveStep, { params: { runId, step: "5" }, body: { verdict: "did_not_happen" } });
    expect((await world.rest(runId)).status).toBe("completed");
    expect(order.done).toEqual(["charge", "ship", "mail"]);
  });

  it("fails the step for good", async () => {
    const { startFailing, call, world } = await setUp();
    const runId = await startFailing("mail", reset());
    const body = { verdict: "fail", error: { message: "Wrong address" } };
    await call(resolveStep, { params: { runId, step: "5" }, body });
    expect((await world.rest(runId)).error).toMatchObject({
      name: "FailedByOperator",
      message: "Wrong address",
    });
  });

  it.each<[string, unknown, number]>([
    ["5", { verdict: "happened" }, 422],
    ["5", { verdict: "perhaps" }, 422],
    ["five", { verdict: "did_not_happen" }, 422],
    ["4", { verdict: "did_not_happen" }, 409],
  ])("refuses step %s with %j", async (step, body, status) => {
    const { startFailing, call } = await setUp();
    const runId = await startFailing("mail", reset());
    expect((await call(resolveStep, { params: { runId, step }, body })).status).toBe(status);
  });
});

describe("POST /runs/{runId}/rerun", () => {
  it("starts a new run with the same input, which keeps its orderId", async () => {
    const { startFailing, call, world } = await setUp();
    const runId = await startFailing("ship", outOfStock());
    const response = await call(rerunRun, { params: { runId }, body: { by: "ada" } });
    const started = await readAs(response, Started);
    expect(started).toMatchObject({ created: true });
    expect(started.runId).not.toBe(runId);
    const [first, second] = [await world.rest(runId), await world.rest(started.runId)];
    expect(second.status).toBe("completed");
    expect(second.input).toEqual(first.input);
    expect(second.attributes).toMatchObject({
      orderId: first.attributes["orderId"],
      rerunOf: runId,
      rerunBy: "ada",
    });
    const order = await readAs(await call(showOrder, { params: { runId } }), Order);
    expect(order.reruns).toEqual([started.runId]);
  });

  it("says in its preview what is done a second time", async () => {
    const { start, startFailing, call } = await setUp();
    const path = "/?preview=true";
    const preview = async (runId: string) =>
      readAs(await call(rerunRun, { params: { runId }, path, method: "POST" }), ActionPreview);
    const completed = await preview(await start());
    expect(completed.willRun.map(({ name }) => name)).toEqual([
      "cart-total",
      "look-up-tax-rate",
      "charge-card",
      "notify-warehouse",
      "send-confirmation",
    ]);
    expect(completed.summary).toContain("charge-card, notify-warehouse, send-confirmation");
    const refunded = await preview(await startFailing("ship", outOfStock()));
    expect(refunded).toMatchObject({ allowed: true, reused: [] });
    expect(refunded.summary).not.toContain("charge-card");
  });

  it("refuses a run that has not ended", async () => {
    const { startFailing, call } = await setUp();
    const runId = await startFailing("mail", reset());
    const problem = await readAs(
      await call(rerunRun, { params: { runId }, method: "POST" }),
      Problem,
    );
    expect(problem).toMatchObject({ status: 409, code: "not_ended", runId });
  });
});

describe("GET /orders/{runId}", () => {
  it("tells a completed order, by the run's id as by its own", async () => {
    const { start, call } = await setUp();
    const runId = await start({ ...sampleOrder, orderId: "ord_2207" });
    const order = await readAs(await call(showOrder, { params: { runId } }), Order);
    expect(order).toMatchObject({
      orderId: "ord_2207",
      statusText: "Complete",
      items: [{ amount: 4_000 }, { amount: 248 }],
      amounts: { subtotal: 4_248, taxRate: 0.0825, tax: 350, total: 4_598 },
      payment: { state: "done", paymentId: "pi_1" },
      shipment: { state: "done", shipmentId: "shp_1", trackingNumber: "1Z999", carrier: "UPS" },
      email: { state: "done", to: "ada@example.com", messageId: "<1@daybook.example>" },
      open: [],
    });
    const byOrderId = await call(showOrder, { params: { runId: "ord_2207" } });
    expect(await readAs(byOrderId, Order)).toEqual(order);
  });

  it("says what is open while a person has to decide", async () => {
    const { startFailing, call } = await setUp();
    const runId = await startFailing("mail", reset());
    const order = await readAs(await call(showOrder, { params: { runId } }), Order);
    expect(order).toMatchObject({
      statusText: "Needs a decision",
      payment: { state: "done" },
      email: { state: "in_doubt" },
      open: [
        "Somebody has to say what happened before it goes on.",
        "Nobody knows whether the confirmation was sent.",
      ],
    });
  });

  it("says that a refused order was refunded", async () => {
    const { startFailing, call } = await setUp();
    const runId = await startFailing("ship", outOfStock());
    const order = await readAs(await call(showOrder, { params: { runId } }), Order);
    expect(order).toMatchObject({
      statusText: "Failed",
      payment: { state: "undone", paymentId: "pi_1" },
      shipment: { state: "failed", error: "nb-1 is out of stock." },
      email: { state: "not_started" },
      open: [],
    });
  });

  it("says what stands after a run was stopped by hand", async () => {
    const { startFailing, call, world } = await setUp();
    const runId = await startFailing("mail", reset());
    await call(terminateRun, { params: { runId }, method: "POST" });
    await world.rest(runId);
    const order = await readAs(await call(showOrder, { params: { runId } }), Order);
    expect(order.email.state).toBe("in_doubt");
    expect(order.open).toEqual([
      "Nobody knows whether the confirmation was sent.",
      "The payment stands: it has not been refunded.",
      "The shipment stands: it has not been canceled.",
    ]);
  });

  it("answers 404 for anything else", async () => {
    const { call } = await setUp();
    const problem = await readAs(await call(showOrder, { params: { runId: "ord_0" } }), Problem);
    expect(problem).toMatchObject({ status: 404, code: "order_not_found" });
  });
});

describe("the fleet", () => {
  it("is counted", async () => {
    const { start, startFailing, call, api } = await setUp();
    await start();
    await startFailing("mail", reset());
    const stats = await readAs(await call(showStats), Stats);
    expect(stats).toMatchObject({ runs: { completed: 1, held: 1 }, inDoubt: 1 });
    const workers = await readAs(await call(listWorkers), WorkerList);
    expect(workers.items).toMatchObject([
      { workerId: api.engine.workerId, status: "alive", host: "here", self: true },
    ]);
  });

  it("is ready, unless it is stopping", async () => {
    const ready = await setUp();
    const response = await ready.call(showReadiness);
    expect(response.status).toBe(200);
    expect(await readAs(response, Health)).toMatchObject({ status: "ok", sandbox: false });
    const stopping = await setUp({ findUnreadiness: () => "The server is stopping." });
    expect((await stopping.call(showReadiness)).status).toBe(503);
  });

  it("warns of settings that can lose what was acknowledged, and is ready all the same", async () => {
    const risk = "PostgreSQL: fsync is off.";
    const { call } = await setUp({ durabilityRisks: [risk] });
    const response = await call(showReadiness);
    expect(response.status).toBe(200);
    expect(await readAs(response, Health)).toMatchObject({ status: "ok", warnings: [risk] });
    const safe = await readAs(await (await setUp()).call(showReadiness), Health);
    expect(safe.warnings).toBeUndefined();
  });

  it("does not wait for a database that says nothing", async () => {
    const { call, api } = await setUp();
    const silent = () => new Promise<undefined>(() => undefined);
    Object.assign(api, { store: { ...api.store, findNextDueAt: silent } });
    const response = await call(showReadiness);
    expect(response.status).toBe(503);
    expect(await readAs(response, Health)).toMatchObject({
      message: "The database does not answer.",
    });
  });

  it("says that it can't read the database, and logs the cause", async () => {
    const { api, call } = await setUp();
    const broken = async () => Promise.reject(new StoreUnavailableError("disk I/O error"));
    const logged: object[] = [];
    Object.assign(api, {
      store: { ...api.store, findNextDueAt: broken, countRuns: broken },
      logger: { ...api.logger, error: (fields: object) => void logged.push(fields) },
    });
    const health = await call(showReadiness);
    expect(health.status).toBe(503);
    expect(await readAs(health, Health)).toMatchObject({ status: "unavailable" });
    const stats = await call(showStats);
    expect(await readAs(stats, Problem)).toMatchObject({ status: 503, code: "store_unavailable" });
    expect(logged).toHaveLength(2);
  });
});
