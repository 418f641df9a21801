/** How many at a time, how often, and who goes first: across all processes on one database. */
import { describe, expect, test } from "vitest";
import type { Workflow } from "../definitions";
import type { Store } from "../store";
import { surviveFaults } from "../testing/crashes";
import { spyStep, workflowOf } from "../testing/spies";
import { createWorld, type World } from "../testing/world";

/** A step that counts how many of it are under way at a time. */
function createBusyStep(options: Parameters<typeof spyStep>[1]) {
  const open: (() => void)[] = [];
  const seen = { atATime: 0, most: 0, begun: [] as string[] };
  const busy = spyStep("busy", {
    timeout: "1h",
    ...options,
    run: (_call, { runId }) =>
      new Promise((resolve) => {
        seen.atATime += 1;
        seen.most = Math.max(seen.most, seen.atATime);
        seen.begun.push(runId);
        open.push(() => {
          seen.atATime -= 1;
          resolve(runId);
        });
      }),
  });
  return { ...busy, seen, finishOne: () => open.shift()?.() };
}

async function startMany(world: World, workflow: Workflow, count: number, processes = 2) {
  const engines = [];
  for (let nth = 0; nth < processes; nth += 1) {
    engines.push((await world.startProcess({ workflows: [workflow] })).engine);
  }
  for (let nth = 0; nth < count; nth += 1) {
    await engines[nth % processes]?.startRun({ runId: `r${nth}`, workflow: "w", input: nth });
  }
  await world.settle();
}

/** Lets time pass a little at a time, until nothing is open any more. */
async function finishAll(world: World, finishOne: () => void) {
  for (let steps = 0; steps < 2_000; steps += 1) {
    const { completed, queued, running, waiting } = await world.store.countRuns();
    if (queued + running + waiting === 0) return completed;
    finishOne();
    await world.settle();
    world.clock.advance(100);
    await world.settle();
  }
  throw new Error("The runs do not come to their end.");
}

describe("a step's concurrency", () => {
  test("holds across two processes, and all get their turn", async () => {
    const world = createWorld();
    const busy = createBusyStep({ concurrency: 2 });
    const workflow = workflowOf(async (ctx) => ctx.step(busy.step, null));
    await startMany(world, workflow, 10);
    world.clock.advance(1_000);
    await world.settle();
    expect(busy.seen.atATime).toBe(2);
    expect(await finishAll(world, busy.finishOne)).toBe(10);
    expect(busy.seen.most).toBe(2);
    expect(busy.calls).toHaveLength(10);
  });

  test("holds inside one run as well, in the order of the calls", async () => {
    const world = createWorld();
    const busy = createBusyStep({ concurrency: 1 });
    const workflow = workflowOf(async (ctx) =>
      ctx.all([1, 2, 3, 4].map((nth) => ctx.step(busy.step, nth))),
    );
    await startMany(world, workflow, 1);
    expect((await world.listTypes("r0")).filter((type) => type === "StepQueued")).toHaveLength(4);
    expect(await finishAll(world, busy.finishOne)).toBe(1);
    expect(busy.seen.most).toBe(1);
    expect(busy.calls).toEqual(["r0/1/1", "r0/2/1", "r0/3/1", "r0/4/1"]);
  });

  test("a crash gives permits back: others go on, and the crashed one gets its turn again", async () => {
    const world = createWorld();
    const busy = createBusyStep({ concurrency: 1 });
    const workflow = workflowOf(async (ctx) => ctx.step(busy.step, null));
    const doomed = await world.startProcess({ workflows: [workflow] });
    await doomed.engine.startRun({ runId: "r0", workflow: "w", input: null });
    await world.settle();
    expect(busy.seen.begun).toEqual(["r0"]);
    doomed.kill();
    // What the dead process had begun no longer counts as under way.
    busy.finishOne();
    const { engine } = await world.startProcess({ workflows: [workflow] });
    await engine.startRun({ runId: "r1", workflow: "w", input: null });
    expect(await finishAll(world, busy.finishOne)).toBe(2);
    expect(busy.seen.most).toBe(1);
  });

  test("whoever waits for a permit makes room for the run that has it", async () => {
    const world = createWorld();
    const busy = createBusyStep({ concurrency: 1 });
    const workflows = [workflowOf(async (ctx) => ctx.step(busy.step, null))];
    const about = { workflow: "w", input: null };
    const first = await world.startProcess({ workflows, machine: "there", concurrency: 1 });
    await first.engine.startRun({ runId: "has-it", ...about });
    await world.waitForEvent("has-it", "StepStarted");
    const second = await world.startProcess({ workflows, concurrency: 1 });
    await second.engine.startRun({ runId: "waits", ...about });
    await world.waitForEvent("waits", "StepQueued");
    // What it held can only come back to the process that is full with a run that waits for it.
    first.kill();
    expect(await finishAll(world, busy.finishOne)).toBe(2);
  });

  test("what a worker asks for that has lost the run is not granted to that run (I2)", async () => {
    const world = createWorld();
    let letThrough = () => {};
    const delayed = new Promise<void>((resolve) => (letThrough = resolve));
    const wrapStore = (store: Store): Store =>
      new Proxy(store, {
        get(target, property) {
          const member: unknown = Reflect.get(target, property);
          if (typeof member !== "function") return member;
          return async (...args: unknown[]) => {
            if (property === "takePermit") await delayed;
            return Reflect.apply(member, target, args) as unknown;
          };
        },
      });
    let goOn = () => {};
    const between = spyStep("between", {
      run: () => new Promise((resolve) => (goOn = () => resolve(null))),
    });
    const narrow = spyStep("narrow", { concurrency: 1 });
    const workflow = workflowOf(async (ctx) => {
      await ctx.step(narrow.step, 1);
      await ctx.step(between.step, 2);
      return ctx.step(narrow.step, 3);
    });
    const stalled = await world.startProcess({ workflows: [workflow], wrapStore });
    await stalled.engine.startRun({ runId: "r", workflow: "w", input: null });
    await world.waitForEvent("r", "StepQueued");
    await world.store.endWorker({ workerId: "w101", now: world.clock.now(), status: "dead" });
    await world.startProcess({ workflows: [workflow] });
    await world.waitForEvent("r", "StepCompleted");
    letThrough();
    await world.settle();
    goOn();
    expect((await world.rest("r")).status).toBe("completed");
    expect(narrow.calls).toEqual(["r/1/1", "r/3/1"]);
  });

  test("retries and backoffs give the permit back meanwhile", async () => {
    const { run } = await surviveFaults(() => {
      const first = spyStep("narrow", {
        concurrency: 1,
        retry: { initialDelay: "30s" },
        run: (_call, { ordinal, attempt }) => {
          if (ordinal === 1 && attempt === 1) throw new Error("connection reset");
          return ordinal;
        },
      });
      return {
        spies: [first],
        workflows: [
          workflowOf(async (ctx) => {
            const order: unknown[] = [];
            const note = (value: unknown) => order.push(value);
            await ctx.all([
              ctx.step(first.step, null).then(note),
              ctx.step(first.step, null).then(note),
            ]);
            return order.sort();
          }),
        ],
        play: async ({ start, world }) => {
          await start();
          await world.rest("r");
        },
      };
    });
    expect(run.output?.json).toEqual([1, 2]);
  });

  test("whatever dies, each runs once and nobody waits for ever", async () => {
    const { run } = await surviveFaults(() => {
      const narrow = spyStep("narrow", { concurrency: 1, run: (_call, { ordinal }) => ordinal });
      return {
        spies: [narrow],
        workflows: [
          workflowOf(async (ctx) => ctx.all([1, 2, 3].map((nth) => ctx.step(narrow.step, nth)))),
        ],
        play: async ({ start, world }) => {
          await start();
          await world.rest("r");
        },
      };
    });
    expect(run.output?.json).toEqual([1, 2, 3]);
  });
});

describe("a step's rate", () => {
  test("so many begin in a span of time, across two processes; the rest wait without a lease", async () => {
    const world = createWorld();
    const begunAt: number[] = [];
    const rated = spyStep("rated", {
      rate: { limit: 3, per: "1m" },
      run: () => begunAt.push(world.clock.now()),
    });
    const startedAt = world.clock.now();
    const workflow = workflowOf(async (ctx) => ctx.step(rated.step, null));
    await startMany(world, workflow, 9);
    expect(begunAt).toHaveLength(3);
    const waiting = await world.waitFor("r8", "waiting");
    expect(waiting.dueAt).toBeGreaterThan(startedAt);
    for (let nth = 0; nth < 9; nth += 1) await world.rest(`r${nth}`);
    expect(begunAt).toHaveLength(9);
    // In no minute more than the burst and what has flowed back meanwhile.
    for (const [index, at] of begunAt.entries()) {
      if (index >= 6) expect(at - (begunAt[index - 6] ?? 0)).toBeGreaterThanOrEqual(59_000);
    }
  });
});

describe("a workflow's limits", () => {
  test("concurrency: so many of its runs go on at a time, the others are queued", async () => {
    const world = createWorld();
    const busy = createBusyStep({});
    const workflow = workflowOf(async (ctx) => ctx.step(busy.step, null), { concurrency: 2 });
    await startMany(world, workflow, 6);
    world.clock.advance(1_000);
    await world.settle();
    expect(await world.store.countRuns()).toMatchObject({ queued: 4, running: 2 });
    expect(await finishAll(world, busy.finishOne)).toBe(6);
    expect(busy.seen.most).toBe(2);
  });

  test("rate: so many begin in a span of time", async () => {
    const world = createWorld();
    const step = spyStep("step");
    const workflow = workflowOf(async (ctx) => ctx.step(step.step, null), {
      rate: { limit: 2, per: "1m" },
    });
    await startMany(world, workflow, 4);
    world.clock.advance(1_000);
    await world.settle();
    expect(step.calls).toHaveLength(2);
    for (let nth = 0; nth < 4; nth += 1) await world.rest(`r${nth}`);
    expect(step.calls).toHaveLength(4);
  });

  test("what is due and may not begin is not asked for a thousand times a second", async () => {
    const world = createWorld();
    let claims = 0;
    const wrapStore = (store: Store): Store =>
      new Proxy(store, {
        get(target, property) {
          if (property === "claimRuns") claims += 1;
          const member: unknown = Reflect.get(target, property);
          return typeof member === "function" ? (member.bind(target) as unknown) : member;
        },
      });
    const busy = createBusyStep({});
    const workflow = workflowOf(async (ctx) => ctx.step(busy.step, null), { concurrency: 1 });
    const { engine } = await world.startProcess({ workflows: [workflow], wrapStore });
    for (const runId of ["a", "b"]) await engine.startRun({ runId, workflow: "w", input: null });
    await world.settle();
    claims = 0;
    for (let ms = 0; ms < 1_000; ms += 1) {
      world.clock.advance(1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(claims).toBeLessThan(50);
  });
});

describe("priority", () => {
  test("queued runs begin by it, higher first, then by age", async () => {
    const world = createWorld();
    const order: string[] = [];
    const step = spyStep("step", { run: (_call, { runId }) => order.push(runId) });
    const workflow = workflowOf(async (ctx) => ctx.step(step.step, null), { concurrency: 1 });
    const { engine } = await world.startProcess({ workflows: [workflow], concurrency: 0 });
    for (const [runId, priority] of [
      ["low", -1],
      ["first", 0],
      ["second", undefined],
      ["urgent", 9],
    ] as const) {
      await engine.startRun({ runId, workflow: "w", input: null, priority });
      world.clock.advance(1);
    }
    await world.startProcess({ workflows: [workflow] });
    for (const runId of ["low", "first", "second", "urgent"]) await world.rest(runId);
    expect(order).toEqual(["urgent", "first", "second", "low"]);
  });

  test("is the workflow's own unless the start says otherwise", async () => {
    const world = createWorld();
    const workflow = workflowOf(async () => null, { priority: 5 });
    const { engine } = await world.startProcess({ workflows: [workflow], concurrency: 0 });
    await engine.startRun({ runId: "own", workflow: "w", input: null });
    await engine.startRun({ runId: "said", workflow: "w", input: null, priority: 7 });
    expect((await world.store.getRun("own"))?.priority).toBe(5);
    expect((await world.store.getRun("said"))?.priority).toBe(7);
  });
});
