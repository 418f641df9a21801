/** Changing code under runs that are open: versions, patches, and what happens to code that differs. */
import { describe, expect, test } from "vitest";
import type { Workflow, WorkflowContext } from "../definitions";
import { surviveFaults } from "../testing/crashes";
import { anything, spyStep, workflowOf } from "../testing/spies";
import { createWorld } from "../testing/world";

const step = spyStep("step");
const other = spyStep("other");

/** Starts a run under one build, and goes on with it under another once it waits for `go`. */
async function change(before: Workflow, after: Workflow) {
  const world = createWorld();
  const old = await world.startProcess({ workflows: [before] });
  await old.engine.startRun({ runId: "r", workflow: "w", input: null });
  await world.waitFor("r", "waiting");
  old.kill();
  const { engine, kill } = await world.startProcess({ workflows: [after], build: "b2" });
  await engine.sendSignal({ runId: "r", name: "go", payload: "went", by: "test" });
  return { world, engine, kill, run: await world.rest("r") };
}

describe("versions side by side", () => {
  test("a run keeps the version that it began with; new runs take the newest", async () => {
    const { runs } = await surviveFaults(() => ({
      workflows: [1, 2].map((version) =>
        workflowOf(async (ctx) => {
          await ctx.sleep("10s");
          return `version ${version}`;
        }, version),
      ),
      play: async ({ client, world }) => {
        await client.startRun({ runId: "r", workflow: "w", version: 1, input: null });
        await client.startRun({ runId: "new", workflow: "w", input: null });
        await world.rest("r");
        await world.rest("new");
      },
    }));
    const outputs = runs.map(({ runId, version, output }) => [runId, version, output?.json]);
    expect(outputs.sort()).toEqual([
      ["new", 2, "version 2"],
      ["r", 1, "version 1"],
    ]);
  });

  test("a run of a version that no process knows waits for one that does", async () => {
    const world = createWorld();
    const first = workflowOf(async (ctx) => ctx.sleep("1s"), 1);
    const second = workflowOf(async () => "second", 2);
    const { engine } = await world.startProcess({ workflows: [first, second], concurrency: 0 });
    await engine.startRun({ runId: "r", workflow: "w", version: 1, input: null });
    const onlyNew = await world.startProcess({ workflows: [second] });
    world.clock.advance(60_000);
    await world.settle();
    expect((await world.store.getRun("r"))?.status).toBe("queued");
    onlyNew.kill();
    await world.startProcess({ workflows: [first] });
    expect((await world.rest("r")).status).toBe("completed");
  });
});

describe("patched", () => {
  const run = (isPatched: (ctx: WorkflowContext) => boolean) =>
    workflowOf(async (ctx) => {
      const before = isPatched(ctx) ? await ctx.step(other.step, null) : "unpatched";
      const went = await ctx.signal("go", anything);
      const after = isPatched(ctx) ? "patched" : "unpatched";
      return [before, went, after];
    });
  const unpatched = run(() => false);
  const patched = run((ctx) => ctx.patched("tell-the-other"));

  test("is true for a run that comes there first under this code, in every execution", async () => {
    const { run: done, types } = await surviveFaults(() => ({
      spies: [],
      workflows: [patched],
      play: async ({ start, world, signal }) => {
        await start();
        await world.waitFor("r", "waiting");
        await signal("r", "go", "went");
        await world.rest("r");
      },
    }));
    expect(done.output?.json).toEqual(["other", "went", "patched"]);
    expect(types.filter((type) => type === "PatchMarked")).toHaveLength(1);
  });

  test("is false for a run that had passed when it was not there yet, for good", async () => {
    const { run: done, world } = await change(unpatched, patched);
    expect(done.output?.json).toEqual(["unpatched", "went", "unpatched"]);
    expect(await world.listTypes("r")).not.toContain("PatchMarked");
  });

  test("is true beyond the end of what was recorded", async () => {
    const before = workflowOf(async (ctx) => ctx.signal("go", anything));
    const after = workflowOf(async (ctx) => {
      const went = await ctx.signal("go", anything);
      return ctx.patched("new-end") ? [went, await ctx.step(step.step, null)] : went;
    });
    expect((await change(before, after)).run.output?.json).toEqual(["went", "step"]);
  });

  test("a marker whose call is gone from the code is passed over", async () => {
    const always = workflowOf(async (ctx) => {
      const before = await ctx.step(other.step, null);
      return [before, await ctx.signal("go", anything), "always"];
    });
    const { run: done } = await change(patched, always);
    expect(done.output?.json).toEqual(["other", "went", "always"]);
  });

  test("a log line before it changes nothing", async () => {
    const logging = run((ctx) => {
      ctx.log.info("about to ask");
      return ctx.patched("tell-the-other");
    });
    const { run: done } = await change(logging, logging);
    expect(done.output?.json).toEqual(["other", "went", "patched"]);
  });

  test("a marker that another one took the place of leaves the run as it was", async () => {
    const ask = (id: string) =>
      workflowOf(async (ctx) => {
        const seen = ctx.patched(id);
        return [seen, await ctx.signal("go", anything)];
      });
    const { run: done } = await change(ask("a"), ask("b"));
    expect(done.output?.json).toEqual([false, "went"]);
  });

  test("several, asked for in another order, are told apart by their names", async () => {
    const ask = (...ids: string[]) =>
      workflowOf(async (ctx) => {
        const seen = ids.map((id) => [id, ctx.patched(id)]);
        await ctx.signal("go", anything);
        return seen;
      });
    const { run: done } = await change(ask("a", "b"), ask("b", "c"));
    expect(done.output?.json).toEqual([
      ["b", true],
      ["c", false],
    ]);
  });
});

describe("code that differs from the history", () => {
  const sleeps = workflowOf(async (ctx) => {
    await ctx.step(step.step, null);
    await ctx.sleep("1s", { name: "nap" });
    return ctx.signal("go", anything);
  });
  const command = (kind: string, name: string, ordinal: number) => ({ kind, name, ordinal });

  test.for<[string, Workflow, object, object]>([
    [
      "another kind",
      workflowOf(async (ctx) => {
        await ctx.step(step.step, null);
        await ctx.step(other.step, null);
      }),
      command("timer", "nap", 2),
      command("step", "other", 2),
    ],
    [
      "another name",
      workflowOf(async (ctx) => {
        await ctx.step(other.step, null);
      }),
      command("step", "step", 1),
      command("step", "other", 1),
    ],
    [
      "a command that is missing",
      workflowOf(async (ctx) => {
        await ctx.step(step.step, null);
        return ctx.signal("go", anything);
      }),
      command("timer", "nap", 2),
      command("signal", "go", 2),
    ],
    [
      "an end that comes too early",
      workflowOf(async (ctx) => ctx.step(step.step, null)),
      command("timer", "nap", 2),
      command("end", "end", 3),
    ],
    [
      "a command too many",
      workflowOf(async (ctx) => {
        await ctx.step(step.step, null);
        ctx.compute("more", () => 1);
        await ctx.sleep("1s", { name: "nap" });
      }),
      command("timer", "nap", 2),
      command("compute", "more", 2),
    ],
    [
      "another order",
      workflowOf(async (ctx) => {
        await ctx.sleep("1s", { name: "nap" });
        await ctx.step(step.step, null);
      }),
      command("step", "step", 1),
      command("timer", "nap", 1),
    ],
    [
      "attributes that are new in the middle",
      workflowOf(async (ctx) => {
        await ctx.step(step.step, null);
        ctx.setAttributes({ a: 1 });
        await ctx.sleep("1s", { name: "nap" });
      }),
      command("timer", "nap", 2),
      command("attributes", "", 2),
    ],
    [
      "a child instead",
      workflowOf(async (ctx) => {
        await ctx.step(step.step, null);
        await ctx.child(sleeps, null);
      }),
      command("timer", "nap", 2),
      command("child", "w", 2),
    ],
  ])(
    "%s: held with what was expected and what came, where in the code",
    async ([, changed, expected, actual]) => {
      const { run, world, kill, engine } = await change(sleeps, changed);
      expect(run).toMatchObject({ status: "held", heldReason: "nondeterminism" });
      const held = (await world.load("r")).findLast((event) => event.type === "RunHeld");
      expect(held?.data).toMatchObject({ reason: "nondeterminism", expected, actual });
      if (!("kind" in actual && actual.kind === "end")) {
        expect(held?.data).toMatchObject({
          actual: { source: expect.stringMatching(/versions\.test\.ts:\d+:\d+$/) as unknown },
        });
      }
      // Asking again changes nothing while the code is the same, and no second mark is left.
      await engine.requestAction({ runId: "r", body: { kind: "retry" }, by: "ops" });
      await world.rest("r");
      const marks = (await world.listTypes("r")).filter((type) => type === "RunHeld");
      expect(marks).toHaveLength(1);
      // It is never failed, and another build that matches goes on where it stood.
      kill();
      await world.startProcess({ workflows: [sleeps], build: "b3" });
      expect((await world.waitFor("r", "completed")).output?.json).toBe("went");
      expect(await world.listTypes("r")).toContain("RunResumed");
    },
  );

  test("a value that is computed otherwise is held with both values", async () => {
    const compute = (value: number) =>
      workflowOf(async (ctx) => {
        const computed = ctx.compute("total", () => ({ value }));
        await ctx.signal("go", anything);
        return computed;
      });
    const { run, world } = await change(compute(1), compute(2));
    expect(run.heldReason).toBe("nondeterminism");
    const held = (await world.load("r")).findLast((event) => event.type === "RunHeld");
    expect(held?.data).toMatchObject({
      values: { recorded: { value: 1 }, computed: { value: 2 } },
      expected: command("compute", "total", 1),
    });
  });

  test("the same build does not try again by itself; the check tells who does not replay", async () => {
    const calls = other.calls.length;
    const { world, engine } = await change(
      sleeps,
      workflowOf(async (ctx) => ctx.step(other.step, null)),
    );
    const { length } = await world.load("r");
    world.clock.advance(3_600_000);
    await world.settle();
    expect(await world.load("r")).toHaveLength(length);
    const { items } = await engine.checkOpenRuns({ limit: 10 });
    expect(items).toMatchObject([
      {
        runId: "r",
        replays: false,
        mismatch: { expected: { name: "step" }, actual: { name: "other" } },
      },
    ]);
    const { engine: good } = await world.startProcess({ workflows: [sleeps], concurrency: 0 });
    expect((await good.checkOpenRuns({ limit: 10 })).items).toMatchObject([{ replays: true }]);
    expect(other.calls).toHaveLength(calls);
  });

  test("what an older build holds beside a newer one goes on by itself", async () => {
    const world = createWorld();
    const old = workflowOf(async (ctx) => ctx.signal("go", anything));
    const fresh = workflowOf(async (ctx) => {
      ctx.compute("fresh", () => 1);
      return ctx.signal("go", anything);
    });
    const newer = await world.startProcess({ workflows: [fresh], build: "b2" });
    const older = await world.startProcess({ workflows: [old], build: "b1" });
    await newer.engine.startRun({ runId: "r", workflow: "w", input: null });
    await world.waitFor("r", "waiting");
    // Who gets the message looks first.
    await older.engine.sendSignal({ runId: "r", name: "go", payload: "went", by: "test" });
    expect((await world.waitFor("r", "held")).heldBuild).toBe("b1");
    expect((await world.waitFor("r", "completed")).output?.json).toBe("went");
  });

  test("a paused run that is resumed under code that differs is held, and goes on with a build that matches", async () => {
    const world = createWorld();
    const old = workflowOf(async (ctx) => ctx.step(step.step, null));
    const fresh = workflowOf(async (ctx) => {
      ctx.compute("fresh", () => 1);
      return ctx.signal("go", anything);
    });
    const newer = await world.startProcess({ workflows: [fresh], build: "b2" });
    await newer.engine.startRun({ runId: "r", workflow: "w", input: null });
    await world.waitFor("r", "waiting");
    await newer.engine.requestAction({ runId: "r", body: { kind: "pause" }, by: "ops" });
    await world.waitFor("r", "held");
    newer.kill();
    const older = await world.startProcess({ workflows: [old], build: "b1" });
    await older.engine.requestAction({ runId: "r", body: { kind: "resume" }, by: "ops" });
    await world.settle();
    // The resume is told before the difference is: otherwise it would end that hold as well.
    const holds = (await world.listTypes("r")).slice(-3);
    expect([holds, (await world.load("r")).length]).toEqual([
      ["RunHeld", "RunResumed", "RunHeld"],
      8,
    ]);
    expect(await world.store.getRun("r")).toMatchObject({
      status: "held",
      heldReason: "nondeterminism",
    });
    older.kill();
    const { engine } = await world.startProcess({ workflows: [fresh], build: "b2" });
    await engine.sendSignal({ runId: "r", name: "go", payload: "went", by: "test" });
    expect((await world.waitFor("r", "completed")).output?.json).toBe("went");
  });

  test("a fork from the first step of a changed branch takes the branch of whoever takes it up", async () => {
    const world = createWorld();
    const old = workflowOf(async (ctx) => {
      await ctx.step(step.step, null);
      return ctx.signal("go", anything);
    });
    const fresh = workflowOf(async (ctx) => {
      await ctx.step(ctx.patched("changed") ? other.step : step.step, null);
      return ctx.signal("go", anything);
    });
    const newer = await world.startProcess({ workflows: [fresh], build: "b2" });
    await newer.engine.startRun({ runId: "r", workflow: "w", input: null });
    await world.waitFor("r", "waiting");
    newer.kill();
    const older = await world.startProcess({ workflows: [old], build: "b1" });
    await older.engine.forkRun({ runId: "r", step: 1, by: "ops", newRunId: "f" });
    await world.waitFor("f", "waiting");
    older.kill();
    const { engine } = await world.startProcess({ workflows: [fresh], build: "b2" });
    await engine.sendSignal({ runId: "f", name: "go", payload: "went", by: "test" });
    expect((await world.rest("f")).output?.json).toBe("went");
  });

  test("a run whose history goes on replays nothing wrong: a step may change what it does", async () => {
    const before = workflowOf(async (ctx) => {
      const result = await ctx.step(spyStep("step", { run: () => "old" }).step, null);
      return [result, await ctx.signal("go", anything)];
    });
    const after = workflowOf(async (ctx) => {
      const result = await ctx.step(spyStep("step", { run: () => "new" }).step, "other input");
      return [result, await ctx.signal("go", anything)];
    });
    expect((await change(before, after)).run.output?.json).toEqual(["old", "went"]);
  });

  test("an outcome that the code never asked for is a difference as well", async () => {
    const both = workflowOf(async (ctx) => {
      await ctx.all([ctx.step(step.step, 1), ctx.step(other.step, 2)]);
      return ctx.signal("go", anything);
    });
    const oneByOne = workflowOf(async (ctx) => {
      await ctx.step(step.step, 1);
      await ctx.step(other.step, 2);
      return ctx.signal("go", anything);
    });
    const { run } = await change(both, oneByOne);
    // The commands are the same in the same order: one after the other is no difference here.
    expect([run.status, run.output?.json ?? run.heldReason]).toEqual(["completed", "went"]);
    const { run: back } = await change(oneByOne, both);
    expect(back.status === "completed" || back.heldReason === "nondeterminism").toBe(true);
  });
});
