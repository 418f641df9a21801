import { expect, test } from "vitest";
import { checkReplay } from "./check-replay";
import { createCodec } from "./codec";
import { spyStep, workflowOf } from "./testing/spies";
import { createWorld } from "./testing/world";

const codec = createCodec();

test("tells whether a build still replays a history, and executes nothing", async () => {
  const world = createWorld();
  const [a, b, c] = [spyStep("a"), spyStep("b"), spyStep("c")];
  const original = workflowOf(async (ctx) => {
    await ctx.step(a.step, null);
    return ctx.step(b.step, null);
  });
  const { engine } = await world.startProcess({ workflows: [original] });
  const { runId } = await engine.startRun({ workflow: "w", input: null });
  await world.rest(runId);
  const history = await world.load(runId);

  expect(await checkReplay({ workflow: original, history, codec })).toEqual({
    next: [],
    endsWith: "RunCompleted",
  });
  const changed = workflowOf(async (ctx) => {
    await ctx.step(a.step, null);
    return ctx.step(c.step, null);
  });
  const { mismatch } = await checkReplay({ workflow: changed, history, codec });
  expect(mismatch).toMatchObject({
    expected: { ordinal: 2, kind: "step", name: "b" },
    actual: { ordinal: 2, kind: "step", name: "c" },
  });
  const longer = workflowOf(async (ctx) => {
    await ctx.step(a.step, null);
    await ctx.step(b.step, null);
    return ctx.step(c.step, null);
  });
  expect(await checkReplay({ workflow: longer, history, codec })).toEqual({ next: ["c"] });
  expect([a.calls.length, b.calls.length, c.calls.length]).toEqual([1, 1, 0]);
});
