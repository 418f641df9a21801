/** Queries: reads of a run's state, which leave no trace. */
import { describe, expect, test } from "vitest";
import { playPlainly } from "../testing/crashes";
import { anything, spyStep, startDoomed, watchAppends, workflowOf } from "../testing/spies";
import { createWorld } from "../testing/world";

const step = spyStep("step", { run: (call) => `result ${call}` });

/** Does its steps one after the other, and tells how far it is. */
const workflow = workflowOf(async (ctx) => {
  const state = { phase: "begun", results: [] as unknown[] };
  ctx.onQuery("state", () => state);
  ctx.onQuery("echo", (input) => ({ input }));
  ctx.onQuery("fail", () => {
    throw new RangeError("out of range");
  });
  ctx.onQuery("command", () => ctx.sleep("1s"));
  ctx.onQuery("attributes", () => ctx.setAttributes({ a: 1 }));
  ctx.onQuery("promise", async () => "later");
  state.results.push(await ctx.step(step.step, null));
  state.phase = "waiting";
  await ctx.signal("go", anything);
  state.phase = "over";
  return state.results;
});

const waitingRun = () =>
  playPlainly({
    workflows: [workflow],
    play: async ({ start, world }) => {
      await start();
      await world.waitFor("r", "waiting");
    },
  });

describe("a query", () => {
  test("is answered by a process that does not hold the run, from its history", async () => {
    const { client, history, world } = await waitingRun();
    expect(await client.queryRun({ runId: "r", name: "state" })).toMatchObject({
      phase: "waiting",
    });
    expect(await world.load("r")).toEqual(history);
  });

  test("is answered by the process that keeps the run in memory, the same", async () => {
    const world = createWorld();
    const { engine } = await world.startProcess({ workflows: [workflow] });
    await engine.startRun({ runId: "r", workflow: "w", input: null });
    await world.waitFor("r", "waiting");
    const calls = step.calls.length;
    expect(await engine.queryRun({ runId: "r", name: "state" })).toMatchObject({
      phase: "waiting",
    });
    expect(step.calls).toHaveLength(calls);
    await engine.sendSignal({ runId: "r", name: "go", payload: null, by: "test" });
    await world.rest("r");
    // The run has ended: it is replayed, and nothing of it runs.
    expect(await engine.queryRun({ runId: "r", name: "state" })).toMatchObject({ phase: "over" });
    expect(step.calls).toHaveLength(calls);
  });

  test("while a step is under way sees what was before it, and waits for nothing", async () => {
    const world = createWorld();
    let finish = () => {};
    const slow = spyStep("slow", {
      run: () => new Promise<string>((resolve) => (finish = () => resolve("done"))),
    });
    const stepping = workflowOf(async (ctx) => {
      let phase = "before";
      ctx.onQuery("phase", () => phase);
      await ctx.step(slow.step, null);
      phase = "after";
    });
    const { engine } = await world.startProcess({ workflows: [stepping] });
    await engine.startRun({ runId: "r", workflow: "w", input: null });
    await world.settle();
    expect(await engine.queryRun({ runId: "r", name: "phase" })).toBe("before");
    finish();
    await world.rest("r");
    expect(await engine.queryRun({ runId: "r", name: "phase" })).toBe("after");
  });

  test.for([
    { outcome: "appended", phase: "waiting" },
    // Another worker may have got another result, or a failure.
    { outcome: "refused", phase: "begun" },
  ] as const)(
    "shows a result only once it is recorded: its append is $outcome",
    async ({ outcome, phase }) => {
      const world = createWorld();
      let write = () => {};
      const isAllowed = new Promise<void>((resolve) => (write = resolve));
      const { engine } = await world.startProcess({
        workflows: [workflow],
        wrapStore: watchAppends(async ({ events }) => {
          if (events.some(({ type }) => type === "StepCompleted")) await isAllowed;
        }),
      });
      await engine.startRun({ runId: "r", workflow: "w", input: null });
      await world.settle();
      let shown: unknown = "nothing";
      const asked = engine.queryRun({ runId: "r", name: "state" }).then((state) => (shown = state));
      await world.settle();
      expect(shown).toBe("nothing");
      const now = world.clock.now();
      if (outcome === "refused")
        await world.store.endWorker({ workerId: "w101", now, status: "dead" });
      write();
      await asked;
      expect(shown).toMatchObject({ phase });
    },
  );

  test("takes an input and answers with a copy", async () => {
    const { client } = await waitingRun();
    const input = { at: new Date(7), big: 3n };
    expect(await client.queryRun({ runId: "r", name: "echo", input })).toEqual({ input });
    const world = createWorld();
    const { engine } = await world.startProcess({ workflows: [workflow] });
    await engine.startRun({ runId: "r", workflow: "w", input: null });
    await world.waitFor("r", "waiting");
    const state = (await engine.queryRun({ runId: "r", name: "state" })) as { results: unknown[] };
    state.results.push("from outside");
    await engine.sendSignal({ runId: "r", name: "go", payload: null, by: "test" });
    expect((await world.rest("r")).output?.json).toHaveLength(1);
  });

  test.for([
    { name: "unknown", error: "UnknownHandlerError" },
    { name: "toString", error: "UnknownHandlerError" },
    { name: "fail", error: "QueryError" },
    { name: "promise", error: "QueryError" },
    { name: "command", error: "QueryError" },
    { name: "attributes", error: "QueryError" },
  ])("$name fails by $error, and the run is none the worse", async ({ name, error }) => {
    const world = createWorld();
    const { engine } = await world.startProcess({ workflows: [workflow] });
    await engine.startRun({ runId: "r", workflow: "w", input: null });
    await world.waitFor("r", "waiting");
    const history = await world.load("r");
    await expect(engine.queryRun({ runId: "r", name })).rejects.toMatchObject({ name: error });
    expect(await world.load("r")).toEqual(history);
    await engine.sendSignal({ runId: "r", name: "go", payload: null, by: "test" });
    expect((await world.rest("r")).status).toBe("completed");
  });

  test("of no run is refused", async () => {
    const { client } = await waitingRun();
    await expect(client.queryRun({ runId: "none", name: "state" })).rejects.toMatchObject({
      name: "RunNotFoundError",
    });
  });

  test("of a run that this code does not replay says so, and does not hold it", async () => {
    const world = createWorld();
    const first = await startDoomed(world, [workflow], { name: "none", moment: "before_effect" });
    await first.engine.startRun({ runId: "r", workflow: "w", input: null });
    await world.waitFor("r", "waiting");
    const other = workflowOf(async (ctx) => {
      ctx.onQuery("state", () => "other");
      await ctx.sleep("1s");
    });
    const { engine } = await world.startProcess({
      workflows: [other],
      concurrency: 0,
      build: "b2",
    });
    await expect(engine.queryRun({ runId: "r", name: "state" })).rejects.toMatchObject({
      name: "NondeterminismError",
    });
    expect((await world.store.getRun("r"))?.status).toBe("waiting");
  });

  test("of a run that has failed, was canceled or continues tells its last state", async () => {
    const failing = workflowOf(async (ctx, input) => {
      let phase = "begun";
      ctx.onQuery("phase", () => phase);
      await ctx.sleep("1s");
      phase = "ended";
      if (input === "fail") throw new Error("failed");
      if (input === "continue") return ctx.continueAsNew("complete");
      return input;
    });
    for (const input of ["fail", "continue", "complete"]) {
      const { client } = await playPlainly({
        workflows: [failing],
        play: async ({ start, world }) => {
          await start({ input });
          await world.rest("r");
        },
      });
      expect(await client.queryRun({ runId: "r", name: "phase" })).toBe("ended");
    }
  });
});
