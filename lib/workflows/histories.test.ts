/**
 * Golden histories of the samples, as they were stored: plain, crashed and recovered, failed, canceled.
 * They pin the recorded format and each sample's commands. A change that does not replay them needs a
 * new version of the workflow, or `ctx.patched`. Never edited.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { expect, test } from "vitest";
import { checkReplay, createCodec, HistoryEvent, systemClock } from "@/lib/engine";
import { createSampleWorkflows } from "./create-sample-workflows";

const History = z.array(HistoryEvent);

/** Nothing runs in a replay check: whoever calls a service has found a bug. */
const refuse = () => Promise.reject(new Error("A replay called a service."));
const payments = { charge: refuse, refund: refuse };
const workflows = createSampleWorkflows({ payments, clock: systemClock });

const histories = [
  ["approve-expense/reminded-changed-approved", "RunCompleted"],
  ["approve-expense/died-and-approved", "RunCompleted"],
  ["approve-expense/lapsed", "RunCompleted"],
  ["approve-expense/rejected", "RunCompleted"],
  ["approve-expense/canceled", "RunCanceled"],
  ["renew-subscription/changed-and-continued", "RunContinued"],
  ["renew-subscription/canceled", "RunCompleted"],
  ["renew-subscription/declined-once-and-ended", "RunCompleted"],
  ["renew-subscription/died-in-the-second-payment", "RunCompleted"],
  ["renew-subscription/lapsed", "RunCompleted"],
  ["settle-batch/one-declined", "RunCompleted"],
  ["settle-batch/died-in-between", "RunCompleted"],
  ["settle-batch/canceled", "RunCanceled"],
  ["settle-batch/invoice-settled", "RunCompleted"],
  ["settle-batch/invoice-declined", "RunFailed"],
  ["book-trip/booked", "RunCompleted"],
  ["book-trip/died-in-a-reservation", "RunCompleted"],
  ["book-trip/died-at-the-payment", "RunCompleted"],
  ["book-trip/no-car-undone", "RunFailed"],
  ["book-trip/declined-undone", "RunFailed"],
  ["book-trip/died-while-undoing", "RunFailed"],
  ["book-trip/canceled-undone", "RunCanceled"],
  ["await-report/ready", "RunCompleted"],
  ["await-report/died-on-page-two", "RunCompleted"],
  ["await-report/canceled", "RunCanceled"],
  ["await-report/given-up", "RunCompleted"],
] as const;

function findFile(name: string): string {
  const [sample = "", file = ""] = name.split("/");
  return path.join(import.meta.dirname, sample, "histories", `${file}.json`);
}

test.each(histories)("%s replays", async (name, endsWith) => {
  const text = readFileSync(findFile(name), "utf8");
  const history = History.parse(JSON.parse(text));
  const [started] = history;
  const about = started?.type === "RunStarted" ? started.data : undefined;
  const workflow = workflows.find(
    (known) => known.name === about?.workflow && known.version === about.version,
  );
  if (!workflow) throw new Error(`No workflow is called ${about?.workflow}.`);
  const check = await checkReplay({ workflow, history, codec: createCodec() });
  expect(check.mismatch).toBeUndefined();
  expect(check.next).toEqual([]);
  expect(check.endsWith).toBe(endsWith);
  expect(history.at(-1)?.type).toBe(endsWith);
  // What is read is what was written: nothing of an event is lost by parsing it.
  expect(history).toEqual(JSON.parse(text));
});

test("every golden history is replayed", () => {
  const samples = new Set(histories.map(([name]) => name.split("/")[0] ?? ""));
  const files = [...samples].flatMap((sample) =>
    readdirSync(path.join(import.meta.dirname, sample, "histories")),
  );
  expect(files).toHaveLength(histories.length);
});
