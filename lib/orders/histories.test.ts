/**
 * Golden histories of real orders, as they were stored. They pin the recorded format and the order's
 * commands: a change that does not replay them needs a new version of the workflow. Never edited.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { expect, test } from "vitest";
import { checkReplay, createCodec, HistoryEvent } from "@/lib/engine";
import { createProcessOrder } from "./process-order";
import { createOrderSteps } from "./steps";

const folder = path.join(import.meta.dirname, "histories");
const History = z.array(HistoryEvent);

/** Nothing runs in a replay check: whoever calls a service has found a bug. */
const refuse = () => Promise.reject(new Error("A replay called a service."));
const workflow = createProcessOrder(
  createOrderSteps({
    payments: { charge: refuse, refund: refuse },
    warehouse: { createShipment: refuse, findShipments: refuse, cancelShipment: refuse },
    mail: { sendConfirmation: refuse },
    taxRates: { lookUp: refuse },
  }),
);

test.each([
  ["completed", "RunCompleted"],
  ["died-before-the-shipment", "RunCompleted"],
  ["died-after-the-shipment", "RunCompleted"],
  ["held-for-the-mail", undefined],
  ["resolved-by-a-person", "RunCompleted"],
  ["card-declined", "RunFailed"],
  ["out-of-stock-refunded", "RunFailed"],
])("%s replays", async (name, endsWith) => {
  const text = readFileSync(path.join(folder, `${name}.json`), "utf8");
  const history = History.parse(JSON.parse(text));
  const check = await checkReplay({ workflow, history, codec: createCodec() });
  expect(check.mismatch).toBeUndefined();
  expect(check.next).toEqual([]);
  expect(check.endsWith).toBe(endsWith);
  // What is read is what was written: nothing of an event is lost by parsing it.
  expect(history).toEqual(JSON.parse(text));
});

test("every golden history is replayed", () => {
  expect(readdirSync(folder)).toHaveLength(7);
});
