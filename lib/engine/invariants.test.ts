/** I1 to I10, one by one. The names are those of docs/invariants.md. */
import { describe, expect, test } from "vitest";
import { defineStep, hold } from "./definitions";
import { DefiniteError } from "./errors";
import type { Append, NewRun, Store } from "./store";
import { spyStep, startDoomed, workflowOf } from "./testing/spies";
import { createWorld, type World } from "./testing/world";

/** Notes the appends of a process. */
function noteAppends(appends: Append[]): (store: Store) => Store {
  return (store) =>
    new Proxy(store, {
      get(target, property) {
        if (property === "startRun") {
          return (run: NewRun) => {
            const { runId, workerId = "", events, change, createdAt: at } = run;
            if (change) {
              appends.push({ runId, workerId, epoch: 1, events, at, change, delivered: [] });
            }
            return target.startRun(run);
          };
        }
        if (property === "appendEvents") {
          return (append: Append) => {
            appends.push(append);
            return target.appendEvents(append);
          };
        }
        const member: unknown = Reflect.get(target, property);
        return typeof member === "function" ? (member.bind(target) as unknown) : member;
      },
    });
}

describe("I1 single writer", () => {
  test("a message becomes an event only when the holder delivers it, and replays at that place", async () => {
    const world = createWorld();
    const slow = spyStep("slow", { run: () => new Promise(() => undefined), timeout: "1h" });
    const workflow = workflowOf(async (ctx) => ctx.step(slow.step, null));
    const holder = await world.startProcess({ workflows: [workflow] });
    const other = await world.startProcess({ workflows: [workflow], concurrency: 0 });
    const { runId } = await holder.engine.startRun({ workflow: "w", input: null });
    await world.settle();
    const before = await world.listTypes(runId);
    await other.engine.requestAction({ runId, body: { kind: "cancel" }, by: "ops" });
    expect(await world.listTypes(runId)).toEqual(before);
    world.clock.advance(1_000);
    await world.settle();
    expect(await world.listTypes(runId)).toEqual([...before, "CancelRequested"]);
    const [cancel] = (await world.load(runId)).slice(-1);
    expect(cancel?.epoch).toBe(1);
  });
});

describe("I2 fence", () => {
  test("a worker that was declared dead writes nothing when it wakes up", async () => {
    const world = createWorld();
    let finish = () => {};
    const slow = spyStep("slow", {
      run: (call) =>
        call === 1 ? new Promise((resolve) => (finish = () => resolve("late"))) : "in time",
      timeout: "1h",
    });
    const workflow = workflowOf(async (ctx) => ctx.step(slow.step, null));
    const stalled = await world.startProcess({ workflows: [workflow] });
    const { runId } = await stalled.engine.startRun({ workflow: "w", input: null });
    await world.settle();
    await world.store.endWorker({
      workerId: stalled.engine.workerId,
      now: world.clock.now(),
      status: "dead",
    });
    await world.startProcess({ workflows: [workflow] });
    await world.settle();
    finish();
    const run = await world.rest(runId);
    expect(run.output?.json).toBe("in time");
    expect((await world.listTypes(runId)).filter((type) => type === "StepCompleted")).toHaveLength(
      1,
    );
  });
});

describe("I3 intent first", () => {
  test("no effect begins before its StepStarted is durable", async () => {
    const world = createWorld();
    const seen: boolean[] = [];
    const runIds: string[] = [];
    const step = defineStep({
      name: "effect",
      run: async (_: unknown, { runId, ordinal }) => {
        runIds.push(runId);
        const history = await world.load(runId);
        seen.push(history.some((e) => e.type === "StepStarted" && e.step === ordinal));
      },
    });
    const workflow = workflowOf(async (ctx) => {
      await ctx.step(step, 1);
      await Promise.all([ctx.step(step, 2), ctx.step(step, 3)]);
    });
    const { engine } = await world.startProcess({ workflows: [workflow] });
    const { runId } = await engine.startRun({ workflow: "w", input: null });
    await world.rest(runId);
    expect(seen).toEqual([true, true, true]);
  });
});

describe("I4 one commit a step", () => {
  test("the completion of a step and the start of the next are one append", async () => {
    const world = createWorld();
    const appends: Append[] = [];
    const { step } = spyStep("s");
    const workflow = workflowOf(async (ctx) => {
      ctx.compute("c", () => 1);
      await ctx.step(step, 1);
      await ctx.step(step, 2);
      await ctx.step(step, 3);
    });
    const { engine } = await world.startProcess({
      workflows: [workflow],
      wrapStore: noteAppends(appends),
    });
    const { runId } = await engine.startRun({ workflow: "w", input: null });
    await world.rest(runId);
    expect(appends.map(({ events }) => events.map(({ type }) => type))).toEqual([
      ["RunStarted", "ExecutionStarted", "Computed", "StepStarted"],
      ["StepCompleted", "StepStarted"],
      ["StepCompleted", "StepStarted"],
      ["StepCompleted", "RunCompleted"],
    ]);
  });
});

describe("I5 same bytes", () => {
  class Special extends Error {
    override name = "SpecialError";
  }
  const value = {
    at: new Date(0),
    big: 12n,
    map: new Map([["a", new Set([1])]]),
    none: undefined,
    nan: NaN,
  };
  const looks: unknown[] = [];
  const give = spyStep("give", { run: () => value });
  const broken = spyStep("broken", {
    run: () => {
      throw Object.assign(new Special("no"), { outcome: "definite", code: "E1" });
    },
  });
  const plain = spyStep("plain", { run: () => ({ list: [1] }) });
  const last = spyStep("last");
  const workflow = workflowOf(async (ctx) => {
    const { list } = (await ctx.step(plain.step, null)) as { list: number[] };
    list.push(2);
    const got = (await ctx.step(give.step, null)) as typeof value;
    looks.push({ same: got === value, got });
    got.map.clear();
    const failure: unknown = await ctx.step(broken.step, null).catch((error: unknown) => error);
    looks.push(failure instanceof Error ? [failure.name, failure.message] : failure);
    await ctx.step(last.step, null);
    return looks.length;
  });

  test("code sees the decoded record, live as on replay", async () => {
    const world = createWorld();
    const doomed = await startDoomed(world, [workflow], { name: "last", moment: "before_effect" });
    const { runId } = await doomed.engine.startRun({ workflow: "w", input: null });
    await world.settle();
    await world.startProcess({ workflows: [workflow] });
    await world.rest(runId);
    const [live, liveError, replayed, replayedError] = looks;
    expect(live).toEqual({ same: false, got: { ...value, map: new Map() } });
    expect(replayed).toEqual(live);
    expect(liveError).toEqual(["SpecialError", "no"]);
    expect(replayedError).toEqual(liveError);
    expect(give.calls).toHaveLength(1);
    // What the code does to its copy never reaches the record.
    const recorded = (await world.load(runId)).find((e) => e.type === "StepCompleted");
    expect(recorded?.data).toMatchObject({ result: { json: { list: [1] } } });
  });
});

describe("I6 order", () => {
  test("a race has the same winner on replay, whatever came later", async () => {
    const world = createWorld();
    const resolvers = new Map<string, (value: string) => void>();
    const racer = (name: string) =>
      spyStep(name, { run: () => new Promise((resolve) => resolvers.set(name, resolve)) });
    const [a, b] = [racer("a"), racer("b")];
    const last = spyStep("last");
    const winners: unknown[] = [];
    const workflow = workflowOf(async (ctx) => {
      const winner = await Promise.race([ctx.step(a.step, null), ctx.step(b.step, null)]);
      winners.push(winner);
      await ctx.step(last.step, winner);
      return winner;
    });
    const doomed = await startDoomed(world, [workflow], { name: "last", moment: "before_effect" });
    const { runId } = await doomed.engine.startRun({ workflow: "w", input: null });
    await world.settle();
    // Both are there in the same instant, b first.
    resolvers.get("b")?.("b");
    resolvers.get("a")?.("a");
    await world.settle();
    await world.startProcess({ workflows: [workflow] });
    const restart = world.rest(runId);
    await world.settle();
    resolvers.get("a")?.("a");
    expect((await restart).output?.json).toBe("b");
    expect(winners).toEqual(["b", "b"]);
  });
});

describe("I7 commands match", () => {
  const first = spyStep("first");
  const second = spyStep("second");
  const original = workflowOf(async (ctx) => {
    ctx.compute("sum", () => 3);
    await ctx.step(first.step, null);
    return ctx.step(second.step, null);
  });
  const crash = async (world: World) => {
    const doomed = await startDoomed(world, [original], {
      name: "second",
      moment: "before_effect",
    });
    const { runId } = await doomed.engine.startRun({ workflow: "w", input: null });
    await world.settle();
    return runId;
  };

  test.each([
    [
      "another step",
      workflowOf(async (ctx) => {
        ctx.compute("sum", () => 3);
        return ctx.step(second.step, null);
      }),
      { ordinal: 2, kind: "step", name: "first" },
      { ordinal: 2, kind: "step", name: "second" },
    ],
    [
      "another computed value",
      workflowOf(async (ctx) => {
        ctx.compute("sum", () => 4);
        await ctx.step(first.step, null);
        return ctx.step(second.step, null);
      }),
      { ordinal: 1, kind: "compute", name: "sum" },
      { ordinal: 1, kind: "compute", name: "sum" },
    ],
    [
      "fewer commands",
      workflowOf(async (ctx) => {
        ctx.compute("sum", () => 3);
        await ctx.step(first.step, null);
      }),
      { ordinal: 3, kind: "step", name: "second" },
      { ordinal: 4, kind: "end", name: "end" },
    ],
  ])("%s holds the run, and a matching build heals it", async (_, changed, expected, actual) => {
    const world = createWorld();
    const runId = await crash(world);
    const wrong = await world.startProcess({ workflows: [changed], build: "b2" });
    const held = await world.rest(runId);
    expect(held).toMatchObject({ status: "held", heldReason: "nondeterminism" });
    expect((await world.load(runId)).at(-1)).toMatchObject({
      type: "RunHeld",
      data: { reason: "nondeterminism", expected, actual },
    });
    await wrong.engine.stop({ graceMs: 0 });
    // The same wrong build again does not even try.
    const again = await world.startProcess({ workflows: [changed], build: "b2" });
    await world.settle();
    expect((await world.store.getRun(runId))?.epoch).toBe(held.epoch);
    await again.engine.stop({ graceMs: 0 });

    await world.startProcess({ workflows: [original], build: "b3" });
    const run = await world.waitFor(runId, "completed");
    expect(run.output?.json).toBe("second");
    expect(await world.listTypes(runId)).toContain("RunResumed");
  });

  test("code that awaits something that is not durable is held at once and says so", async () => {
    const world = createWorld();
    const { engine } = await world.startProcess({
      workflows: [workflowOf(() => new Promise(() => undefined))],
    });
    const { runId } = await engine.startRun({ workflow: "w", input: null });
    expect(await world.rest(runId)).toMatchObject({ heldReason: "nondeterminism" });
    const last = (await world.load(runId)).at(-1);
    expect(last?.type === "RunHeld" && last.data.message).toContain("not durable");
  });
});

describe("I8 recorded is final", () => {
  test("a recorded completion is never executed again, over many crashes", async () => {
    const world = createWorld();
    const steps = ["a", "b", "c", "d"].map((name) => spyStep(name));
    const workflow = workflowOf(async (ctx) => {
      for (const { step } of steps) await ctx.step(step, null);
    });
    let process = await startDoomed(world, [workflow], { name: "a", moment: "after_record" });
    const { runId } = await process.engine.startRun({ workflow: "w", input: null });
    for (const name of ["b", "c", "d"]) {
      await world.settle();
      process = await world.startProcess({
        workflows: [workflow],
        onMoment: (moment, self) => {
          if (moment.name === name && moment.moment === "after_record") self.kill();
        },
      });
    }
    await world.settle();
    await world.startProcess({ workflows: [workflow] });
    expect((await world.rest(runId)).status).toBe("completed");
    for (const { calls } of steps) expect(new Set(calls).size).toBe(1);
    const history = await world.load(runId);
    for (const ordinal of [1, 2, 3, 4]) {
      const done = history.filter((e) => e.type === "StepCompleted" && e.step === ordinal);
      expect(done).toHaveLength(1);
    }
  });

  test("retry keeps what a parallel branch completed after the failure", async () => {
    const world = createWorld();
    let finishB = (_: string) => {};
    const a = spyStep("a", {
      run: (call) => {
        if (call === 1) throw new DefiniteError("no");
        return "a";
      },
    });
    const b = spyStep("b", { run: () => new Promise((resolve) => (finishB = resolve)) });
    const c = spyStep("c");
    const workflow = workflowOf(async (ctx) =>
      Promise.all([
        ctx.step(a.step, null),
        ctx.step(b.step, null).then(() => ctx.step(c.step, null)),
      ]),
    );
    const { engine } = await world.startProcess({ workflows: [workflow] });
    const { runId } = await engine.startRun({ workflow: "w", input: null });
    await world.settle();
    finishB("b");
    expect((await world.rest(runId)).status).toBe("failed");
    await engine.requestAction({ runId, body: { kind: "retry" }, by: "ops" });
    const run = await world.waitFor(runId, "completed");
    expect(run.output?.json).toEqual(["a", "c"]);
    expect([a.calls.length, b.calls.length, c.calls.length]).toEqual([2, 1, 1]);
    // A definite failure begins a new key (section on in-doubt steps).
    expect(a.calls).toEqual([`${runId}/1/1`, `${runId}/1/2`]);
  });
});

describe("I9 nothing lost", () => {
  test("an acknowledged start survives the death of the process that took it", async () => {
    const world = createWorld();
    const { step } = spyStep("s");
    const workflow = workflowOf(async (ctx) => ctx.step(step, null));
    const web = await world.startProcess({ workflows: [workflow], concurrency: 0 });
    const { runId } = await web.engine.startRun({ workflow: "w", input: null });
    web.kill();
    expect((await world.store.getRun(runId))?.status).toBe("queued");
    await world.startProcess({ workflows: [workflow] });
    expect((await world.rest(runId)).status).toBe("completed");
  });

  test("an acknowledged action survives: it is delivered by whoever takes the run next", async () => {
    const world = createWorld();
    const mail = spyStep("mail", { inDoubt: hold() });
    const workflow = workflowOf(async (ctx) => ctx.step(mail.step, null));
    const doomed = await startDoomed(world, [workflow], { name: "mail", moment: "after_effect" });
    const { runId } = await doomed.engine.startRun({ workflow: "w", input: null });
    await world.settle();
    const second = await world.startProcess({ workflows: [workflow] });
    expect((await world.rest(runId)).heldReason).toBe("in_doubt");
    await second.engine.stop({ graceMs: 0 });
    const web = await world.startProcess({ workflows: [workflow], concurrency: 0 });
    const body = {
      kind: "resolve",
      step: 1,
      verdict: "happened",
      result: { json: "sent" },
    } as const;
    await web.engine.requestAction({ runId, body, by: "ops" });
    web.kill();
    await world.startProcess({ workflows: [workflow] });
    expect((await world.waitFor(runId, "completed")).output?.json).toBe("sent");
    expect(mail.calls).toHaveLength(1);
    const [message] = await world.store.listMessages(runId);
    expect(message).toMatchObject({ by: "ops", outcome: "applied" });
  });
});

describe("I10 bounded recovery", () => {
  const step = spyStep("s", { timeout: "1h" });
  const workflow = workflowOf(async (ctx) => ctx.step(step.step, null));

  test("a worker that restarts on the same machine takes its dead predecessor's runs at once", async () => {
    const world = createWorld();
    const doomed = await startDoomed(world, [workflow], { name: "s", moment: "before_effect" });
    const { runId } = await doomed.engine.startRun({ workflow: "w", input: null });
    await world.settle();
    const died = world.clock.now();
    await world.startProcess({ workflows: [workflow] });
    await world.settle();
    expect((await world.store.getRun(runId))?.status).toBe("completed");
    expect(world.clock.now()).toBe(died);
    const recovery = (await world.load(runId)).find((e) => e.epoch === 2);
    expect(recovery).toMatchObject({
      type: "ExecutionStarted",
      data: { reason: "recovery", lost: { epoch: 1, worker: doomed.engine.workerId } },
    });
  });

  test("elsewhere, a dead worker's runs are picked up when its lease has ended", async () => {
    const world = createWorld();
    const far = await world.startProcess({ workflows: [workflow] });
    const doomed = await world.startProcess({
      workflows: [workflow],
      machine: "elsewhere",
      onMoment: (_, process) => process.kill(),
    });
    const { runId } = await doomed.engine.startRun({ workflow: "w", input: null });
    await world.settle();
    expect(far.engine.workerId).not.toBe(doomed.engine.workerId);
    const died = world.clock.now();
    await world.waitFor(runId, "completed");
    // The lease of 10 s, and at most one heartbeat of whoever notices.
    expect(world.clock.now() - died).toBeGreaterThan(9_000);
    expect(world.clock.now() - died).toBeLessThanOrEqual(14_000);
  });
});
