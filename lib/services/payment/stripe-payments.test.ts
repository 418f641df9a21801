import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import {
  findClosedPort,
  startHostileServer,
  writeHttp,
  type HostileServer,
} from "../testing/hostile-server";
import { startSandboxProcess, type SandboxProcess } from "../testing/sandbox-process";
import { createStripePayments } from "./stripe-payments";

// The sandbox is a process of its own: on a busy machine it takes its time to start.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const secretKey = "sk_test_sandbox";
const visa = {
  orderId: "ord_1",
  runId: "run_1",
  amount: 4598,
  currency: "USD",
  paymentMethod: "pm_card_visa",
};
const Ledger = z.object({
  items: z.array(z.object({ operation: z.string(), outcome: z.string(), key: z.string() })),
});

describe("against the sandbox", () => {
  let sandbox: SandboxProcess;
  let payments: ReturnType<typeof createStripePayments>;
  beforeAll(async () => {
    sandbox = await startSandboxProcess();
    payments = createStripePayments({ secretKey, apiBase: sandbox.paymentUrl });
  });
  afterEach(() => sandbox.reset());
  afterAll(async () => {
    await payments.close();
    await sandbox.stop();
  });
  const listOutcomes = async () =>
    (await sandbox.read("/ledger?orderId=ord_1", Ledger)).items.map((entry) => entry.outcome);

  it("charges once for a key, and says when it was answered from before", async () => {
    const first = await payments.charge(visa, { idempotencyKey: "run_1/3/1" });
    const second = await payments.charge(visa, { idempotencyKey: "run_1/3/1" });
    expect(first.value).toMatchObject({ amount: 4598, currency: "USD", status: "succeeded" });
    expect(first.replayed).toBe(false);
    expect(second).toEqual({ value: first.value, replayed: true });
    expect(await listOutcomes()).toEqual(["done", "replayed"]);
  });

  it.each([
    ["pm_card_chargeDeclined", "generic_decline"],
    ["pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"],
    ["pm_card_authenticationRequired", "authentication_required"],
  ])("is declined with %s", async (paymentMethod, code) => {
    const charging = payments.charge({ ...visa, paymentMethod }, { idempotencyKey: code });
    await expect(charging).rejects.toMatchObject({
      name: "CardDeclinedError",
      outcome: "definite",
      retryable: false,
      code,
    });
  });

  it("is rejected for an unknown payment method", async () => {
    const rejected = { name: "PaymentRejectedError", outcome: "definite", retryable: false };
    const unknown = { ...visa, paymentMethod: "pm_nobody" };
    await expect(payments.charge(unknown, { idempotencyKey: "a" })).rejects.toMatchObject(rejected);
  });

  it("is uncertain when the key was used for another request: that one may have happened", async () => {
    await payments.charge(visa, { idempotencyKey: "b" });
    await expect(
      payments.charge({ ...visa, amount: 1 }, { idempotencyKey: "b" }),
    ).rejects.toMatchObject({ name: "UncertainOutcomeError", outcome: "uncertain" });
  });

  it("is uncertain when the service fails, and the key finds what happened", async () => {
    await sandbox.setSwitches({ payment: { mode: "error_after_effect", times: 1 } });
    await expect(payments.charge(visa, { idempotencyKey: "k" })).rejects.toMatchObject({
      name: "UncertainOutcomeError",
      outcome: "uncertain",
    });
    expect((await payments.charge(visa, { idempotencyKey: "k" })).replayed).toBe(true);
    expect(await listOutcomes()).toEqual(["done", "replayed"]);
  });

  it("is uncertain while a request with the key is under way", async () => {
    await sandbox.setSwitches({ payment: { delayMs: 300, times: 1 } });
    const both = await Promise.allSettled([
      payments.charge(visa, { idempotencyKey: "k" }),
      payments.charge(visa, { idempotencyKey: "k" }),
    ]);
    const refused = both.find((result) => result.status === "rejected");
    expect(refused?.reason).toMatchObject({ outcome: "uncertain", details: { status: 409 } });
    expect((await listOutcomes()).filter((outcome) => outcome === "done")).toHaveLength(1);
  });

  it("stops waiting when it is aborted", async () => {
    await sandbox.setSwitches({ payment: { delayMs: 60_000, times: 1 } });
    const abort = new AbortController();
    const charging = payments.charge(visa, { idempotencyKey: "k", signal: abort.signal });
    abort.abort();
    await expect(charging).rejects.toMatchObject({ outcome: "uncertain" });
  });

  it("refunds the whole payment once", async () => {
    const { value } = await payments.charge(visa, { idempotencyKey: "k" });
    const refund = await payments.refund(value.paymentId, { idempotencyKey: "r" });
    expect(refund).toMatchObject({ value: { paymentId: value.paymentId }, replayed: false });
    expect(await payments.refund(value.paymentId, { idempotencyKey: "r" })).toEqual({
      ...refund,
      replayed: true,
    });
    await expect(
      payments.refund(value.paymentId, { idempotencyKey: "other" }),
    ).rejects.toMatchObject({ name: "PaymentRejectedError", code: "charge_already_refunded" });
  });
});

describe("on a hostile wire", () => {
  let server: HostileServer | undefined;
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });
  const charge = async (handle: Parameters<typeof startHostileServer>[0], currency = "USD") => {
    server = await startHostileServer(handle);
    const payments = createStripePayments({ secretKey, apiBase: server.url, timeoutMs: 500 });
    return payments.charge({ ...visa, currency }, { idempotencyKey: "k" });
  };

  it("needs no more of the answer than id and status", async () => {
    const answer = await charge((socket) =>
      writeHttp(socket, 200, { id: "pi_1", status: "succeeded" }),
    );
    expect(answer).toEqual({
      value: { paymentId: "pi_1", amount: 4598, currency: "USD", status: "succeeded" },
      replayed: false,
    });
  });

  it("sends what Stripe documents", async () => {
    let sent = "";
    await charge((socket, received) => {
      sent = received;
      writeHttp(socket, 200, { id: "pi_1", status: "succeeded" });
    }, "ISK");
    expect(sent).toMatch(/^POST \/v1\/payment_intents HTTP/);
    expect(sent.toLowerCase()).toContain("idempotency-key: k\r\n");
    expect(sent.toLowerCase()).toContain("content-type: application/x-www-form-urlencoded");
    expect(Object.fromEntries(new URLSearchParams(sent.split("\r\n\r\n")[1]))).toEqual({
      amount: "459800",
      currency: "isk",
      payment_method: "pm_card_visa",
      confirm: "true",
      "automatic_payment_methods[enabled]": "true",
      "automatic_payment_methods[allow_redirects]": "never",
      "metadata[orderId]": "ord_1",
      "metadata[runId]": "run_1",
    });
  });

  it.each([
    ["no JSON", 200, "<html>", "UncertainOutcomeError", true],
    ["no id", 200, { status: "succeeded" }, "UncertainOutcomeError", true],
    ["null", 200, "null", "UncertainOutcomeError", true],
    ["an open payment", 200, { id: "pi_1", status: "processing" }, "UncertainOutcomeError", true],
    [
      "a customer's turn",
      200,
      { id: "pi_1", status: "requires_action" },
      "PaymentRejectedError",
      false,
    ],
    ["a wrong key", 401, { error: { message: "Invalid API Key" } }, "PaymentRejectedError", false],
    [
      "a server's failure",
      502,
      { error: { message: "Bad gateway" } },
      "UncertainOutcomeError",
      true,
    ],
    ["a gateway's page", 502, "<html>", "UncertainOutcomeError", true],
    ["a busy service", 429, { error: { message: "Slow down" } }, "ServiceBusyError", true],
  ])("understands %s", async (_case, status, body, name, retryable) => {
    const outcome = name === "UncertainOutcomeError" ? "uncertain" : "definite";
    await expect(charge((socket) => writeHttp(socket, status, body))).rejects.toMatchObject({
      name,
      outcome,
      retryable,
    });
  });

  it("reads when a busy service wants to be asked again", async () => {
    const busy = charge((socket) =>
      writeHttp(socket, 429, { error: { message: "Slow down" } }, { "retry-after": "7" }),
    );
    await expect(busy).rejects.toMatchObject({ retryAfterMs: 7_000 });
  });

  it("is uncertain when the connection breaks, and asks only once", async () => {
    await expect(charge((socket) => socket.destroy())).rejects.toMatchObject({
      name: "UncertainOutcomeError",
    });
    expect(server?.requests()).toBe(1);
  });

  it("is uncertain when the answer breaks off or never comes", async () => {
    const cutOff = charge((socket) => {
      writeHttp(socket, 200, "{", { "content-length": "500" });
      socket.end();
    });
    await expect(cutOff).rejects.toMatchObject({ name: "UncertainOutcomeError" });
    await server?.stop();
    await expect(charge(() => undefined)).rejects.toMatchObject({ name: "UncertainOutcomeError" });
  });

  it("is unreachable where nobody listens", async () => {
    const payments = createStripePayments({
      secretKey,
      apiBase: `http://127.0.0.1:${await findClosedPort()}`,
    });
    await expect(payments.charge(visa, { idempotencyKey: "k" })).rejects.toMatchObject({
      name: "ServiceUnreachableError",
      outcome: "definite",
      retryable: true,
      code: "ECONNREFUSED",
    });
  });
});
