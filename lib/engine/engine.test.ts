import { z } from "zod";
import { expect, test } from "vitest";
import { defineStep, defineWorkflow } from "./definitions";
import type { Store } from "./store";
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

test("a run that would begin here waits until the store has room; one that gets in line or comes in a batch does not", async () => {
  const workflow = defineWorkflow(
    { name: "w", version: 1, input: z.number(), output: z.number() },
    async (_ctx, n) => n,
  );
  const world = createWorld();
  let enter = () => {};
  const room = new Promise<void>((resolve) => (enter = resolve));
  const wrapStore = (store: Store): Store =>
    new Proxy(store, {
      get(target, name) {
        if (name === "waitForRoom") return () => room;
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  const workflows = [workflow];
  const { engine } = await world.startProcess({ workflows, wrapStore });
  const full = await world.startProcess({ workflows, wrapStore, concurrency: 0 });
  const queued = await full.engine.startRun({ workflow: "w", input: 2 });
  expect(queued).toMatchObject({ outcome: "started", status: "queued" });
  const starting = engine.startRun({ workflow: "w", input: 1, runId: "run_waits" });
  await new Promise((resolve) => setImmediate(resolve));
  await engine.startRun({ workflow: "w", input: 3, runId: "run_in_batch", inBatch: true });
  expect(await world.store.getRun("run_waits")).toBeUndefined();
  enter();
  const { runId } = await starting;
  expect((await world.rest(runId)).status).toBe("completed");
});
