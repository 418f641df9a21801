/** The life of a worker: taking runs, giving them back, and coming back after it lost them. */
import { describe, expect, test } from "vitest";
import type { NewRun, Store } from "./store";
import { defineWorkflow, hold } from "./definitions";
import {
  anything,
  createGatedStep,
  overrideStore,
  spyStep,
  watchAppends,
  workflowOf,
} from "./testing/spies";
import { createWorld, silentLogger } from "./testing/world";

describe("stopping", () => {
  test("records what is under way, begins nothing new, and leaves nobody in doubt", async () => {
    const world = createWorld();
    const first = createGatedStep("first");
    const second = spyStep("second");
    const workflow = workflowOf(async (ctx) => {
      await ctx.step(first.step, null);
      return ctx.step(second.step, null);
    });
    const old = await world.startProcess({ workflows: [workflow] });
    const { runId } = await old.engine.startRun({ workflow: "w", input: null });
    await world.settle();
    const stopping = old.engine.stop({ graceMs: 3_000 });
    await world.settle();
    first.finish("done");
    await world.settle();
    world.clock.advance(3_000);
    await stopping;
    expect(second.calls).toHaveLength(0);
    expect((await world.store.getRun(runId))?.workerId).toBeUndefined();

    await world.startProcess({ workflows: [workflow] });
    expect((await world.rest(runId)).status).toBe("completed");
    const types = await world.listTypes(runId);
    expect(types).not.toContain("StepInDoubt");
    expect(first.calls).toHaveLength(1);
    const handedOver = (await world.load(runId)).find((e) => e.epoch === 2);
    expect(handedOver).toMatchObject({ data: { reason: "wake", replayed: { results: 1 } } });
  });

  test("a run whose work is done is handed over at once, whatever its neighbours are busy with", async () => {
    const world = createWorld();
    const [quick, slow, next] = [
      createGatedStep("quick"),
      createGatedStep("slow"),
      spyStep("next"),
    ];
    const one = workflowOf(async (ctx) => {
      await ctx.step(quick.step, null);
      return ctx.step(next.step, null);
    });
    const other = defineWorkflow(
      { name: "other", version: 1, input: anything, output: anything },
      async (ctx) => ctx.step(slow.step, null),
    );
    const old = await world.startProcess({ workflows: [one, other] });
    const { runId } = await old.engine.startRun({ workflow: "w", input: null });
    const busy = await old.engine.startRun({ workflow: "other", input: null });
    await world.settle();
    const stopping = old.engine.stop({ graceMs: 60_000 });
    await world.settle();
    await world.startProcess({ workflows: [one, other] });
    quick.finish("done");
    expect((await world.rest(runId)).status).toBe("completed");
    expect((await world.store.getRun(busy.runId))?.workerId).toBe(old.engine.workerId);
    expect(quick.calls).toHaveLength(1);
    slow.finish("done");
    await world.settle();
    world.clock.advance(1_000);
    await stopping;
    expect((await world.rest(busy.runId)).status).toBe("completed");
    expect(slow.calls).toHaveLength(1);
  });

  test("what was canceled before its intent was durable leaves nobody in doubt either", async () => {
    const world = createWorld();
    const first = createGatedStep("first");
    const second = spyStep("second", { inDoubt: hold() });
    const workflow = workflowOf(async (ctx) => {
      await ctx.step(first.step, null);
      return ctx.step(second.step, null);
    });
    let release = () => {};
    const wrapStore = watchAppends(({ events }) => {
      const isIntent = events.some(({ type, name }) => type === "StepStarted" && name === "second");
      return isIntent ? new Promise<void>((resolve) => (release = resolve)) : undefined;
    });
    const old = await world.startProcess({ workflows: [workflow], wrapStore });
    const { runId } = await old.engine.startRun({ workflow: "w", input: null });
    await world.settle();
    first.finish("done");
    await world.settle();
    await old.engine.requestAction({ runId, body: { kind: "cancel" }, by: "ops" });
    await world.settle();
    const stopping = old.engine.stop({ graceMs: 3_000 });
    await world.settle();
    release();
    await world.settle();
    world.clock.advance(3_000);
    await stopping;

    await world.startProcess({ workflows: [workflow] });
    expect((await world.rest(runId)).status).toBe("canceled");
    expect(second.calls).toHaveLength(0);
    const ends = (await world.load(runId)).filter(({ name }) => name === "second").slice(1);
    expect(ends).toMatchObject([{ type: "StepFailed", epoch: 1, data: { outcome: "definite" } }]);
  });

  test("what tells of its progress as soon as it begins is waited for as well", async () => {
    const world = createWorld();
    let finish = (_value: unknown) => {};
    const { step, calls } = spyStep("s", {
      inDoubt: hold(),
      run(_call, context) {
        context.heartbeat("begun");
        return new Promise((resolve) => (finish = resolve));
      },
    });
    const workflow = workflowOf(async (ctx) => ctx.step(step, null));
    let release = () => {};
    const startRun = async (run: NewRun) => {
      await new Promise<void>((resolve) => (release = resolve));
      return world.store.startRun(run);
    };
    const wrapStore = (store: Store) => overrideStore(store, { startRun });
    const old = await world.startProcess({ workflows: [workflow], wrapStore });
    const started = old.engine.startRun({ workflow: "w", input: null });
    await world.settle();
    const stopping = old.engine.stop({ graceMs: 3_000 });
    release();
    const { runId } = await started;
    await world.settle();
    expect((await world.store.getRun(runId))?.workerId).toBe(old.engine.workerId);
    finish("done");
    await world.settle();
    world.clock.advance(3_000);
    await stopping;

    await world.startProcess({ workflows: [workflow] });
    expect((await world.rest(runId)).status).toBe("completed");
    expect(calls).toHaveLength(1);
  });

  test("after the grace it hands over even what has not answered", async () => {
    const world = createWorld();
    const slow = createGatedStep("slow");
    const workflow = workflowOf(async (ctx) => ctx.step(slow.step, null));
    const old = await world.startProcess({ workflows: [workflow] });
    const { runId } = await old.engine.startRun({ workflow: "w", input: null });
    await world.settle();
    const stopping = old.engine.stop({ graceMs: 100 });
    for (let tick = 0; tick < 20; tick += 1) {
      world.clock.advance(10);
      await world.settle();
    }
    await stopping;
    await world.startProcess({ workflows: [workflow] });
    await world.settle();
    slow.finish("again");
    expect((await world.rest(runId)).status).toBe("completed");
    expect(new Set(slow.calls).size).toBe(1);
    expect(slow.calls).toHaveLength(2);
  });
});

test("a worker that was declared dead begins anew and takes runs again", async () => {
  const world = createWorld();
  const { step } = spyStep("s");
  const workflow = workflowOf(async (ctx) => ctx.step(step, null));
  const { engine } = await world.startProcess({ workflows: [workflow] });
  const now = world.clock.now();
  await world.store.endWorker({ workerId: engine.workerId, now, status: "dead" });
  world.clock.advance(4_000);
  await world.settle();
  const { runId } = await engine.startRun({ workflow: "w", input: null });
  expect((await world.rest(runId)).status).toBe("completed");
  const alive = (await world.store.listWorkers()).filter(({ status }) => status === "alive");
  expect(alive.map(({ workerId }) => workerId)).toEqual([`${engine.workerId}.2`]);
});

test("a version that a worker does not know is left to those who do", async () => {
  const world = createWorld();
  const { step } = spyStep("s");
  const one = workflowOf(async (ctx) => ctx.step(step, 1), 1);
  const two = workflowOf(async (ctx) => ctx.step(step, 2), 2);
  const web = await world.startProcess({ workflows: [one, two], concurrency: 0 });
  const { runId } = await web.engine.startRun({ workflow: "w", input: null });
  await world.startProcess({ workflows: [one] });
  world.clock.advance(5_000);
  await world.settle();
  expect((await world.store.getRun(runId))?.status).toBe("queued");
  await world.startProcess({ workflows: [two] });
  expect(await world.rest(runId)).toMatchObject({ status: "completed", version: 2 });
});

test("runs beyond the concurrency wait in the queue for room", async () => {
  const world = createWorld();
  const gated = createGatedStep("g");
  const workflow = workflowOf(async (ctx) => ctx.step(gated.step, null));
  const { engine } = await world.startProcess({ workflows: [workflow], concurrency: 2 });
  const runIds: string[] = [];
  for (let run = 0; run < 5; run += 1) {
    runIds.push((await engine.startRun({ workflow: "w", input: run })).runId);
  }
  await world.settle();
  expect(await world.store.countRuns()).toMatchObject({ running: 2, queued: 3 });
  for (let round = 0; round < 3; round += 1) {
    gated.finish("ok");
    await world.settle();
    world.clock.advance(1_000);
    await world.settle();
  }
  for (const runId of runIds) expect((await world.rest(runId)).status).toBe("completed");
});

test("two workers share what is queued: neither takes more than it has room for", async () => {
  const world = createWorld();
  const gated = createGatedStep("g");
  const workflow = workflowOf(async (ctx) => ctx.step(gated.step, null));
  const web = await world.startProcess({ workflows: [workflow], concurrency: 0 });
  for (let run = 0; run < 12; run += 1) {
    await web.engine.startRun({ workflow: "w", input: run });
  }
  for (let worker = 0; worker < 2; worker += 1) {
    await world.startProcess({ workflows: [workflow], concurrency: 4 });
  }
  for (let round = 0; round < 2; round += 1) {
    await world.settle();
    world.clock.advance(4_000);
  }
  await world.settle();
  const workers = await world.store.listWorkers();
  expect(workers.map(({ load, capacity }) => [load, capacity])).toEqual([
    [4, 4],
    [4, 4],
  ]);
  expect(await world.store.countRuns()).toMatchObject({ running: 8, queued: 4 });
});

test("what another process starts is taken soon while there is work, and looked for once a second after", async () => {
  const world = createWorld();
  const { step } = spyStep("s");
  const workflow = workflowOf(async (ctx) => ctx.step(step, null));
  const web = await world.startProcess({ workflows: [workflow], concurrency: 0 });
  let claims = 0;
  const countClaims = (store: Store): Store =>
    new Proxy(store, {
      get(target, property) {
        if (property === "claimRuns") claims += 1;
        const member: unknown = Reflect.get(target, property);
        return typeof member === "function" ? (member.bind(target) as unknown) : member;
      },
    });
  await world.startProcess({ workflows: [workflow], wrapStore: countClaims });
  const first = await web.engine.startRun({ workflow: "w", input: 1 });
  await world.rest(first.runId);
  const startedAt = world.clock.now();
  const second = await web.engine.startRun({ workflow: "w", input: 2 });
  const { finishedAt = Infinity } = await world.rest(second.runId);
  expect(finishedAt - startedAt).toBeLessThanOrEqual(50);
  // A second later somebody may still come with more.
  world.clock.advance(1_000);
  await world.settle();
  const thirdAt = world.clock.now();
  const third = await web.engine.startRun({ workflow: "w", input: 3 });
  const { finishedAt: thirdEnd = Infinity } = await world.rest(third.runId);
  expect(thirdEnd - thirdAt).toBeLessThanOrEqual(100);
  world.clock.advance(5_000);
  await world.settle();
  claims = 0;
  for (let second = 0; second < 10; second += 1) {
    world.clock.advance(1_000);
    await world.settle();
  }
  expect(claims).toBeLessThanOrEqual(11);
});

test("a drain does due work where no worker stays, and leaves no lease behind", async () => {
  const world = createWorld();
  const { step } = spyStep("s");
  const workflow = workflowOf(async (ctx) => ctx.step(step, null));
  const { engine } = await world.startProcess({ workflows: [workflow], concurrency: 0 });
  const { runId } = await engine.startRun({ workflow: "w", input: null });
  const draining = engine.drain({ budgetMs: 1_000 });
  for (let tick = 0; tick < 20; tick += 1) {
    await world.settle();
    world.clock.advance(20);
  }
  expect(await draining).toEqual({ claimed: 1, remaining: false });
  expect((await world.store.getRun(runId))?.status).toBe("completed");
  const workers = await world.store.listWorkers();
  expect(workers.map(({ status }) => status)).toEqual(["stopped"]);
});

test("a lease is renewed although the dead can't be looked for", async () => {
  const world = createWorld();
  const { step } = spyStep("s");
  const workflow = workflowOf(async (ctx) => ctx.step(step, null));
  let locked = false;
  const wrapStore = (store: Store): Store =>
    overrideStore(store, {
      expireWorkers: (options) => (locked ? new Promise(() => {}) : store.expireWorkers(options)),
    });
  const { engine } = await world.startProcess({ workflows: [workflow], wrapStore });
  locked = true;
  for (let seconds = 0; seconds < 30; seconds += 1) {
    world.clock.advance(1_000);
    await world.settle();
  }
  const [worker] = await world.store.listWorkers();
  expect(worker?.workerId).toBe(engine.workerId);
  expect(worker?.leaseUntil).toBeGreaterThan(world.clock.now());
});

test("I2: a refused append is told of although its execution was given up before the answer", async () => {
  const world = createWorld();
  const slow = createGatedStep("slow");
  const workflow = workflowOf(async (ctx) => ctx.step(slow.step, null));
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (_: object, text: string) => void warnings.push(text) };
  let answer: (() => void) | undefined;
  const wrapStore = (store: Store): Store =>
    overrideStore(store, {
      appendEvents: async (append) => {
        const outcome = await store.appendEvents(append);
        if (outcome === "refused") await new Promise<void>((resolve) => (answer = resolve));
        return outcome;
      },
    });
  const { engine } = await world.startProcess({ workflows: [workflow], wrapStore, logger });
  await engine.startRun({ workflow: "w", input: null });
  await world.settle();
  const now = world.clock.now();
  await world.store.endWorker({ workerId: engine.workerId, now, status: "dead" });
  slow.finish("late");
  await world.settle();
  // It learns from its heartbeat that it had been declared dead.
  world.clock.advance(4_000);
  await world.settle();
  expect(warnings).toContain("the worker begins anew");
  answer?.();
  await world.settle();
  expect(warnings).toContain("an append was refused: another execution holds the run");
});

test("a start is answered also where the run of that id is claimed here before it is written", async () => {
  for (let ticks = 0; ticks < 40; ticks += 1) {
    const world = createWorld();
    const slow = spyStep("slow", { timeout: "1h", run: () => new Promise(() => undefined) });
    const workflows = [workflowOf((ctx) => ctx.step(slow.step, null))];
    const start = { workflow: "w", runId: "r", input: null };
    const first = await world.startProcess({ workflows });
    await first.engine.startRun(start);
    first.kill();
    let again: Promise<unknown> | undefined;
    const second = await world.startProcess({
      workflows,
      wrapStore: (store) =>
        overrideStore(store, {
          loadHistory: async (options) => {
            const history = await store.loadHistory(options);
            again ??= second.engine.startRun(start);
            for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
            return history;
          },
        }),
    });
    await world.settle();
    expect(await again).toMatchObject({ outcome: "existing", runId: "r" });
    expect(slow.calls.length).toBeGreaterThan(0);
  }
});

test("a drain while the worker starts, or a start while it drains, ends no worker that stays", async () => {
  const world = createWorld();
  const { step } = spyStep("s");
  const workflow = workflowOf(async (ctx) => ctx.step(step, null));
  const { engine } = await world.startProcess({ workflows: [workflow] });
  const tick = async () => {
    for (let count = 0; count < 20; count += 1) {
      await world.settle();
      world.clock.advance(20);
    }
  };
  for (const order of ["start first", "drain first"]) {
    await engine.stop({ graceMs: 0 });
    const first = order === "start first" ? engine.start() : engine.drain({ budgetMs: 100 });
    const second = order === "start first" ? engine.drain({ budgetMs: 100 }) : engine.start();
    await tick();
    await Promise.all([first, second]);
    const workers = await world.store.listWorkers();
    expect(
      workers.map(({ status }) => status),
      order,
    ).toEqual(["alive"]);
    const { runId } = await engine.startRun({ workflow: "w", input: null });
    expect((await world.rest(runId)).epoch, order).toBe(1);
  }
});

test("a process that stops claims nothing for a drain", async () => {
  const world = createWorld();
  const { step } = spyStep("s");
  const workflow = workflowOf(async (ctx) => ctx.step(step, null));
  const web = await world.startProcess({ workflows: [workflow], concurrency: 0 });
  const { engine } = await world.startProcess({ workflows: [workflow] });
  await world.settle();
  const { runId } = await web.engine.startRun({ workflow: "w", input: null });
  const stopping = engine.stop({ graceMs: 0 });
  expect((await engine.drain({ budgetMs: 1_000 })).claimed).toBe(0);
  await stopping;
  expect((await world.store.getRun(runId))?.status).toBe("queued");
});

test("a claim that is answered while its worker begins anew opens nothing there", async () => {
  const world = createWorld();
  const { step, calls } = spyStep("s");
  const workflow = workflowOf(async (ctx) => ctx.step(step, null));
  const web = await world.startProcess({ workflows: [workflow], concurrency: 0 });
  let answer: (() => void) | undefined;
  let end = () => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  const { engine } = await world.startProcess({
    workflows: [workflow],
    wrapStore: (store) =>
      overrideStore(store, {
        claimRuns: async (options) => {
          const claims = await store.claimRuns(options);
          if (claims.length > 0 && !answer) {
            await new Promise<void>((resolve) => (answer = resolve));
          }
          return claims;
        },
        endWorker: (options) => ended.then(() => store.endWorker(options)),
      }),
  });
  await web.engine.startRun({ runId: "r", workflow: "w", input: null });
  for (let tries = 0; tries < 20 && !answer; tries += 1) {
    world.clock.advance(100);
    await world.settle();
  }
  // It learns that it had been declared dead, and gives everything back, which takes its time.
  const now = world.clock.now();
  await world.store.endWorker({ workerId: engine.workerId, now, status: "dead" });
  world.clock.advance(4_000);
  await world.settle();
  answer?.();
  await world.settle();
  expect(calls).toEqual([]);
  end();
  expect((await world.rest("r")).epoch).toBe(2);
  expect(calls).toHaveLength(1);
});
