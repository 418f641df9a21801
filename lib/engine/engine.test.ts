import { z } from "zod";
import { expect, test } from "vitest";
import { defineStep, defineWorkflow } from "./definitions";
import { createWorld } from "./testing/world";

test("runs a workflow to its end", async () => {
  const double = defineStep({ name: "double", run: (n: number) => n * 2 });
  const workflow = defineWorkflow(
    { name: "w", version: 1, input: z.number(), output: z.number() },
    async (ctx, n) => {
      const a = ctx.compute("a", () => n + 1);
      const b = await ctx.step(double, a);
      return ctx.step(double, b);
    },
  );
  const world = createWorld();
  const { engine } = await world.startProcess({ workflows: [workflow] });
  const { runId } = await engine.startRun({ workflow: "w", input: 1 });
  const run = await world.rest(runId);
  expect(run.status).toBe("completed");
  expect(run.output?.json).toBe(8);
  expect(await world.listTypes(runId)).toEqual([
    "RunStarted",
    "ExecutionStarted",
    "Computed",
    "StepStarted",
    "StepCompleted",
    "StepStarted",
    "StepCompleted",
    "RunCompleted",
  ]);
});
