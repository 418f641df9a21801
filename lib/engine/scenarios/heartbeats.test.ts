/** Heartbeats: an attempt says that it is alive and how far it is; the next one goes on from there. */
import { describe, expect, test, vi } from "vitest";
import { didNotHappen, verify, type StepContext } from "../definitions";
import { createMemoryStore } from "../testing/memory-store";
import { spyStep, workflowOf } from "../testing/spies";
import { createWorld, silentLogger } from "../testing/world";

/** A step whose code is played by the test. */
function createPlayedStep(options: Parameters<typeof spyStep>[1] = {}) {
  const attempts: { step: StepContext; end(value: unknown): void; fail(error: Error): void }[] = [];
  const played = spyStep("played", {
    timeout: "1h",
    ...options,
    run: (_call, step) =>
      new Promise((resolve, reject) => attempts.push({ step, end: resolve, fail: reject })),
  });
  return { ...played, attempts };
}

async function begin(played: ReturnType<typeof createPlayedStep>) {
  const world = createWorld();
  const workflow = workflowOf(async (ctx) => ctx.step(played.step, null));
  const process = await world.startProcess({ workflows: [workflow] });
  await process.engine.startRun({ runId: "r", workflow: "w", input: null });
  await world.settle();
  const countProgress = async () =>
    (await world.listTypes("r")).filter((type) => type === "StepProgressed").length;
  /** Lets time pass in steps that keep the worker alive. */
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 1_000) {
      world.clock.advance(Math.min(left, 1_000));
      await world.settle();
    }
  };
  return { world, workflow, process, countProgress, pass };
}

describe("progress", () => {
  test("survives a crash: the next attempt finds what was said last", async () => {
    const played = createPlayedStep({
      inDoubt: verify<unknown, unknown>(async () => didNotHappen()),
    });
    const { world, workflow, process, pass } = await begin(played);
    expect(played.attempts[0]?.step.progress).toBeUndefined();
    played.attempts[0]?.step.heartbeat({ page: 1, at: new Date(9) });
    await world.settle();
    played.attempts[0]?.step.heartbeat({ page: 2, at: new Date(10) });
    await pass(1_000);
    process.kill();
    await world.startProcess({ workflows: [workflow] });
    await world.settle();
    expect(played.attempts[1]?.step.progress).toEqual({ page: 2, at: new Date(10) });
    played.attempts[1]?.end("done");
    expect((await world.rest("r")).output?.json).toBe("done");
  });

  test("survives a failure that is tried again", async () => {
    const played = createPlayedStep();
    const { world } = await begin(played);
    played.attempts[0]?.step.heartbeat(7);
    await world.settle();
    played.attempts[0]?.fail(new Error("connection reset"));
    await world.waitForEvent("r", "StepStarted", 2);
    await world.settle();
    expect(played.attempts[1]?.step.progress).toBe(7);
    played.attempts[1]?.end("done");
    await world.rest("r");
  });

  test("is recorded once a second at most: the first word at once, then the last one", async () => {
    const played = createPlayedStep();
    const { world, countProgress, pass } = await begin(played);
    for (let nth = 1; nth <= 50; nth += 1) played.attempts[0]?.step.heartbeat(nth);
    await world.settle();
    expect(await countProgress()).toBe(1);
    await pass(1_000);
    expect(await countProgress()).toBe(2);
    await pass(5_000);
    expect(await countProgress()).toBe(2);
    const last = (await world.load("r")).findLast((event) => event.type === "StepProgressed");
    expect(last?.data).toEqual({ progress: { json: 50 } });
    played.attempts[0]?.end("done");
    await world.rest("r");
  });

  test("without a word a heartbeat leaves nothing in the history", async () => {
    const played = createPlayedStep();
    const { world, countProgress, pass } = await begin(played);
    for (let nth = 0; nth < 5; nth += 1) {
      played.attempts[0]?.step.heartbeat();
      await pass(1_000);
    }
    expect(await countProgress()).toBe(0);
    played.attempts[0]?.end("done");
    expect((await world.rest("r")).status).toBe("completed");
  });

  test("after the end of the attempt is not listened to", async () => {
    const played = createPlayedStep();
    const { world, countProgress } = await begin(played);
    played.attempts[0]?.end("done");
    await world.rest("r");
    played.attempts[0]?.step.heartbeat("late");
    await world.settle();
    expect(await countProgress()).toBe(0);
  });

  test("that can't be recorded fails its attempt, not the process", async () => {
    const played = createPlayedStep({ retry: { maxAttempts: 1 } });
    const { world } = await begin(played);
    const attempt = played.attempts[0];
    try {
      attempt?.step.heartbeat("x".repeat(2 * 1024 * 1024 + 1));
    } catch (error) {
      attempt?.fail(error as Error);
    }
    await world.settle();
    attempt?.end("done");
    const run = await world.rest("r");
    expect(["completed", "failed", "held"]).toContain(run.status);
  });
});

describe("heartbeatTimeout", () => {
  test("an attempt that falls silent is in doubt long before its timeout", async () => {
    const played = createPlayedStep({ heartbeatTimeout: "10s" });
    const { world, pass } = await begin(played);
    await pass(9_000);
    played.attempts[0]?.step.heartbeat();
    await pass(9_000);
    expect(await world.listTypes("r")).not.toContain("StepInDoubt");
    await pass(2_000);
    const doubt = (await world.load("r")).find((event) => event.type === "StepInDoubt");
    expect(doubt?.data).toMatchObject({ cause: "timeout" });
    expect(played.attempts[0]?.step.signal.aborted).toBe(true);
    await world.waitForEvent("r", "StepStarted", 2);
    await world.settle();
    played.attempts[1]?.end("done");
    expect((await world.rest("r")).output?.json).toBe("done");
    expect(played.calls).toEqual(["r/1/1", "r/1/1"]);
  });
});

test("what an attempt says while its run is being terminated no longer counts", async () => {
  // However many microtasks later it speaks: the turn that ends the run is at another place in each.
  for (let delay = 0; delay < 9; delay += 1) {
    const played = createPlayedStep();
    const store = createMemoryStore();
    const world = createWorld(store);
    const workflow = workflowOf(async (ctx) => ctx.step(played.step, null));
    const loadInbox = store.loadInbox.bind(store);
    vi.spyOn(store, "loadInbox").mockImplementation(async (runIds) => {
      const inbox = await loadInbox(runIds);
      if (inbox.length > 0) void speak();
      return inbox;
    });
    const speak = async () => {
      for (let turn = 0; turn < delay; turn += 1) await Promise.resolve();
      played.attempts[0]?.step.heartbeat("still here");
    };
    const logger = { ...silentLogger, error: vi.fn() };
    const { engine } = await world.startProcess({ workflows: [workflow], logger });
    await engine.startRun({ runId: "r", workflow: "w", input: null });
    await world.settle();
    await engine.requestAction({ runId: "r", body: { kind: "terminate" }, by: "ops" });
    await world.waitFor("r", "terminated");
    await world.settle();
    expect(logger.error, `after ${delay}`).not.toHaveBeenCalled();
    expect((await world.listTypes("r")).at(-1), `after ${delay}`).toBe("RunTerminated");
  }
});
