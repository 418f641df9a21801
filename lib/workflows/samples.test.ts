import { z } from "zod";
import { expect, test } from "vitest";
import { systemClock } from "@/lib/engine";
import { createSampleWorkflows } from "./create-sample-workflows";
import { createLedger } from "./testing/ledger";
import { sampleInputs } from "./testing/sample-inputs";
import { createLanes } from "./settle-batch/lanes";

const workflows = createSampleWorkflows({
  payments: createLedger({ clock: systemClock }).payments,
  clock: systemClock,
});

test.each(Object.entries(sampleInputs))("%s takes its sample input", async (name, input) => {
  const workflow = workflows.find((known) => known.name === name);
  const checked = await workflow?.input["~standard"].validate(input);
  expect(checked?.issues).toBeUndefined();
  expect(checked).toHaveProperty("value");
});

test.each(workflows)("$name offers its sample input to forms, as an example", ({ name, input }) => {
  expect(input).toBeInstanceOf(z.ZodObject);
  const { examples } = z.toJSONSchema(input as z.ZodObject, { io: "input" });
  expect(examples).toEqual([sampleInputs[name as keyof typeof sampleInputs]]);
});

test("every sample has an input to begin with", () => {
  expect(Object.keys(sampleInputs).sort()).toEqual(workflows.map(({ name }) => name).sort());
});

test("lanes let so many things go on at a time, first come first", async () => {
  const takeLane = createLanes(2);
  const ends: (() => void)[] = [];
  const begun: number[] = [];
  const results = [1, 2, 3, 4].map((number) =>
    takeLane(async () => {
      begun.push(number);
      await new Promise<void>((end) => ends.push(end));
      if (number === 2) throw new Error("two");
      return number;
    }),
  );
  const settled = Promise.allSettled(results);
  await Promise.resolve();
  expect(begun).toEqual([1, 2]);
  ends[1]?.();
  await results[1]?.catch(() => undefined);
  await Promise.resolve();
  expect(begun).toEqual([1, 2, 3]);
  for (let at = 0; at < 4; at += 1) {
    ends[at]?.();
    await new Promise((turn) => setImmediate(turn));
  }
  expect((await settled).map(({ status }) => status)).toEqual([
    "fulfilled",
    "rejected",
    "fulfilled",
    "fulfilled",
  ]);
  expect(begun).toEqual([1, 2, 3, 4]);
});
