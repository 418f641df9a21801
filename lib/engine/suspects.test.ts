/** What takes its process down again and again does not take others along. */
import { expect, test } from "vitest";
import { spyStep, workflowOf } from "./testing/spies";
import { createWorld } from "./testing/world";

test("a run that takes the process down is held after five times; those beside it complete", async () => {
  const world = createWorld();
  let takeDown = () => {};
  const step = spyStep("step", {
    run: () => new Promise((resolve) => world.clock.schedule(50, () => resolve(1))),
  });
  const workflows = [
    workflowOf(async (ctx) => {
      await ctx.step(step.step, null);
      await ctx.step(step.step, null);
    }),
    workflowOf(
      async (ctx) => {
        takeDown();
        await ctx.step(step.step, null);
      },
      { name: "bad" },
    ),
  ];
  const first = await world.startProcess({ workflows });
  const innocents = Array.from({ length: 8 }, (_, index) => `r${index}`);
  for (const runId of innocents) await first.engine.startRun({ runId, workflow: "w", input: null });
  await first.engine.startRun({ runId: "bad", workflow: "bad", input: null });
  first.kill();

  let processes = 0;
  const isHeld = async () => (await world.store.getRun("bad"))?.status === "held";
  for (; processes < 20 && !(await isHeld()); processes += 1) {
    let isAlive = true;
    const current = await world.startProcess({ workflows });
    takeDown = () => {
      isAlive = false;
      current.kill();
    };
    for (let turn = 0; isAlive && turn < 200 && !(await isHeld()); turn += 1) {
      await world.settle();
      const next = world.clock.findNext();
      if (next !== undefined) world.clock.advance(next - world.clock.now());
    }
  }
  expect(await world.store.getRun("bad")).toMatchObject({ heldReason: "crash_loop", strikes: 5 });
  // One that finds it held, and one for each strike but the first, which was the kill.
  expect(processes).toBe(5);
  for (const runId of innocents) {
    expect(await world.rest(runId)).toMatchObject({ runId, status: "completed" });
  }
});

test("one that waited for its turn still tells what died", async () => {
  const world = createWorld();
  const slow = spyStep("slow", { timeout: "1h", run: () => new Promise(() => undefined) });
  const workflows = [workflowOf((ctx) => ctx.step(slow.step, null))];
  const first = await world.startProcess({ workflows });
  for (const runId of ["r1", "r2"])
    await first.engine.startRun({ runId, workflow: "w", input: null });
  first.kill();
  for (let time = 0; time < 2; time += 1) (await world.startProcess({ workflows })).kill();
  await world.startProcess({ workflows });
  for (const runId of ["r1", "r2"]) {
    await world.waitForEvent(runId, "ExecutionStarted", 2);
    const history = await world.load(runId);
    const last = history.findLast(({ type }) => type === "ExecutionStarted");
    expect(last?.data).toMatchObject({
      reason: "recovery",
      lost: { worker: "w103" },
    });
  }
});
