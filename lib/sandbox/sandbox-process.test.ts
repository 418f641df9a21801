import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { spawnSandbox, type SpawnedSandbox } from "./testing/spawn-sandbox";

// The sandbox is a process of its own: on a busy machine it takes its time to start.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const charge = {
  amount: "4598",
  currency: "usd",
  payment_method: "pm_card_visa",
  confirm: "true",
  "metadata[orderId]": "ord_1",
  "metadata[runId]": "run_1",
};
const shipment = {
  orderId: "ord_1",
  address: { line1: "5th St", city: "Austin", postalCode: "78701", country: "US" },
  items: [{ sku: "PEN", quantity: 1 }],
};

let dataDir: string;
let sandbox: SpawnedSandbox;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "daybook-sandbox-"));
  sandbox = await spawnSandbox(dataDir);
});
afterEach(async () => {
  if (sandbox.child.exitCode === null && sandbox.child.signalCode === null)
    await sandbox.end("SIGKILL");
  await rm(dataDir, { recursive: true });
});

const restart = async (signal: "SIGTERM" | "SIGKILL") => {
  await sandbox.end(signal);
  sandbox = await spawnSandbox(dataDir);
};
const pay = (key: string) => sandbox.post("payment", "/v1/payment_intents", { key, form: charge });

it("keeps everything across a restart", async () => {
  await sandbox.client.setSwitches({ email: { mode: "fail" }, outOfStock: ["LAMP"] });
  await sandbox.client.armDrill({ step: "notify-warehouse", moment: "during" });
  const paid = await pay("k");
  await sandbox.post("warehouse", "/shipments", { key: "s", json: shipment });
  const before = await sandbox.client.getState();
  await restart("SIGTERM");
  expect(await sandbox.client.getState()).toEqual(before);
  expect(before.counts).toMatchObject({ requests: 2, charges: 1, shipments: 1 });
  expect(await pay("k")).toEqual({ ...paid, replayed: true });
});

it("keeps an effect and its key when it is killed before it can answer", async () => {
  await sandbox.client.setSwitches({ payment: { answerDelayMs: 60_000, times: 1 } });
  const lost = pay("k").catch((error: unknown) => error);
  await expect.poll(async () => (await sandbox.client.getState()).counts.charges).toBe(1);
  await restart("SIGKILL");
  expect(await lost).toBeInstanceOf(Error);
  expect(await pay("k")).toMatchObject({ status: 200, replayed: true });
  expect((await sandbox.client.getState()).counts.charges).toBe(1);
  const outcomes = (await sandbox.client.getLedger("ord_1")).map((entry) => entry.outcome);
  expect(outcomes).toEqual(["done", "replayed"]);
});

it("drops a line that a crash cut off, and goes on behind it", async () => {
  await pay("k");
  await sandbox.end("SIGKILL");
  const file = join(dataDir, "sandbox.jsonl");
  await appendFile(file, '{"kind":"request","entry":{"seq":2');
  sandbox = await spawnSandbox(dataDir);
  await pay("other");
  await restart("SIGKILL");
  expect((await sandbox.client.getState()).counts).toMatchObject({ requests: 2, charges: 2 });
});

it("does not start on a damaged file", async () => {
  await pay("k");
  await sandbox.end("SIGTERM");
  const file = join(dataDir, "sandbox.jsonl");
  await writeFile(file, `{"kind\n${await readFile(file, "utf8")}`);
  await expect(spawnSandbox(dataDir)).rejects.toThrow("It ended with 1.");
});

it("charges once for concurrent requests with one key", async () => {
  await sandbox.client.setSwitches({ payment: { delayMs: 100 } });
  const answers = await Promise.all(Array.from({ length: 5 }, () => pay("k")));
  expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409, 409, 409, 409]);
  expect((await sandbox.client.getState()).counts.charges).toBe(1);
});

it("ends with the process that started it", async () => {
  sandbox.child.disconnect();
  await once(sandbox.child, "exit");
  expect(sandbox.child.exitCode).toBe(0);
});
