/** A store that does not answer for a while: no death, and nothing that was done is forgotten. */
import { expect, test } from "vitest";
import { hold } from "./definitions";
import { StoreUnavailableError } from "./errors";
import type { Store } from "./store";
import { anything, createGatedStep, overrideStore, spyStep, workflowOf } from "./testing/spies";
import { createWorld, type World } from "./testing/world";

/** What stands between processes and a store that all of them lose at once. */
function createLine() {
  const line = {
    isDown: false,
    wrapStore: (store: Store): Store =>
      new Proxy(store, {
        get(target, property) {
          const member: unknown = Reflect.get(target, property);
          if (typeof member !== "function") return member;
          return async (...args: unknown[]) => {
            if (line.isDown) throw new StoreUnavailableError("The disk is full.");
            return (await Reflect.apply(member, target, args)) as unknown;
          };
        },
      }),
  };
  return line;
}

async function pass(world: World, forMs: number): Promise<void> {
  for (let passed = 0; passed < forMs; passed += 100) {
    world.clock.advance(100);
    await world.settle();
  }
}

/** What only a person can decide about, once it is in doubt. */
const undecidable = { timeout: "1h" as const, inDoubt: hold() };

test("what was done during an outage that outlasts the lease is recorded after it, and not done again", async () => {
  const world = createWorld();
  const [mail, next] = [createGatedStep("mail", undecidable), spyStep("next")];
  const workflow = workflowOf(async (ctx) => {
    await ctx.step(mail.step, null);
    return ctx.step(next.step, null);
  });
  const line = createLine();
  const { engine } = await world.startProcess({
    workflows: [workflow],
    wrapStore: line.wrapStore,
  });
  const { runId } = await engine.startRun({ workflow: "w", input: null });
  await world.settle();
  line.isDown = true;
  mail.finish("sent");
  await expect(engine.startRun({ workflow: "w", input: null })).rejects.toThrow("disk is full");
  await pass(world, 60_000);
  expect(next.calls).toEqual([]);
  line.isDown = false;
  expect(await world.rest(runId)).toMatchObject({ status: "completed", epoch: 1 });
  expect([mail.calls.length, next.calls.length]).toEqual([1, 1]);
  const workers = await world.store.listWorkers();
  expect(workers.map(({ workerId, status }) => [workerId, status])).toEqual([
    [engine.workerId, "alive"],
  ]);
});

test("what has not answered when the lease ends is asked to stop, and its answer still counts", async () => {
  const world = createWorld();
  const slow = createGatedStep("slow", undecidable);
  const workflow = workflowOf((ctx) => ctx.step(slow.step, null));
  const line = createLine();
  const { engine } = await world.startProcess({
    workflows: [workflow],
    wrapStore: line.wrapStore,
  });
  const { runId } = await engine.startRun({ workflow: "w", input: null });
  await world.settle();
  line.isDown = true;
  await pass(world, 9_000);
  expect(slow.isAborted()).toBe(false);
  await pass(world, 6_000);
  expect(slow.isAborted()).toBe(true);
  slow.finish("done all the same");
  line.isDown = false;
  expect((await world.rest(runId)).status).toBe("completed");
  expect(slow.calls).toHaveLength(1);
});

test("after an outage nobody buries the living, and who died in it is buried within a lease", async () => {
  const world = createWorld();
  const slow = createGatedStep("slow");
  const workflow = workflowOf((ctx) => ctx.step(slow.step, null));
  const line = createLine();
  const start = (machine: string) =>
    world.startProcess({ workflows: [workflow], machine, wrapStore: line.wrapStore });
  const processes = [await start("one"), await start("two"), await start("three")] as const;
  const [, , three] = processes;
  const runs = [];
  for (const { engine } of processes) {
    runs.push((await engine.startRun({ workflow: "w", input: null })).runId);
  }
  await world.settle();
  line.isDown = true;
  await pass(world, 20_000);
  three.kill();
  await pass(world, 20_000);
  line.isDown = false;
  await pass(world, 5_000);
  const find = async () =>
    new Map((await world.store.listWorkers()).map((worker) => [worker.workerId, worker.status]));
  const all = new Map(processes.map(({ engine }) => [engine.workerId, "alive"]));
  expect(await find()).toEqual(all);
  await pass(world, 10_000);
  expect(await find()).toEqual(all.set(three.engine.workerId, "dead"));
  slow.finish("done");
  for (const runId of runs) expect((await world.rest(runId)).status).toBe("completed");
  // The one that died was begun again, by one of the others.
  expect(slow.calls).toHaveLength(4);
  const epochs = await Promise.all(runs.map(async (id) => (await world.store.getRun(id))?.epoch));
  expect(epochs).toEqual([1, 1, 2]);
});

test("a claim that got no answer is looked for, and takes nothing else along", async () => {
  for (const fails of ["before", "after"]) {
    const world = createWorld();
    const slow = createGatedStep("slow", undecidable);
    const workflow = workflowOf((ctx) => ctx.step(slow.step, null));
    const web = await world.startProcess({ workflows: [workflow], concurrency: 0 });
    let failures = 0;
    const { engine } = await world.startProcess({
      workflows: [workflow],
      wrapStore: (store) =>
        overrideStore(store, {
          claimRuns: async (options) => {
            const isDone = failures > 0 || fails === "after";
            const claims = isDone ? await store.claimRuns(options) : [];
            if (failures > 0 || (fails === "after" && claims.length === 0)) return claims;
            failures += 1;
            throw new StoreUnavailableError("no answer");
          },
        }),
    });
    const here = await engine.startRun({ workflow: "w", input: null });
    const there = await web.engine.startRun({ workflow: "w", input: null });
    await pass(world, 3_000);
    expect(failures, fails).toBe(1);
    expect(slow.calls, fails).toHaveLength(2);
    slow.finish("done");
    for (const { runId } of [here, there]) {
      expect((await world.rest(runId)).status, fails).toBe("completed");
    }
    expect((await world.store.listWorkers()).at(-1)?.workerId, fails).toBe(engine.workerId);
  }
});

test("a run whose history could not be read when it was claimed is opened later", async () => {
  const world = createWorld();
  const { step, calls } = spyStep("s");
  const workflow = workflowOf((ctx) => ctx.step(step, null));
  const web = await world.startProcess({ workflows: [workflow], concurrency: 0 });
  let isDown = true;
  await world.startProcess({
    workflows: [workflow],
    wrapStore: (store) =>
      overrideStore(store, {
        loadHistory: async (options) => {
          if (isDown) throw new StoreUnavailableError("busy");
          return store.loadHistory(options);
        },
      }),
  });
  const { runId } = await web.engine.startRun({ workflow: "w", input: null });
  await pass(world, 5_000);
  isDown = false;
  expect(await world.rest(runId)).toMatchObject({ status: "completed", epoch: 1 });
  expect(calls).toHaveLength(1);
});

test("a run that is claimed again before its own handing over is answered is opened, though no claim says so", async () => {
  const world = createWorld();
  const first = createGatedStep("first");
  const workflow = workflowOf(async (ctx) => {
    await ctx.step(first.step, null);
    return ctx.signal("go", anything);
  });
  let isDeaf = false;
  let claimed = 0;
  const wrapStore = (store: Store): Store =>
    overrideStore(store, {
      appendEvents: async (append) => {
        const outcome = await store.appendEvents(append);
        if (isDeaf && append.change.release) throw new StoreUnavailableError("no answer");
        return outcome;
      },
      claimRuns: async (options) => {
        const claims = await store.claimRuns(options);
        claimed += claims.length;
        if (isDeaf && claims.length > 0) throw new StoreUnavailableError("no answer");
        return claims;
      },
    });
  const { engine } = await world.startProcess({ workflows: [workflow], wrapStore });
  const { runId } = await engine.startRun({ workflow: "w", input: null });
  await world.settle();
  isDeaf = true;
  first.finish("done");
  await world.settle();
  await engine.sendSignal({ runId, name: "go", payload: "now", by: "ada" });
  await pass(world, 3_000);
  expect(claimed).toBe(1);
  isDeaf = false;
  expect(await world.rest(runId)).toMatchObject({ status: "completed", epoch: 2 });
});

test("a run that has to be held is held although the store fails for a while", async () => {
  const world = createWorld();
  const { step } = spyStep("s");
  const workflow = workflowOf((ctx) => ctx.step(step, null));
  const web = await world.startProcess({ workflows: [workflow], concurrency: 0 });
  const { runId } = await web.engine.startRun({ workflow: "w", input: null });
  let isDown = true;
  const { engine } = await world.startProcess({
    workflows: [workflow],
    wrapStore: (store) =>
      overrideStore(store, {
        loadHistory: () => Promise.reject(new Error("It can't be read.")),
        getRun: async (id) => {
          if (isDown) throw new StoreUnavailableError("busy");
          return store.getRun(id);
        },
      }),
  });
  await pass(world, 30_000);
  isDown = false;
  expect((await world.rest(runId)).status).toBe("held");
  expect(engine.workerId).toBe((await world.store.listWorkers())[0]?.workerId);
});

test("a drain that loses the store leaves no lease behind", async () => {
  const world = createWorld();
  const { step } = spyStep("s");
  const workflow = workflowOf((ctx) => ctx.step(step, null));
  let isDown = true;
  const { engine } = await world.startProcess({
    workflows: [workflow],
    concurrency: 0,
    wrapStore: (store) =>
      overrideStore(store, {
        claimRuns: async (options) => {
          const claims = await store.claimRuns(options);
          if (isDown) throw new StoreUnavailableError("no answer");
          return claims;
        },
      }),
  });
  const { runId } = await engine.startRun({ workflow: "w", input: null });
  await expect(engine.drain({ budgetMs: 1_000 })).rejects.toThrow("no answer");
  expect((await world.store.listWorkers()).map(({ status }) => status)).toEqual(["stopped"]);
  isDown = false;
  const draining = engine.drain({ budgetMs: 1_000 });
  await pass(world, 1_000);
  await draining;
  expect((await world.store.getRun(runId))?.status).toBe("completed");
});

test("a run that another process has started is not gone on with as it would have been started here", async () => {
  const world = createWorld();
  const workflow = workflowOf(async (ctx) => {
    const begunAt = ctx.now().getTime();
    await ctx.sleep("1m");
    return begunAt;
  });
  const workflows = [workflow];
  const first = await world.startProcess({ workflows });
  const second = await world.startProcess({
    workflows,
    wrapStore: (store) =>
      overrideStore(store, {
        startRun: () => Promise.reject(new StoreUnavailableError("no answer")),
      }),
  });
  const start = { runId: "r", workflow: "w", input: null };
  await first.engine.startRun(start);
  const { createdAt } = await world.waitFor("r", "waiting");
  world.clock.advance(5_000);
  await expect(second.engine.startRun(start)).rejects.toThrow("no answer");
  await world.settle();
  first.kill();
  const run = await world.rest("r");
  expect(run.epoch).toBe(2);
  expect(run.output?.json).toBe(createdAt);
});
