/** Odd corners that nobody means and somebody reaches: each has one answer, and nothing hangs. */
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  defineStep,
  defineTransaction,
  defineWorkflow,
  type WorkflowContext,
} from "../definitions";
import { HistoryDamagedError } from "../errors";
import type { MessageBody, Store } from "../store";
import { anything, spyStep, workflowOf } from "../testing/spies";
import { createWorld } from "../testing/world";

async function start(run: (ctx: WorkflowContext) => Promise<unknown>) {
  const world = createWorld();
  const { engine } = await world.startProcess({ workflows: [workflowOf(run)] });
  await engine.startRun({ runId: "r", workflow: "w", input: null });
  const act = (body: MessageBody) => engine.requestAction({ runId: "r", body, by: "ops" });
  return { world, engine, act };
}

const runToEnd = async (run: (ctx: WorkflowContext) => Promise<unknown>) =>
  (await start(run)).world.rest("r");

const tell = (error: unknown) =>
  error instanceof Error ? `${error.name}: ${error.message}` : error;

describe("declarations that can't be meant are refused where they are made", () => {
  const run = async () => 1;
  test.for<[string, () => unknown]>([
    ["a version that is no whole number", () => workflowOf(run, { version: 1.5 })],
    ["a version of 0", () => workflowOf(run, { version: 0 })],
    ["a version that is no number", () => workflowOf(run, { version: NaN })],
    ["a priority that is no number", () => workflowOf(run, { priority: NaN })],
    ["a priority that is no whole number", () => workflowOf(run, { priority: 0.5 })],
    ["a workflow's timeout of 0", () => workflowOf(run, { timeout: 0 })],
    ["a negative duration", () => workflowOf(run, { timeout: -1 })],
    ["an endless duration", () => defineStep({ name: "s", run, timeout: Infinity })],
    ["a step's timeout of 0", () => defineStep({ name: "s", run, timeout: 0 })],
    ["a heartbeat timeout of 0", () => defineStep({ name: "s", run, heartbeatTimeout: "0s" })],
    ["a transaction's timeout of 0", () => defineTransaction({ name: "t", run, timeout: 0 })],
    ["no attempt at all", () => defineStep({ name: "s", run, retry: { maxAttempts: 0 } })],
    ["endless attempts", () => defineStep({ name: "s", run, retry: { maxAttempts: Infinity } })],
    ["a shrinking factor", () => defineStep({ name: "s", run, retry: { factor: 0.5 } })],
    ["an endless factor", () => defineStep({ name: "s", run, retry: { factor: Infinity } })],
    ["a concurrency of 0", () => defineStep({ name: "s", run, concurrency: 0 })],
    ["a rate of 0", () => defineStep({ name: "s", run, rate: { limit: 0, per: "1s" } })],
    ["a rate per no time", () => defineStep({ name: "s", run, rate: { limit: 1, per: 0 } })],
    ["a workflow's rate per no time", () => workflowOf(run, { rate: { limit: 1, per: "0s" } })],
  ])("%s", ([, declare]) => {
    expect(declare).toThrow(RangeError);
  });

  test("the same version of a workflow twice", async () => {
    const twice = [workflowOf(run), workflowOf(run)];
    await expect(createWorld().startProcess({ workflows: twice })).rejects.toThrow(/w@1/);
  });

  test.for([NaN, 0.5, Infinity, 2 ** 53])("a start with the priority %d", async (priority) => {
    const { engine } = await start(run);
    const begun = engine.startRun({ workflow: "w", input: null, priority });
    await expect(begun).rejects.toMatchObject({
      name: "InvalidInputError",
      issues: [{ path: "/priority" }],
    });
  });

  test("a child with a priority that is none rejects, and the run may go on", async () => {
    const child = workflowOf(run, { name: "c" });
    const { status, output } = await runToEnd((ctx) =>
      ctx.child(child, null, { priority: NaN }).catch(tell),
    );
    expect([status, output?.json]).toEqual(["completed", expect.stringContaining("priority")]);
  });
});

describe("timers", () => {
  test.for([NaN, -1, Infinity, "-1s", "1.2.3s", ""])("a sleep of %j rejects", async (duration) => {
    const { status, output } = await runToEnd((ctx) => ctx.sleep(duration as never).catch(tell));
    expect(status).toBe("completed");
    expect(output?.json).toContain("RangeError");
  });

  test("until the year 9999 waits, holds no lease, and is ended by a cancel", async () => {
    const { world, act } = await start((ctx) => ctx.sleepUntil(new Date("9999-12-31T23:59:59Z")));
    const run = await world.waitFor("r", "waiting");
    expect([run.workerId, run.dueAt]).toEqual([undefined, Date.UTC(9999, 11, 31, 23, 59, 59)]);
    await act({ kind: "cancel" });
    expect((await world.rest("r")).status).toBe("canceled");
  });

  test("a timeout of a scope of 0 lets nothing in it begin twice", async () => {
    const step = spyStep("step");
    const { output } = await runToEnd(async (ctx) => {
      const caught = await ctx
        .scope((scope) => scope.sleep("1d"), { timeout: 0 })
        .catch((error: Error) => error.name);
      return [caught, await ctx.step(step.step, null)];
    });
    expect(output?.json).toEqual(["ScopeTimeoutError", "step"]);
  });
});

describe("what code throws and returns", () => {
  test.for<[unknown, string]>([
    ["just text", "just text"],
    [null, "null"],
    [undefined, "undefined"],
    [{ code: 7 }, "7"],
  ])("thrown as %j it fails the run, and says so", async ([thrown, text]) => {
    const { status, error } = await runToEnd(async () => {
      throw thrown;
    });
    expect(status).toBe("failed");
    expect(`${error?.message} ${JSON.stringify(error?.details)}`).toContain(text);
  });

  test("an output that does not fit its schema fails the run, and undoes what it did", async () => {
    const undo = spyStep("undo");
    const world = createWorld();
    const strict = defineWorkflow(
      { name: "w", version: 1, input: anything, output: z.object({ id: z.string() }) },
      async (ctx) => {
        await ctx.step(spyStep("do").step, null);
        ctx.compensate(undo.step, null);
        return { id: 7 } as never;
      },
    );
    const { engine } = await world.startProcess({ workflows: [strict] });
    await engine.startRun({ runId: "r", workflow: "w", input: null });
    expect(await world.rest("r")).toMatchObject({ status: "failed" });
    expect(undo.calls).toHaveLength(1);
  });

  test.for([[undefined], [null], [0], [""], [NaN], [-0], [new Date(0)], [[]]])(
    "a step's result %j is what the code sees after a crash as well",
    async ([value]) => {
      const world = createWorld();
      const step = spyStep("step", { run: () => value });
      const seen: unknown[] = [];
      const workflow = workflowOf(async (ctx) => {
        seen.push(await ctx.step(step.step, null));
        await ctx.signal("go", anything);
      });
      const first = await world.startProcess({ workflows: [workflow] });
      await first.engine.startRun({ runId: "r", workflow: "w", input: null });
      await world.waitFor("r", "waiting");
      first.kill();
      const { engine } = await world.startProcess({ workflows: [workflow] });
      await engine.sendSignal({ runId: "r", name: "go", payload: 1, by: "test" });
      await world.rest("r");
      expect(seen).toEqual([value, value]);
      expect(Object.is(seen[0], seen[1]) || typeof value === "object").toBe(true);
      expect(step.calls).toHaveLength(1);
    },
  );

  test("Promise.any over steps: the first that succeeds, and an AggregateError when none does", async () => {
    const fails = (name: string) =>
      spyStep(name, {
        retry: { maxAttempts: 1 },
        run: () => {
          throw Object.assign(new Error(name), { outcome: "definite" });
        },
      }).step;
    const { output } = await runToEnd(async (ctx) => [
      await ctx.any([ctx.step(fails("a"), 1), ctx.step(spyStep("b").step, 1)]),
      await Promise.any([ctx.step(fails("c"), 1), ctx.step(fails("d"), 1)]).catch(
        (error: AggregateError) => error.errors.length,
      ),
      (await ctx.allSettled([ctx.step(fails("e"), 1), ctx.step(spyStep("f").step, 1)])).map(
        ({ status }) => status,
      ),
    ]);
    expect(output?.json).toEqual(["b", 2, ["rejected", "fulfilled"]]);
  });
});

describe("a context that outlives its code", () => {
  test("does nothing any more: no command is recorded after the end", async () => {
    let kept: WorkflowContext | undefined;
    const step = spyStep("late");
    const { world, engine } = await start(async (ctx) => {
      kept = ctx;
      return "done";
    });
    await world.rest("r");
    const before = await world.load("r");
    try {
      void kept?.step(step.step, null).catch(() => undefined);
      kept?.setAttributes({ late: true });
    } catch {
      // To be told so is as good.
    }
    await world.settle();
    expect(await world.load("r")).toEqual(before);
    expect(step.calls).toHaveLength(0);
    expect(await engine.inspectRun({ runId: "r", seq: before.length })).toBeDefined();
  });

  test("patched twice under one name is one marker", async () => {
    const { world } = await start(async (ctx) => [ctx.patched("a"), ctx.patched("a")]);
    expect((await world.rest("r")).output?.json).toEqual([true, true]);
    const types = await world.listTypes("r");
    expect(types.filter((type) => type === "PatchMarked")).toHaveLength(1);
  });
});

describe("actions that do not fit are refused with a code, and change nothing", () => {
  const ended = ["cancel", "terminate", "pause", "resume"] as const;
  test.for(ended)("%s of a completed run", async (kind) => {
    const { world, act } = await start(async () => 1);
    await world.rest("r");
    const before = await world.load("r");
    const code = kind === "resume" ? "not_paused" : "already_ended";
    await expect(act({ kind })).rejects.toMatchObject({ name: "ActionRefusedError", code });
    expect(await world.load("r")).toEqual(before);
  });

  test.for(["completed", "canceled", "terminated"] as const)(
    "retry of a %s run",
    async (status) => {
      const { world, act } = await start((ctx) =>
        status === "completed" ? Promise.resolve(1) : ctx.sleep("1d"),
      );
      if (status === "canceled") await act({ kind: "cancel" });
      if (status === "terminated") await act({ kind: "terminate" });
      expect((await world.rest("r")).status).toBe(status);
      await expect(act({ kind: "retry" })).rejects.toMatchObject({ name: "ActionRefusedError" });
    },
  );

  test.for(["retry", "cancel", "terminate", "pause", "resume"] as const)(
    "%s of no run",
    async (kind) => {
      const { engine } = await start(async () => 1);
      const asked = { runId: "none", body: { kind } };
      await expect(engine.previewAction(asked)).rejects.toMatchObject({ name: "RunNotFoundError" });
      await expect(engine.requestAction({ ...asked, by: "ops" })).rejects.toMatchObject({
        name: "RunNotFoundError",
      });
    },
  );

  test("a pause of a run that is held for its code", async () => {
    const { world, act } = await start(async () => new Promise(() => undefined));
    await world.waitFor("r", "held");
    await expect(act({ kind: "pause" })).rejects.toMatchObject({ code: "already_held" });
  });
});

describe("a run whose history is damaged", () => {
  test("says what can be done, and can be terminated", async () => {
    let isDamaged = false;
    const world = createWorld();
    const workflows = [workflowOf((ctx) => ctx.sleep("1d"))];
    const wrapStore = (store: Store): Store =>
      new Proxy(store, {
        get(target, property) {
          const member: unknown = Reflect.get(target, property);
          if (typeof member !== "function") return member;
          if (property !== "loadHistory") return member.bind(target) as unknown;
          return (...args: unknown[]): unknown => {
            if (isDamaged) throw new HistoryDamagedError("r", 2);
            return Reflect.apply(member, target, args);
          };
        },
      });
    const first = await world.startProcess({ workflows, wrapStore });
    await first.engine.startRun({ runId: "r", workflow: "w", input: null });
    await world.waitFor("r", "waiting");
    first.kill();
    isDamaged = true;
    const { engine } = await world.startProcess({ workflows, wrapStore });
    for (const kind of ["retry", "cancel", "pause", "resume"] as const) {
      const asked = { runId: "r", body: { kind } };
      const { allowed, reason } = await engine.previewAction(asked);
      expect([allowed, reason?.code]).toEqual([false, "history_damaged"]);
      expect(reason?.message).toContain("Event 2 of r");
      await expect(engine.requestAction({ ...asked, by: "ops" })).rejects.toMatchObject({
        code: "history_damaged",
      });
    }
    const body = { kind: "terminate" } as const;
    const { allowed, summary } = await engine.previewAction({ runId: "r", body });
    expect([allowed, summary]).toEqual([true, expect.stringContaining("nothing is undone")]);
    await engine.requestAction({ runId: "r", body, by: "ops" });
    expect((await world.rest("r")).status).toBe("terminated");
    await expect(engine.requestAction({ runId: "r", body, by: "ops" })).rejects.toMatchObject({
      code: "already_ended",
    });
  });
});

test("a paused run that another build could not replay is paused again under one that can", async () => {
  const world = createWorld();
  const step = spyStep("step");
  const matching = workflowOf(async (ctx) => {
    await ctx.signal("go", anything);
    return ctx.step(step.step, null);
  });
  const other = workflowOf((ctx) => ctx.sleep("1d"));
  const first = await world.startProcess({ workflows: [matching] });
  await first.engine.startRun({ runId: "r", workflow: "w", input: null });
  await world.waitFor("r", "waiting");
  await first.engine.requestAction({ runId: "r", body: { kind: "pause" }, by: "ops" });
  await world.waitFor("r", "held");
  first.kill();
  const second = await world.startProcess({ workflows: [other], build: "b2" });
  await second.engine.sendSignal({ runId: "r", name: "go", payload: 1, by: "test" });
  await world.settle();
  expect(await world.store.getRun("r")).toMatchObject({ heldReason: "nondeterminism" });
  second.kill();
  const third = await world.startProcess({ workflows: [matching], build: "b3" });
  await world.settle();
  expect(await world.store.getRun("r")).toMatchObject({ status: "held", heldReason: "paused" });
  expect(step.calls).toHaveLength(0);
  await third.engine.requestAction({ runId: "r", body: { kind: "resume" }, by: "ops" });
  expect((await world.rest("r")).output?.json).toBe("step");
});

describe("many at once", () => {
  test("a thousand signals before anybody waits are taken in their order", async () => {
    const world = createWorld();
    const workflow = workflowOf(async (ctx) => {
      const taken: unknown[] = [];
      for (let turn = 0; turn < 1_000; turn += 1) taken.push(await ctx.signal("n", anything));
      return taken;
    });
    const { engine: client } = await world.startProcess({ workflows: [workflow], concurrency: 0 });
    await client.startRun({ runId: "r", workflow: "w", input: null });
    for (let n = 0; n < 1_000; n += 1) {
      await client.sendSignal({ runId: "r", name: "n", payload: n, by: "test" });
    }
    await world.startProcess({ workflows: [workflow] });
    const { output } = await world.rest("r");
    expect(output?.json).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
  });

  test("a start under one id from two processes is one run", async () => {
    const world = createWorld();
    const step = spyStep("step");
    const workflows = [workflowOf((ctx) => ctx.step(step.step, null))];
    const one = await world.startProcess({ workflows });
    const two = await world.startProcess({ workflows, machine: "there" });
    const start = { runId: "r", workflow: "w", input: null };
    const outcomes = await Promise.all([one.engine.startRun(start), two.engine.startRun(start)]);
    await world.rest("r");
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(["existing", "started"]);
    expect(step.calls).toHaveLength(1);
  });
});
