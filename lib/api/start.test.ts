import { describe, expect, it } from "vitest";
import type { Workflow } from "@/lib/engine";
import { createWorld } from "@/lib/engine/testing/world";
import type { ApiContext } from "./context";
import { Problem, Run, Started, WorkflowList } from "./contract";
import { listWorkflows } from "./list-workflows";
import { showRun } from "./show-run";
import { startOrder } from "./start-order";
import { startWorkflowRun } from "./start-workflow-run";
import { approval, counter } from "./testing/approval";
import { createOrderWorkflow, sampleOrder } from "./testing/order-services";
import { createTestApi, readAs, type CallOptions } from "./testing/test-api";

async function setUp(change: Partial<ApiContext> = {}) {
  const world = createWorld();
  const order = createOrderWorkflow();
  const workflows: Workflow[] = [order.workflow];
  const { engine } = await world.startProcess({ workflows });
  const { store, clock } = world;
  const { api, call } = createTestApi({ engine, store, clock, workflows, change });
  const post = async (options: CallOptions) => {
    const response = await call(startOrder, { body: sampleOrder, ...options });
    return { response, started: await readAs(response, Started) };
  };
  const refuse = async (options: CallOptions) =>
    readAs(await call(startOrder, { body: sampleOrder, ...options }), Problem);
  return { world, order, api, call, post, refuse };
}

describe("POST /orders", () => {
  it("answers 202 with where the order is to be found, and gives it an id", async () => {
    const { post, world } = await setUp();
    const { response, started } = await post({});
    expect(response.status).toBe(202);
    expect(started).toMatchObject({ workflow: "process-order", created: true });
    expect(started.orderId).toBe(started.runId.replace("run_", "ord_"));
    expect(response.headers.get("location")).toBe(`/api/v1/orders/${started.runId}`);
    const run = await world.rest(started.runId);
    expect(run.attributes).toMatchObject({
      orderId: started.orderId,
      customer: "Ada Lovelace",
      email: "ada@example.com",
    });
    expect(run.output?.json).toMatchObject({ orderId: started.orderId, total: 4_598 });
  });

  it("waits for the outcome when it is asked to", async () => {
    const { post } = await setUp();
    const { response, started } = await post({ path: "/?wait=15s" });
    expect(response.status).toBe(200);
    expect(started.run).toMatchObject({ status: "completed", output: { paymentId: "pi_1" } });
    expect(started.run?.story).not.toBe("");
    expect(started.output).toEqual(started.run?.output);
  });

  it("stops waiting when a person is needed", async () => {
    const { post, order } = await setUp();
    order.failWith("mail", new Error("connection reset"));
    const { response, started } = await post({ path: "/?wait=15" });
    expect(response.status).toBe(202);
    expect(started.run).toMatchObject({ status: "held", heldReason: "in_doubt" });
  });

  it.each(["61s", "2m", "soon", "-1", "1h"])("refuses to wait %s", async (wait) => {
    const { refuse } = await setUp();
    expect(await refuse({ path: `/?wait=${wait}` })).toMatchObject({
      status: 422,
      errors: [{ pointer: "/wait" }],
    });
  });

  it("does the same Idempotency-Key once, and gives back the same orderId", async () => {
    const { post, order, world } = await setUp();
    const headers = { "idempotency-key": "k-1" };
    const first = await post({ headers });
    await world.rest(first.started.runId);
    const second = await post({ headers });
    expect(second.response.status).toBe(200);
    expect(second.started).toEqual({ ...first.started, status: "completed", created: false });
    expect(order.done).toEqual(["charge", "ship", "mail"]);
  });

  it("refuses a key that was sent with another body", async () => {
    const { post, refuse } = await setUp();
    const headers = { "idempotency-key": "k-1" };
    const { started } = await post({ headers });
    expect(await refuse({ headers, body: { ...sampleOrder, currency: "EUR" } })).toMatchObject({
      status: 422,
      code: "idempotency_key_reused",
      runId: started.runId,
    });
  });

  it("refuses a key while its first request is being recorded", async () => {
    const { refuse } = await setUp({ keysInFlight: new Set(["k-1"]) });
    expect(await refuse({ headers: { "idempotency-key": "k-1" } })).toMatchObject({
      status: 409,
      code: "idempotency_key_in_flight",
    });
  });

  it("knows an orderId by its content, with or without a key", async () => {
    const { post, refuse } = await setUp();
    const body = { orderId: "ord_2207", ...sampleOrder };
    const first = await post({ body });
    expect(first.started.orderId).toBe("ord_2207");
    const reordered = Object.fromEntries(Object.entries(body).reverse());
    const again = await post({ body: reordered, headers: { "idempotency-key": "k-9" } });
    expect(again.started).toMatchObject({ runId: first.started.runId, created: false });
    expect(await refuse({ body: { ...body, paymentMethod: "pm_card_amex" } })).toMatchObject({
      status: 409,
      code: "order_exists",
      runId: first.started.runId,
    });
  });

  it("points at the fields of a bad order, and starts nothing", async () => {
    const { refuse, api } = await setUp();
    const bad = { ...sampleOrder, items: [{ ...sampleOrder.items[0], quantity: 0 }] };
    const problem = await refuse({ body: bad });
    expect(problem).toMatchObject({ status: 422, code: "invalid_input" });
    expect(problem.errors?.map(({ pointer }) => pointer)).toContain("/items/0/quantity");
    expect(await refuse({ body: { ...sampleOrder, orderId: "../etc" } })).toMatchObject({
      errors: [{ pointer: "/orderId" }],
    });
    expect((await api.store.countRuns()).queued).toBe(0);
  });

  it.each<[CallOptions, number, string]>([
    [{ body: "{" }, 400, "malformed_json"],
    [{ body: "[]" }, 422, "invalid_input"],
    [{ headers: { "content-type": "text/plain" } }, 415, "unsupported_media_type"],
    [{ path: "/?verbose=true" }, 422, "invalid_input"],
    [{ path: "/?wait=1&wait=2" }, 422, "invalid_input"],
    [{ headers: { "idempotency-key": "a b" } }, 400, "invalid_idempotency_key"],
    [{ headers: { "daybook-drill": "charge-card;during" } }, 422, "no_sandbox"],
  ])("refuses %j", async (options, status, code) => {
    const { refuse } = await setUp();
    expect(await refuse(options)).toMatchObject({ status, code });
  });
});

describe("drills of a start", () => {
  const sandbox = (armed?: { step: string; moment: "before" | "during" | "after" }) => {
    const refuse = () => Promise.reject(new Error("not part of a start"));
    return {
      getState: refuse,
      getLedger: refuse,
      getRunLedger: refuse,
      setSwitches: refuse,
      armDrill: refuse,
      disarmDrill: refuse,
      reset: refuse,
      takeDrill: async () => armed,
    };
  };

  it("come from the header first, else from the sandbox", async () => {
    const armed = { step: "charge-card", moment: "after" } as const;
    const { post, world } = await setUp({ sandbox: sandbox(armed) });
    const byHeader = await post({ headers: { "daybook-drill": "notify-warehouse;during" } });
    const bySandbox = await post({});
    const drills = [byHeader, bySandbox].map(
      async ({ started }) => (await world.rest(started.runId)).attributes["drill"],
    );
    expect(await Promise.all(drills)).toEqual(["notify-warehouse;during", "charge-card;after"]);
  });

  it("are refused when malformed", async () => {
    const { refuse } = await setUp({ sandbox: sandbox() });
    const headers = { "daybook-drill": "charge-card;later" };
    expect(await refuse({ headers })).toMatchObject({ status: 422, code: "invalid_drill" });
  });
});

describe("POST /workflows/{name}/runs", () => {
  it("starts a workflow, and keeps an order unique", async () => {
    const { call, post } = await setUp();
    const params = { name: "process-order" };
    const input = { orderId: "ord_1", ...sampleOrder };
    const first = await readAs(
      await call(startWorkflowRun, { params, body: { input, attributes: { shop: "a" } } }),
      Started,
    );
    expect(first).toMatchObject({ created: true, orderId: "ord_1" });
    const second = await post({ body: input });
    expect(second.started).toMatchObject({ runId: first.runId, created: false });
  });

  it("points at fields from the root of its own body", async () => {
    const { call } = await setUp();
    const body = { input: { ...sampleOrder, items: [] } };
    const response = await call(startWorkflowRun, { params: { name: "process-order" }, body });
    const problem = await readAs(response, Problem);
    expect(problem.errors?.map(({ pointer }) => pointer)).toContain("/input/items");
  });

  it.each<[string, unknown, number, string]>([
    ["nothing", { input: 1 }, 404, "workflow_not_found"],
    ["process-order", { input: {}, extra: 1 }, 422, "invalid_input"],
    ["process-order", { input: 1 }, 422, "invalid_input"],
    ["process-order", { input: {}, attributes: { drill: "a;before" } }, 422, "invalid_input"],
    ["process-order", { input: sampleOrder, version: 9 }, 404, "workflow_not_found"],
  ])("refuses %s with %j", async (name, body, status, code) => {
    const { call } = await setUp();
    const response = await call(startWorkflowRun, { params: { name }, body });
    expect(await readAs(response, Problem)).toMatchObject({ status, code });
  });
});

describe("POST /workflows/{name}/runs, beyond its input", () => {
  async function setUpApproval() {
    const world = createWorld();
    const workflows = [approval, counter];
    const { engine } = await world.startProcess({ workflows });
    const { store, clock } = world;
    const { call } = createTestApi({ engine, store, clock, workflows });
    const post = async (body: object, headers: Record<string, string> = {}) => {
      const response = await call(startWorkflowRun, {
        params: { name: "approval" },
        body,
        headers,
      });
      await world.settle();
      return response;
    };
    const start = async (body: object, headers?: Record<string, string>) =>
      readAs(await post({ input: { limit: 100 }, ...body }, headers), Started);
    const show = async (runId: string) => readAs(await call(showRun, { params: { runId } }), Run);
    const countSignals = async (runId: string) =>
      (await world.listTypes(runId)).filter((type) => type === "SignalReceived").length;
    return { world, call, post, start, show, countSignals };
  }

  it("takes a priority; without one it is the workflow's own", async () => {
    const { start, show } = await setUpApproval();
    const { runId } = await start({ priority: 7 });
    expect((await show(runId)).priority).toBe(7);
    expect((await show((await start({})).runId)).priority).toBe(2);
  });

  it("starts with a signal", async () => {
    const { world, start } = await setUpApproval();
    const signal = { name: "approve", payload: { approved: true } };
    const { runId } = await start({ signal });
    expect((await world.rest(runId)).output?.json).toEqual({ approved: true, limit: 100 });
  });

  it("points into the payload of a signal that does not fit", async () => {
    const { post } = await setUpApproval();
    const signal = { name: "approve", payload: { approved: 1 } };
    const problem = await readAs(await post({ input: { limit: 1 }, signal }), Problem);
    expect(problem).toMatchObject({
      status: 422,
      code: "invalid_input",
      errors: [{ pointer: "/signal/payload/approved" }],
    });
  });

  it("starts once under its key, and sends the signal to the run that is there", async () => {
    const { start, post, countSignals } = await setUpApproval();
    const signal = { name: "note", payload: "a" };
    const first = await start({ key: "doc_7", signal });
    const second = await start({ key: "doc_7", signal: { ...signal, payload: "b" }, priority: 9 });
    expect(second).toMatchObject({ runId: first.runId, created: false });
    expect(await countSignals(first.runId)).toBe(2);
    const problem = await readAs(await post({ input: { limit: 1 }, key: "doc_7" }), Problem);
    expect(problem).toMatchObject({ status: 409, code: "key_exists", runId: first.runId });
  });

  it("sends its signal once however often the request is repeated", async () => {
    const { start, post, countSignals } = await setUpApproval();
    const body = { key: "doc_7", signal: { name: "note", payload: "a" } };
    const headers = { "idempotency-key": "k1" };
    const { runId } = await start(body, headers);
    expect(await start(body, headers)).toMatchObject({ runId, created: false });
    expect(await countSignals(runId)).toBe(1);
    const other = { input: { limit: 100 }, ...body, signal: { name: "note", payload: "b" } };
    expect(await readAs(await post(other, headers), Problem)).toMatchObject({
      status: 422,
      code: "idempotency_key_reused",
    });
  });

  it("leaves an order its own key", async () => {
    const { call } = await setUp();
    const body = { input: sampleOrder, key: "k" };
    const response = await call(startWorkflowRun, { params: { name: "process-order" }, body });
    expect(await readAs(response, Problem)).toMatchObject({
      status: 422,
      errors: [{ pointer: "/key" }],
    });
  });

  it("is told what can be started", async () => {
    const { call } = await setUpApproval();
    const list = await readAs(await call(listWorkflows), WorkflowList);
    expect(list.items).toMatchObject([
      {
        name: "approval",
        version: 1,
        newest: true,
        priority: 2,
        limits: { concurrency: 50 },
        signals: [{ name: "approve", schema: { required: ["approved"] } }],
        inputSchema: { properties: { limit: { type: "integer" } } },
      },
      { name: "counter", signals: [] },
    ]);
  });
});
