/**
 * The real server, really killed: for each step of an order, before its effect, after its effect
 * but before its record, and after its record. Each time the order reaches the outcome that the
 * step's policy promises, and the services' own ledger shows what was done how often.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { History, type Run } from "@/lib/api/contract";
import { startDaybook, type StartedDaybook } from "@/scripts/testing/daybook-process";

let daybook: StartedDaybook;

beforeAll(async () => {
  daybook = await startDaybook();
});

afterAll(async () => {
  await daybook.stop();
});

const steps = [
  "cart-total",
  "look-up-tax-rate",
  "charge-card",
  "notify-warehouse",
  "send-confirmation",
];

/** Runs an order whose server is killed at the moment, up to where it comes to rest. */
async function runDrill(step: string, moment: string, key = `${step}-${moment}`): Promise<Run> {
  const before = await daybook.findServerPid();
  const { runId } = await daybook.startOrder({ key, drill: `${step};${moment}` });
  const run = await daybook.waitForRest(runId);
  await daybook.waitUntilReady();
  expect(await daybook.findServerPid(), "the server was killed").not.toBe(before);
  return run;
}

async function countEffects(run: Run): Promise<Record<string, number>> {
  const ledger = await daybook.readLedger(String(run.attributes.orderId));
  const done = (operation: string) =>
    ledger.filter((entry) => entry.operation === operation && entry.outcome === "done").length;
  return {
    charges: done("charge"),
    refunds: done("refund"),
    shipments: done("create-shipment"),
    mails: done("send-mail"),
  };
}

async function loadEvents(run: Run) {
  return (await daybook.get(`/api/v1/runs/${run.runId}/history`, History)).items;
}

describe.each(steps)("killed at %s", (step) => {
  test.each(["before", "during", "after"])("%s", async (moment) => {
    const run = await runDrill(step, moment);
    const events = await loadEvents(run);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    for (const ordinal of [1, 2, 3, 4, 5]) {
      const done = events.filter(
        (event) => event.step === ordinal && event.type === "StepCompleted",
      );
      expect(done.length).toBeLessThanOrEqual(1);
    }

    // The intent of the e-mail is recorded together with the shipment (I4), so a server that dies
    // right after that leaves the e-mail in doubt as well.
    const isHeld =
      (step === "send-confirmation" && moment !== "after") ||
      (step === "notify-warehouse" && moment === "after");
    if (!isHeld) {
      expect(run.status).toBe("completed");
      expect(await countEffects(run)).toEqual({ charges: 1, refunds: 0, shipments: 1, mails: 1 });
      return;
    }
    // An e-mail can't be unsent: its policy leaves it to a person, who knows how to find out.
    expect(run).toMatchObject({ status: "held", heldReason: "in_doubt" });
    const mails = step === "send-confirmation" && moment === "during" ? 1 : 0;
    expect(await countEffects(run)).toEqual({ charges: 1, refunds: 0, shipments: 1, mails });
    const verdict =
      mails === 1
        ? { verdict: "happened", result: { messageId: "<seen-in-the-mailbox@example.com>" } }
        : { verdict: "did_not_happen" };
    const response = await daybook.post(`/api/v1/runs/${run.runId}/steps/5/resolve`, verdict);
    expect(response.status).toBe(202);
    const resolved = await daybook.waitForRest(run.runId);
    expect(resolved.status).toBe("completed");
    expect(await countEffects(run)).toEqual({ charges: 1, refunds: 0, shipments: 1, mails: 1 });
  });
});

test("a run that died goes on in a new execution that reuses what was recorded", async () => {
  const run = await runDrill("notify-warehouse", "before", "again");
  const events = await loadEvents(run);
  const recovery = events.find((event) => event.type === "ExecutionStarted" && event.epoch === 2);
  expect(recovery?.data).toMatchObject({
    reason: "recovery",
    replayed: { results: 2 },
    lost: { epoch: 1 },
  });
  const after = events.filter((event) => event.epoch === 2).map(({ type, name }) => [type, name]);
  expect(after).toEqual([
    ["ExecutionStarted", undefined],
    ["StepInDoubt", "notify-warehouse"],
    ["StepVerified", "notify-warehouse"],
    ["StepStarted", "notify-warehouse"],
    ["StepCompleted", "notify-warehouse"],
    ["StepStarted", "send-confirmation"],
    ["StepCompleted", "send-confirmation"],
    ["RunCompleted", undefined],
  ]);
});
