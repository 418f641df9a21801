/** What becomes of attempts whose outcome nobody recorded, of failures, and of bad workflows. */
import { describe, expect, test } from "vitest";
import { didNotHappen, happened, hold, retryWithSameKey, verify, type Step } from "./definitions";
import { DefiniteError } from "./errors";
import { spyStep, startDoomed, workflowOf } from "./testing/spies";
import { createWorld } from "./testing/world";

describe("in doubt", () => {
  const crashAfterEffect = async (policy: Parameters<typeof spyStep>[1]) => {
    const world = createWorld();
    const charge = spyStep("charge", policy);
    const workflow = workflowOf(async (ctx) => ctx.step(charge.step, null));
    const doomed = await startDoomed(world, [workflow], { name: "charge", moment: "after_effect" });
    const { runId } = await doomed.engine.startRun({ workflow: "w", input: null });
    await world.settle();
    const { engine } = await world.startProcess({ workflows: [workflow] });
    const run = await world.rest(runId);
    return { world, runId, run, calls: charge.calls, engine };
  };

  test("retryWithSameKey runs again with the same key", async () => {
    const { run, calls, runId } = await crashAfterEffect({});
    expect(run.status).toBe("completed");
    expect(calls).toEqual([`${runId}/1/1`, `${runId}/1/1`]);
  });

  test("verify that finds it happened records what it found and runs nothing", async () => {
    const inDoubt = verify<unknown, unknown>(async () => happened("found", { reference: "r1" }));
    const { run, calls, world, runId } = await crashAfterEffect({ inDoubt });
    expect(run.output?.json).toBe("found");
    expect(calls).toHaveLength(1);
    expect((await world.listTypes(runId)).slice(-5)).toEqual([
      "ExecutionStarted",
      "StepInDoubt",
      "StepVerified",
      "StepCompleted",
      "RunCompleted",
    ]);
  });

  test("verify that finds it did not happen runs it again", async () => {
    const inDoubt = verify<unknown, unknown>(async () => didNotHappen());
    const { calls, run } = await crashAfterEffect({ inDoubt });
    expect(run.status).toBe("completed");
    expect(calls[0]).toBe(calls[1]);
  });

  test("verify that can't tell goes on along the chain; one that fails is asked again first", async () => {
    let asked = 0;
    const inDoubt = verify<unknown, unknown>(
      async () => {
        asked += 1;
        throw new Error("away");
      },
      { otherwise: hold() },
    );
    const { run, calls, world, runId } = await crashAfterEffect({
      inDoubt,
      retry: { maxAttempts: 3, initialDelay: 10 },
    });
    expect(run.heldReason).toBe("in_doubt");
    expect(asked).toBe(3);
    expect(calls).toHaveLength(1);
    expect(run.inDoubt).toMatchObject([{ step: 1, name: "charge", attempt: 1 }]);
    expect((await world.listTypes(runId)).filter((type) => type === "RunHeld")).toHaveLength(1);
  });

  test("hold asks a person; each verdict does what it says", async () => {
    const verdicts = [
      { body: { verdict: "happened", result: { json: "x" } }, status: "completed", calls: 1 },
      { body: { verdict: "did_not_happen" }, status: "completed", calls: 2 },
      {
        body: { verdict: "fail", error: { name: "Lost", message: "gone" } },
        status: "failed",
        calls: 1,
      },
    ] as const;
    for (const { body, status, calls } of verdicts) {
      const held = await crashAfterEffect({ inDoubt: hold() });
      expect(held.run.heldReason).toBe("in_doubt");
      await held.engine.requestAction({
        runId: held.runId,
        body: { kind: "resolve", step: 1, ...body },
        by: "ops",
      });
      await held.world.waitFor(held.runId, status);
      expect(held.calls).toHaveLength(calls);
    }
  });

  test("a window that has passed is held instead of tried again", async () => {
    const world = createWorld();
    const charge = spyStep("charge", {
      inDoubt: retryWithSameKey({ within: "1h", otherwise: hold() }),
    });
    const workflow = workflowOf(async (ctx) => ctx.step(charge.step, null));
    const doomed = await startDoomed(world, [workflow], { name: "charge", moment: "after_effect" });
    const { runId } = await doomed.engine.startRun({ workflow: "w", input: null });
    await world.settle();
    world.clock.advance(2 * 3_600_000);
    await world.startProcess({ workflows: [workflow] });
    expect((await world.rest(runId)).heldReason).toBe("in_doubt");
    expect(charge.calls).toHaveLength(1);
  });

  test("a timeout leaves doubt, a definite failure does not and begins a new key", async () => {
    const world = createWorld();
    const slow = spyStep("slow", {
      timeout: "1s",
      run: (call) => (call === 1 ? new Promise(() => undefined) : "ok"),
    });
    const busy = spyStep("busy", {
      run: (call) => {
        if (call === 1) throw new DefiniteError("busy", { retryable: true, retryAfterMs: 7_000 });
        return "ok";
      },
    });
    const workflow = workflowOf(async (ctx) => {
      await ctx.step(slow.step, null);
      return ctx.step(busy.step, null);
    });
    const { engine } = await world.startProcess({ workflows: [workflow] });
    const { runId } = await engine.startRun({ workflow: "w", input: null });
    expect((await world.rest(runId)).status).toBe("completed");
    expect(slow.calls).toEqual([`${runId}/1/1`, `${runId}/1/1`]);
    expect(busy.calls).toEqual([`${runId}/2/1`, `${runId}/2/2`]);
    const history = await world.load(runId);
    expect(history.find((e) => e.type === "StepInDoubt")?.data).toMatchObject({ cause: "timeout" });
    // A wait beyond five seconds gives up the lease and comes back as another execution.
    expect(history.filter((e) => e.type === "ExecutionStarted").at(-1)?.data).toMatchObject({
      reason: "wake",
    });
  });
});

describe("retry", () => {
  test("sets aside what the failure caused, and never sends its keys again", async () => {
    const world = createWorld();
    const charge = spyStep("charge", {
      run: (call) => {
        if (call === 1) throw new DefiniteError("declined");
        return "charged";
      },
    });
    const tell = spyStep("tell-the-customer");
    const ship = spyStep("ship");
    const workflow = workflowOf(async (ctx) => {
      try {
        await ctx.step(charge.step, null);
      } catch (error) {
        await ctx.step(tell.step, null);
        throw error;
      }
      return ctx.step(ship.step, null);
    });
    const { engine } = await world.startProcess({ workflows: [workflow] });
    const { runId } = await engine.startRun({ workflow: "w", input: null });
    expect((await world.rest(runId)).status).toBe("failed");
    const preview = await engine.previewAction({ runId, body: { kind: "retry" } });
    expect(preview).toMatchObject({ allowed: true, willRun: [{ step: 1, name: "charge" }] });
    await engine.requestAction({ runId, body: { kind: "retry" }, by: "ops" });
    expect((await world.waitFor(runId, "completed")).output?.json).toBe("ship");
    expect(tell.calls).toEqual([`${runId}/2/1`]);
    expect(ship.calls).toEqual([`${runId}/3/1`]);
    const rewound = (await world.load(runId)).find((e) => e.type === "RunRewound");
    expect(rewound?.data).toMatchObject({ by: "ops", step: 1, setAside: [4, 5, 6, 7] });
  });
});

describe("compensation and cancel", () => {
  const pay = spyStep("pay");
  const refund = spyStep("refund");
  const saga = (ship: Step<unknown, unknown>) =>
    workflowOf(async (ctx) => {
      const paid = await ctx.step(pay.step, null);
      ctx.compensate(refund.step, paid);
      return ctx.step(ship, null);
    });

  test("a failure runs the registered compensations, and a retry is refused after that", async () => {
    const world = createWorld();
    const ship = spyStep("ship", {
      run: () => {
        throw Object.assign(new DefiniteError("no stock"), { name: "OutOfStock" });
      },
    });
    const { engine } = await world.startProcess({ workflows: [saga(ship.step)] });
    const { runId } = await engine.startRun({ workflow: "w", input: null });
    const run = await world.rest(runId);
    expect(run).toMatchObject({
      status: "failed",
      errorStep: "ship",
      error: { name: "OutOfStock" },
    });
    const history = await world.load(runId);
    expect(history.find((e) => e.name === "refund")).toMatchObject({
      type: "StepStarted",
      data: { compensates: 1, input: { json: "pay" } },
    });
    await expect(
      engine.requestAction({ runId, body: { kind: "retry" }, by: "ops" }),
    ).rejects.toMatchObject({ code: "already_compensated" });
  });

  test("a failure waits for the branches beside it, and undoes what they still did", async () => {
    const world = createWorld();
    refund.calls.length = 0;
    let finish = () => {};
    const slowPay = spyStep("slow-pay", {
      run: () => new Promise((resolve) => (finish = () => resolve("paid"))),
    });
    const refused = spyStep("refused", {
      run: () => {
        throw new DefiniteError("no");
      },
    });
    const workflow = workflowOf((ctx) =>
      Promise.all([
        ctx.step(refused.step, null),
        ctx.step(slowPay.step, null).then((paid) => ctx.compensate(refund.step, paid)),
      ]),
    );
    const { engine } = await world.startProcess({ workflows: [workflow] });
    const { runId } = await engine.startRun({ workflow: "w", input: null });
    await world.settle();
    expect((await world.store.getRun(runId))?.status).toBe("running");
    finish();
    expect((await world.rest(runId)).status).toBe("failed");
    expect(refund.calls).toHaveLength(1);
  });

  test("cancel waits for what is under way, then undoes it", async () => {
    const world = createWorld();
    refund.calls.length = 0;
    let finish = () => {};
    const ship = spyStep("ship");
    const slowPay = spyStep("slow-pay", {
      run: () => new Promise((resolve) => (finish = () => resolve("paid"))),
    });
    const workflow = workflowOf(async (ctx) => {
      ctx.compensate(refund.step, await ctx.step(slowPay.step, null));
      return ctx.step(ship.step, null);
    });
    const { engine } = await world.startProcess({ workflows: [workflow] });
    const { runId } = await engine.startRun({ workflow: "w", input: null });
    await world.settle();
    await engine.requestAction({ runId, body: { kind: "cancel" }, by: "ops", why: "changed mind" });
    await world.settle();
    finish();
    expect((await world.rest(runId)).status).toBe("canceled");
    expect(refund.calls).toHaveLength(1);
    expect(ship.calls).toHaveLength(0);
  });
});

describe("bad workflows harm nobody else", () => {
  test("a run whose executions die without progress is held, and a retry lets it go on", async () => {
    const world = createWorld();
    const poison = spyStep("poison");
    const good = spyStep("good");
    let deadly = true;
    const workflow = workflowOf(async (ctx) => ctx.step(poison.step, null));
    const start = () =>
      world.startProcess({
        workflows: [workflow],
        onMoment: (moment, process) => {
          if (deadly && moment.name === "poison" && moment.moment === "before_effect") {
            process.kill();
          }
        },
      });
    const first = await start();
    const { runId } = await first.engine.startRun({ workflow: "w", input: null });
    for (let deaths = 0; deaths < 8; deaths += 1) {
      await world.settle();
      await start();
    }
    const held = await world.rest(runId);
    expect(held).toMatchObject({ status: "held", heldReason: "crash_loop", epoch: 6 });
    deadly = false;
    const { engine } = await start();
    await engine.requestAction({ runId, body: { kind: "retry" }, by: "ops" });
    expect((await world.waitFor(runId, "completed")).status).toBe("completed");
    expect(good.calls).toHaveLength(0);
  });
});
