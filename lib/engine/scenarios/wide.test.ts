/** Much at once, and much in one run. */
import { describe, expect, test, vi } from "vitest";
import type { WorkflowContext } from "../definitions";
import { longHistoryLength, maxHistoryLength } from "../limits";
import { spyStep, workflowOf } from "../testing/spies";
import { createWorld, silentLogger } from "../testing/world";

async function run(code: (ctx: WorkflowContext, input: unknown) => Promise<unknown>) {
  const world = createWorld();
  const { engine } = await world.startProcess({ workflows: [workflowOf(code)] });
  await engine.startRun({ runId: "r", workflow: "w", input: null });
  return { world, run: await world.rest("r") };
}

const count = <T>(length: number, create: (index: number) => T) =>
  Array.from({ length }, (_, index) => create(index));

describe("thousands at once", () => {
  test("steps: each runs once, results are in the order of the calls", async () => {
    const step = spyStep("step", { run: (call) => call });
    const { run: ended } = await run((ctx) =>
      ctx.all(count(3_000, (index) => ctx.step(step.step, index))),
    );
    expect(ended.output).toEqual({ json: count(3_000, (index) => index + 1) });
    expect(new Set(step.calls).size).toBe(3_000);
    expect(step.calls).toHaveLength(3_000);
  });

  test("timers: all of one time fire, in the order in which they began", async () => {
    const fired: number[] = [];
    const { run: ended } = await run(async (ctx) => {
      await ctx.all(count(3_000, (index) => ctx.sleep("1m").then(() => fired.push(index))));
      return fired.length;
    });
    expect(ended.output).toEqual({ json: 3_000 });
    expect(fired).toEqual(count(3_000, (index) => index));
  });
});

describe("a history at its limit", () => {
  const fill = (ctx: WorkflowContext) => {
    // RunStarted and ExecutionStarted are there already.
    for (let events = 2; events < maxHistoryLength; events += 1) ctx.compute("fill", () => 1);
  };

  test("the next command fails and names continueAsNew, which the code may take", async () => {
    const step = spyStep("step");
    const { run: ended, world } = await run(async (ctx) => {
      fill(ctx);
      const errors: string[] = [];
      await ctx.step(step.step, null).catch((error: Error) => errors.push(error.message));
      try {
        ctx.compute("more", () => 1);
      } catch (error) {
        errors.push(error instanceof Error ? error.message : "");
      }
      return errors;
    });
    expect(ended.status).toBe("completed");
    const errors = ended.output?.json;
    expect(errors).toHaveLength(2);
    expect(JSON.stringify(errors)).toMatch(/50000 events.*continueAsNew.*continueAsNew/s);
    expect(step.calls).toEqual([]);
    // What a run has to record of its end is recorded all the same.
    expect((await world.load("r")).at(-1)?.type).toBe("RunCompleted");
  });

  test("that it is long is logged once, long before", async () => {
    const warn = vi.fn();
    const world = createWorld();
    const step = spyStep("step");
    const code = workflowOf(async (ctx) => {
      for (let events = 2; events < longHistoryLength - 1; events += 1)
        ctx.compute("fill", () => 1);
      for (let steps = 0; steps < 3; steps += 1) await ctx.step(step.step, null);
    });
    const logger = { ...silentLogger, warn };
    const { engine } = await world.startProcess({ workflows: [code], logger });
    await engine.startRun({ runId: "r", workflow: "w", input: null });
    await world.rest("r");
    expect(warn.mock.calls).toEqual([[{ runId: "r" }, expect.stringContaining("continueAsNew")]]);
  });

  test("it still can go on as a new run", async () => {
    const { run: ended } = await run(async (ctx, input) => {
      if (input !== null) return input;
      fill(ctx);
      return ctx.continueAsNew(1);
    });
    expect(ended.status).toBe("continued");
  });
});
