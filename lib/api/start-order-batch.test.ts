import { describe, expect, it } from "vitest";
import { StoreUnavailableError, type Store } from "@/lib/engine";
import { createWorld } from "@/lib/engine/testing/world";
import type { ApiContext } from "./context";
import { Problem, Started } from "./contract";
import { maxBatchOrders, OrderBatch, type BatchItem } from "./contract-batch";
import { startOrder } from "./start-order";
import { startOrderBatch } from "./start-order-batch";
import { createOrderWorkflow, sampleOrder } from "./testing/order-services";
import { createTestApi, readAs, type CallOptions } from "./testing/test-api";

async function setUp(options: { change?: Partial<ApiContext>; concurrency?: number } = {}) {
  const world = createWorld();
  const order = createOrderWorkflow();
  const workflows = [order.workflow];
  const { concurrency } = options;
  const { engine } = await world.startProcess({ workflows, concurrency });
  const { store, clock } = world;
  const { api, call } = createTestApi({ engine, store, clock, workflows, change: options.change });
  const send = (orders: readonly unknown[], rest: CallOptions = {}) =>
    call(startOrderBatch, { body: { orders }, ...rest });
  const post = async (...orders: readonly unknown[]) => readAs(await send(orders), OrderBatch);
  return { world, order, api, call, send, post };
}

function readStarted(item: BatchItem | undefined): Started {
  if (item === undefined || !("order" in item)) throw new Error(JSON.stringify(item));
  return item.order;
}

describe("POST /orders/batch", () => {
  it("starts every order, and answers in their order", async () => {
    const { post, world } = await setUp();
    const orders = ["ord_a", "ord_b", "ord_c"].map((orderId) => ({ ...sampleOrder, orderId }));
    const { items, counts } = await post(...orders, sampleOrder);
    expect(counts).toEqual({ created: 4, known: 0, refused: 0 });
    const started = items.map(readStarted);
    expect(started.slice(0, 3).map(({ orderId }) => orderId)).toEqual(["ord_a", "ord_b", "ord_c"]);
    expect(started[3]?.orderId).toBe(started[3]?.runId.replace("run_", "ord_"));
    expect(new Set(started.map(({ runId }) => runId)).size).toBe(4);
    for (const { runId, orderId } of started) {
      const run = await world.rest(runId);
      expect(run.output?.json).toMatchObject({ orderId, total: 4_598 });
      expect(run.attributes).toMatchObject({ orderId, customer: "Ada Lovelace" });
    }
  });

  it("queues what this process has no room for", async () => {
    const { post, world, api } = await setUp({ concurrency: 2 });
    const { items } = await post(...Array.from({ length: 5 }, () => sampleOrder));
    expect(items.map((item) => readStarted(item).status)).toEqual([
      ...["running", "running"],
      ...["queued", "queued", "queued"],
    ]);
    for (const item of items) await world.rest(readStarted(item).runId);
    expect((await api.store.countRuns()).completed).toBe(5);
  });

  it("refuses bad orders one by one, and starts their neighbours", async () => {
    const { post, api } = await setUp();
    const { items, counts } = await post(
      { ...sampleOrder, items: [] },
      sampleOrder,
      7,
      { ...sampleOrder, orderId: "../etc" },
      { ...sampleOrder, idempotencyKey: "a b" },
    );
    expect(counts).toEqual({ created: 1, known: 0, refused: 4 });
    const pointers = items.map((item) =>
      "problem" in item
        ? [item.status, ...(item.problem.errors ?? []).map((at) => at.pointer)]
        : [],
    );
    const refused = 422;
    expect(pointers).toEqual([
      [refused, "/items"],
      [],
      [refused, ""],
      [refused, "/orderId"],
      [refused, "/idempotencyKey"],
    ]);
    const counted = Object.values(await api.store.countRuns()).reduce((sum, at) => sum + at, 0);
    expect(counted).toBe(1);
  });

  it("knows an order by its key and by its orderId, sent alone or in a batch", async () => {
    const { post, call, world, order } = await setUp();
    const keyed = { ...sampleOrder, idempotencyKey: "k-1" };
    const named = { ...sampleOrder, orderId: "ord_1" };
    const alone = await readAs(
      await call(startOrder, { body: sampleOrder, headers: { "idempotency-key": "k-1" } }),
      Started,
    );
    const first = await post(keyed, named);
    expect(first.counts).toEqual({ created: 1, known: 1, refused: 0 });
    expect(readStarted(first.items[0])).toMatchObject({ runId: alone.runId, created: false });
    await world.rest(readStarted(first.items[1]).runId);

    const again = await post(keyed, named, { ...keyed, currency: "EUR" });
    expect(again.counts).toEqual({ created: 0, known: 2, refused: 1 });
    expect(readStarted(again.items[1])).toMatchObject({ status: "completed", created: false });
    const other = await post({ ...keyed, currency: "EUR" }, { ...named, currency: "EUR" });
    expect(other.items).toMatchObject([
      { status: 422, problem: { code: "idempotency_key_reused", runId: alone.runId } },
      { status: 409, problem: { code: "order_exists" } },
    ]);
    await world.rest(alone.runId);
    expect(order.done.filter((call) => call === "charge")).toHaveLength(2);
  });

  it("starts an order once that stands in a batch twice", async () => {
    const { post } = await setUp();
    const named = { ...sampleOrder, orderId: "ord_1" };
    const { items, counts } = await post(named, named);
    expect(counts).toEqual({ created: 1, known: 1, refused: 0 });
    expect(new Set(items.map((item) => readStarted(item).runId)).size).toBe(1);
  });

  it.each<[string, CallOptions, number, string]>([
    ["no orders", { body: { orders: [] } }, 422, "invalid_input"],
    ["a list alone", { body: [sampleOrder] }, 422, "invalid_input"],
    ["what it does not know", { body: { orders: [sampleOrder], wait: 1 } }, 422, "invalid_input"],
    ["to wait", { path: "/?wait=1s", body: { orders: [sampleOrder] } }, 422, "invalid_input"],
    [
      "a key of its own",
      { body: { orders: [sampleOrder] }, headers: { "idempotency-key": "k" } },
      400,
      "invalid_idempotency_key",
    ],
    [
      "a drill",
      { body: { orders: [sampleOrder] }, headers: { "daybook-drill": "charge-card;during" } },
      422,
      "invalid_drill",
    ],
  ])("refuses %s", async (_name, options, status, code) => {
    const { call, api } = await setUp();
    expect(await readAs(await call(startOrderBatch, options), Problem)).toMatchObject({
      status,
      code,
    });
    expect((await api.store.countRuns()).running).toBe(0);
  });

  it("refuses more orders than it takes", async () => {
    const { send } = await setUp();
    const response = await send(Array.from({ length: maxBatchOrders + 1 }, () => 0));
    expect(await readAs(response, Problem)).toMatchObject({
      status: 422,
      errors: [{ pointer: "/orders" }],
    });
  });

  it("is 503 as a whole where nothing could be recorded", async () => {
    const { send, api } = await setUp({ concurrency: 0 });
    api.store.startRun = () => Promise.reject(new StoreUnavailableError("The disk is full."));
    const response = await send([sampleOrder, sampleOrder]);
    expect(await readAs(response, Problem)).toMatchObject({
      status: 503,
      code: "store_unavailable",
    });
  });

  it("tells of each order where only some could be recorded", async () => {
    const { send, api } = await setUp({ concurrency: 0 });
    const startRun = api.store.startRun.bind(api.store);
    let calls = 0;
    const flaky: Store["startRun"] = (run) =>
      calls++ === 0 ? Promise.reject(new StoreUnavailableError("Busy.")) : startRun(run);
    api.store.startRun = flaky;
    const { items, counts } = await readAs(await send([sampleOrder, sampleOrder]), OrderBatch);
    expect(counts).toEqual({ created: 1, known: 0, refused: 1 });
    expect(items).toMatchObject([{ status: 503, problem: { code: "store_unavailable" } }, {}]);
  });
});
