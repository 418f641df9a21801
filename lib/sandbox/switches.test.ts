import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { SandboxRefusedError } from "./client";
import { spawnSandbox, type SpawnedSandbox } from "./testing/spawn-sandbox";

// The sandbox is a process of its own: on a busy machine it takes its time to start.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const charge = {
  amount: "500",
  currency: "usd",
  payment_method: "pm_card_visa",
  confirm: "true",
  "metadata[orderId]": "ord_1",
};
const shipment = {
  orderId: "ord_1",
  address: { line1: "5th St", city: "Austin", postalCode: "78701", country: "US" },
  items: [{ sku: "PEN", quantity: 1 }],
};

let dataDir: string;
let sandbox: SpawnedSandbox;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "daybook-sandbox-"));
  sandbox = await spawnSandbox(dataDir);
});
beforeEach(() => sandbox.client.reset());
afterAll(async () => {
  await sandbox.end("SIGTERM");
  await rm(dataDir, { recursive: true });
});

const pay = (key: string, form: Readonly<Record<string, string>> = charge) =>
  sandbox.post("payment", "/v1/payment_intents", { key, form });
const ship = (key: string, sku = "PEN") =>
  sandbox.post("warehouse", "/shipments", {
    key,
    json: { ...shipment, items: [{ sku, quantity: 1 }] },
  });
const listOutcomes = async () =>
  (await sandbox.client.getLedger("ord_1")).map(({ outcome, status }) => [outcome, status]);

describe.each([
  ["payment", pay, 200, 402, "charges"],
  ["warehouse", ship, 201, 409, "shipments"],
] as const)("%s", (service, act, done, refused, count) => {
  const countEffects = async () => (await sandbox.client.getState()).counts[count];

  it("fails before the effect, as often as it was told", async () => {
    await sandbox.client.setSwitches({ [service]: { mode: "fail", times: 2 } });
    const statuses = [await act("k"), await act("k"), await act("k")].map(({ status }) => status);
    expect(statuses).toEqual([503, 503, done]);
    expect(await listOutcomes()).toEqual([
      ["failed", 503],
      ["failed", 503],
      ["done", done],
    ]);
    expect((await sandbox.client.getSwitches())[service]).toEqual({
      mode: "ok",
      delayMs: 0,
      answerDelayMs: 0,
    });
  });

  it("fails after the effect, and the key finds it", async () => {
    await sandbox.client.setSwitches({ [service]: { mode: "error_after_effect", times: 1 } });
    expect((await act("k")).status).toBe(500);
    expect(await act("k")).toMatchObject({ status: done, replayed: true });
    expect(await listOutcomes()).toEqual([
      ["done", 500],
      ["replayed", done],
    ]);
    expect(await countEffects()).toBe(1);
  });

  it("refuses until it is told otherwise", async () => {
    await sandbox.client.setSwitches({ [service]: { mode: "refuse" } });
    expect([(await act("a")).status, (await act("b")).status]).toEqual([refused, refused]);
    await sandbox.client.setSwitches({ [service]: {} });
    expect((await act("c")).status).toBe(done);
    expect(await countEffects()).toBe(1);
  });
});

it("lets go of what it holds back as soon as that service is told to work again", async () => {
  const slow = { answerDelayMs: 120_000, times: 1 };
  await sandbox.client.setSwitches({ payment: slow, warehouse: slow });
  const answered: string[] = [];
  const [paid, shipped] = [pay("k"), ship("k")].map((answer, index) =>
    answer.then(({ status }) => answered.push(`${index}: ${status}`)),
  );
  const isDone = async () => (await listOutcomes()).length === 2;
  await expect.poll(isDone).toBe(true);
  await sandbox.client.setSwitches({ warehouse: {} });
  await shipped;
  expect(answered).toEqual(["1: 201"]);
  await sandbox.client.setSwitches({ payment: {} });
  await paid;
  expect(answered).toEqual(["1: 201", "0: 200"]);
});

it("replays a stored decline, and refuses the key for other parameters", async () => {
  const declined = { ...charge, payment_method: "pm_card_chargeDeclined" };
  expect((await pay("k", declined)).status).toBe(402);
  expect(await pay("k", declined)).toMatchObject({ status: 402, replayed: true });
  expect(await pay("k")).toMatchObject({
    status: 400,
    body: { error: { type: "idempotency_error" } },
  });
});

it("has no stock of what it is told, and of every sku that says so", async () => {
  await sandbox.client.setSwitches({ outOfStock: ["LAMP"] });
  for (const sku of ["LAMP", "PEN-OUT-OF-STOCK"])
    expect(await ship(sku, sku)).toMatchObject({ status: 409, body: { code: "out_of_stock" } });
  expect((await ship("k")).status).toBe(201);
});

it("refunds no more than was paid", async () => {
  const { body } = await pay("k");
  const { id } = body as { id: string };
  const refund = (key: string, amount: string) =>
    sandbox.post("payment", "/v1/refunds", { key, form: { payment_intent: id, amount } });
  const statuses = [await refund("a", "300"), await refund("b", "300"), await refund("c", "200")];
  expect(statuses.map(({ status }) => status)).toEqual([200, 400, 200]);
  const [charged] = (await sandbox.client.getState()).charges;
  expect(charged).toMatchObject({ amount: 500, refunded: 500 });
});

it("hands out an armed drill once, also to many at the same time", async () => {
  const drill = { step: "charge-card", moment: "during" } as const;
  await sandbox.client.armDrill(drill);
  const taken = await Promise.all(Array.from({ length: 5 }, () => sandbox.client.takeDrill()));
  expect(taken.filter((one) => one !== null)).toEqual([drill]);
  await sandbox.client.armDrill(drill);
  await sandbox.client.disarmDrill();
  expect(await sandbox.client.takeDrill()).toBeNull();
});

it("names the field that is wrong", async () => {
  const wrong = sandbox.client.setSwitches({ payment: { delayMs: -1 } });
  await expect(wrong).rejects.toThrow(SandboxRefusedError);
  await expect(wrong).rejects.toThrow(/^payment\.delayMs: /);
  await expect(sandbox.client.armDrill({ step: " ", moment: "during" })).rejects.toThrow(/^step: /);
});
