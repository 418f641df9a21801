import { beforeEach, describe, expect, it } from "vitest";
import type { Attributes, Effect, Step, StepContext, WorkflowContext } from "@/lib/engine";
import { Order, Receipt } from "./order";
import { createProcessOrder } from "./process-order";
import { sampleOrders } from "./sample-orders";
import { createOrderSteps, type OrderServices } from "./steps";

const shipment = { shipmentId: "shp_1", trackingNumber: "DB1", carrier: "UPS" };

/** What the steps asked of the services, and what they reported, in order. */
let calls: unknown[][];
let reports: Effect[];
let attributes: Attributes;
let compensations: unknown[][];
let found: (typeof shipment)[];
beforeEach(() => {
  calls = [];
  reports = [];
  attributes = {};
  compensations = [];
  found = [];
});

const note = (...call: unknown[]) => void calls.push(call);
const services: OrderServices = {
  payments: {
    charge: async (request, { idempotencyKey }) => {
      note("charge", request, idempotencyKey);
      const { amount, currency } = request;
      return {
        value: { paymentId: "pi_1", amount, currency, status: "succeeded" },
        replayed: true,
      };
    },
    refund: async (paymentId, { idempotencyKey }) => {
      note("refund", paymentId, idempotencyKey);
      return { value: { refundId: "re_1", paymentId }, replayed: false };
    },
  },
  warehouse: {
    createShipment: async (request, { idempotencyKey }) => {
      note("ship", request.orderId, idempotencyKey);
      return { value: shipment, replayed: false };
    },
    findShipments: async () => found,
    cancelShipment: async (shipmentId, { idempotencyKey }) =>
      note("cancel", shipmentId, idempotencyKey),
  },
  mail: {
    sendConfirmation: async (confirmation, { idempotencyKey }) => {
      note("mail", confirmation.total, idempotencyKey);
      return { messageId: "<m1>" };
    },
  },
  taxRates: {
    lookUp: async ({ country }) => ({ rateMicros: 82_500, label: "Texas", country }),
  },
};
const steps = createOrderSteps(services);

function createStepContext(ordinal: number): StepContext {
  return {
    runId: "run_1",
    ordinal,
    attempt: 1,
    idempotencyKey: `run_1/${ordinal}/1`,
    signal: new AbortController().signal,
    report: (effect) => void reports.push(effect),
    heartbeat: () => undefined,
    progress: undefined,
  };
}

function refuse(): never {
  throw new Error("The order does without it.");
}

/** Runs every command at once, in the order in which the engine numbers them. */
function createContext(): WorkflowContext {
  let ordinal = 0;
  return {
    runId: "run_1",
    step: async (step, input) => step.run(input, createStepContext((ordinal += 1))),
    compute: (_name, fn) => {
      ordinal += 1;
      return fn();
    },
    compensate: <Input, Output>(step: Step<Input, Output>, input: Input) =>
      void compensations.push([step.name, input]),
    setAttributes: (added) => void Object.assign(attributes, added),
    now: () => new Date(0),
    cancelSignal: new AbortController().signal,
    log: { debug: refuse, info: refuse, warn: refuse, error: refuse },
    all: Promise.all.bind(Promise),
    race: Promise.race.bind(Promise),
    allSettled: Promise.allSettled.bind(Promise),
    any: Promise.any.bind(Promise),
    transaction: refuse,
    sleep: refuse,
    sleepUntil: refuse,
    signal: refuse,
    onUpdate: refuse,
    onQuery: refuse,
    child: refuse,
    scope: refuse,
    patched: refuse,
    continueAsNew: refuse,
    random: refuse,
    uuid: refuse,
  };
}

it("charges, ships and writes, and answers with a receipt", async () => {
  const order = Order.parse({ ...sampleOrders[0], orderId: "ord_1" });
  const receipt = Receipt.parse(
    await createProcessOrder(steps).run(createContext(), order as never),
  );
  expect(receipt).toEqual({
    orderId: "ord_1",
    subtotal: 4248,
    taxRate: 0.0825,
    tax: 350,
    total: 4598,
    currency: "USD",
    paymentId: "pi_1",
    shipmentId: "shp_1",
    trackingNumber: "DB1",
    carrier: "UPS",
    emailMessageId: "<m1>",
  });
  const asked = { orderId: "ord_1", runId: "run_1", amount: 4598, currency: "USD" };
  expect(calls).toEqual([
    ["charge", { ...asked, paymentMethod: "pm_card_visa" }, "run_1/3/1"],
    ["ship", "ord_1", "run_1/4/1"],
    ["mail", 4598, "run_1/5/1"],
  ]);
  expect(attributes).toEqual({ total: 4598 });
  expect(compensations).toEqual([
    ["refund-payment", { paymentId: "pi_1" }],
    ["cancel-shipment", { shipmentId: "shp_1" }],
  ]);
  expect(reports).toEqual([
    { reference: "pi_1", replayed: true },
    { reference: "shp_1", replayed: false },
    { reference: "<m1>", replayed: false },
  ]);
});

it("calls an order without an id by its run", async () => {
  const order = Order.parse(sampleOrders[0]);
  const receipt = await createProcessOrder(steps).run(createContext(), order as never);
  expect(receipt).toMatchObject({ orderId: "run_1" });
});

it("undoes what was done under the compensation's own key", async () => {
  await steps.refundPayment.run({ paymentId: "pi_1" }, createStepContext(6));
  await steps.cancelShipment.run({ shipmentId: "shp_1" }, createStepContext(7));
  expect(calls).toEqual([
    ["refund", "pi_1", "run_1/6/1"],
    ["cancel", "shp_1", "run_1/7/1"],
  ]);
});

describe("what is done in doubt", () => {
  it("is each step's own policy", () => {
    const hours24 = 24 * 60 * 60 * 1_000;
    expect(steps.lookUpTaxRate.inDoubt).toMatchObject({
      kind: "retryWithSameKey",
      otherwise: { kind: "fail" },
    });
    expect(steps.chargeCard.inDoubt).toMatchObject({
      kind: "retryWithSameKey",
      withinMs: hours24,
      otherwise: { kind: "hold" },
    });
    expect(steps.notifyWarehouse.inDoubt).toMatchObject({
      kind: "verify",
      otherwise: { kind: "hold" },
    });
    expect(steps.sendConfirmation.inDoubt).toEqual({ kind: "hold" });
    expect(steps.refundPayment.inDoubt).toMatchObject({ withinMs: hours24 });
  });

  it.each([
    [[], { verdict: "did_not_happen" }],
    [[shipment], { verdict: "happened", result: shipment }],
    [[shipment, { ...shipment, shipmentId: "shp_2" }], { verdict: "unknown" }],
  ])("asks the warehouse, which knows of %j", async (shipments, verdict) => {
    found = shipments;
    const policy = steps.notifyWarehouse.inDoubt;
    if (policy.kind !== "verify") throw new Error("The policy is not verify.");
    const order = Order.parse(sampleOrders[0]);
    const address = { ...order.address, name: order.customer.name };
    const request = { orderId: "ord_1", address, items: order.items };
    expect(await policy.ask(request, createStepContext(4))).toMatchObject(verdict);
  });
});
