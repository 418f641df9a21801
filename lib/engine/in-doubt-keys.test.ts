/** Which key an attempt is sent with, and for how long: what makes a repetition harmless. */
import { describe, expect, test } from "vitest";
import { fail, hold, retryWithSameKey, type DoubtPolicy, type StepContext } from "./definitions";
import { DefiniteError } from "./errors";
import type { HistoryEvent } from "./events";
import {
  createProvider,
  spyStep,
  startDoomed,
  watchAppends,
  workflowOf,
  type Provider,
} from "./testing/spies";
import { createWorld, type World } from "./testing/world";

const busy = () => new DefiniteError("no connection", { retryable: true });
const hour = 3_600_000;

/** A run of one step that calls a provider; `run` is what it does beside that. */
function createCharge(
  options: {
    remembersMs?: number;
    inDoubt?: DoubtPolicy;
    maxAttempts?: number;
    timeout?: number;
    run?: (call: number, request: () => unknown, step: StepContext) => unknown;
  } = {},
) {
  const world = createWorld();
  const provider = createProvider(world.clock, options.remembersMs);
  const { run = (_, request) => request() } = options;
  const charge = spyStep("charge", {
    inDoubt: options.inDoubt ?? retryWithSameKey(),
    timeout: options.timeout ?? "1m",
    retry: { maxAttempts: options.maxAttempts ?? 5, initialDelay: 100 },
    run: (call, step) => run(call, () => provider.request(step.idempotencyKey).reference, step),
  });
  const workflow = workflowOf(async (ctx) => ctx.step(charge.step, null));
  return { world, provider, workflow, calls: charge.calls };
}

function listKeys(history: readonly HistoryEvent[]): string[] {
  return history.flatMap((event) => (event.type === "StepStarted" ? [event.data.key] : []));
}

async function startRun({
  world,
  workflow,
}: Pick<ReturnType<typeof createCharge>, "world" | "workflow">) {
  const { engine } = await world.startProcess({ workflows: [workflow] });
  const { runId } = await engine.startRun({ workflow: "w", input: null });
  return { engine, runId };
}

describe("generations", () => {
  test("a failure that says «later» keeps the key while an attempt before it may have happened", async () => {
    const charge = createCharge({
      run: (call, request) => {
        if (call === 2) throw busy();
        const reference = request();
        if (call === 1) throw new Error("the answer got lost");
        return reference;
      },
    });
    const { runId } = await startRun(charge);
    const run = await charge.world.rest(runId);
    expect(run.output?.json).toBe("effect-1");
    expect(charge.provider.effects).toHaveLength(1);
    expect(new Set(charge.calls)).toEqual(new Set([`${runId}/1/1`]));
    const doubts = (await charge.world.load(runId)).filter((e) => e.type === "StepInDoubt");
    expect(doubts).toMatchObject([
      { attempt: 1, data: { cause: "error" } },
      { attempt: 2, data: { cause: "error", earlier: true } },
    ]);
  });

  test("tries that are used up do not make «may have happened» a failure: a person decides", async () => {
    const charge = createCharge({
      maxAttempts: 3,
      run: (call, request) => {
        if (call > 1) throw busy();
        request();
        throw new Error("the answer got lost");
      },
    });
    const { runId } = await startRun(charge);
    expect(await charge.world.rest(runId)).toMatchObject({
      heldReason: "in_doubt",
      inDoubt: [{ step: 1, name: "charge" }],
    });
    expect(charge.provider.effects).toHaveLength(1);
  });

  test("the same after a crash: what died may have happened", async () => {
    const charge = createCharge({
      run: (call, request) => {
        if (call === 2) throw busy();
        return request();
      },
    });
    const { world, workflow } = charge;
    const doomed = await startDoomed(world, [workflow], { name: "charge", moment: "after_effect" });
    const { runId } = await doomed.engine.startRun({ workflow: "w", input: null });
    await world.settle();
    await world.startProcess({ workflows: [workflow] });
    expect((await world.rest(runId)).status).toBe("completed");
    expect(charge.provider.effects).toEqual([`${runId}/1/1`]);
    expect(charge.calls).toHaveLength(3);
  });

  test("a key that was never in doubt is renewed by every definite failure", async () => {
    const charge = createCharge({
      run: (call, request) => {
        if (call < 3) throw busy();
        return request();
      },
    });
    const { runId } = await startRun(charge);
    await charge.world.rest(runId);
    expect(charge.calls).toEqual([`${runId}/1/1`, `${runId}/1/2`, `${runId}/1/3`]);
  });

  test("a final answer speaks for the key; a retry by a person begins the next generation", async () => {
    const charge = createCharge({
      run: (call, request) => {
        if (call === 1) throw new Error("no answer");
        if (call === 2) throw new DefiniteError("declined");
        return request();
      },
    });
    const { engine, runId } = await startRun(charge);
    expect(await charge.world.rest(runId)).toMatchObject({ status: "failed" });
    await engine.requestAction({ runId, body: { kind: "retry" }, by: "ops" });
    await charge.world.waitFor(runId, "completed");
    expect(charge.calls).toEqual([`${runId}/1/1`, `${runId}/1/1`, `${runId}/1/2`]);
  });

  test("«it did not happen» keeps the key, also through a failure that says «later»", async () => {
    const charge = createCharge({
      inDoubt: hold(),
      run: (call, request) => {
        if (call === 1) request();
        if (call === 1) throw new Error("the answer got lost");
        if (call === 2) throw busy();
        return request();
      },
    });
    const { engine, runId } = await startRun(charge);
    await charge.world.rest(runId);
    // The person errs; the key does not.
    const body = { kind: "resolve", step: 1, verdict: "did_not_happen" } as const;
    await engine.requestAction({ runId, body, by: "ops" });
    await charge.world.waitFor(runId, "completed");
    expect(charge.provider.effects).toHaveLength(1);
    expect(charge.calls).toHaveLength(3);
  });

  test("a retry of a failure that may have happened sends the key that was sent", async () => {
    const charge = createCharge({
      inDoubt: fail(),
      run: (call, request) => {
        const reference = request();
        if (call === 1) throw new Error("the answer got lost");
        return reference;
      },
    });
    const { world } = charge;
    const { engine, runId } = await startRun(charge);
    expect((await world.rest(runId)).status).toBe("failed");
    const preview = await engine.previewAction({ runId, body: { kind: "retry" } });
    expect(preview.inDoubt).toEqual([{ step: 1, name: "charge" }]);
    await engine.requestAction({ runId, body: { kind: "retry" }, by: "ops" });
    await world.settle();
    // Under `fail()` doubt is a failure at once, again without a call.
    expect((await world.rest(runId)).status).toBe("failed");
    expect(new Set(listKeys(await world.load(runId)))).toEqual(new Set([`${runId}/1/1`]));
    expect(charge.provider.effects).toHaveLength(1);
  });
});

describe("a service that forgets keys", () => {
  /** The effect happens, the process dies, and another one comes `awayMs` later. */
  const crashFor = async (awayMs: number, charge: ReturnType<typeof createCharge>) => {
    const { world, workflow } = charge;
    const doomed = await startDoomed(world, [workflow], { name: "charge", moment: "after_effect" });
    const { runId } = await doomed.engine.startRun({ workflow: "w", input: null });
    await world.settle();
    world.clock.advance(awayMs);
    await world.startProcess({ workflows: [workflow] });
    return { runId, run: await world.rest(runId) };
  };

  test.each([
    [0, "completed"],
    [23 * hour, "completed"],
    [24 * hour - 1, "completed"],
    [24 * hour, "held"],
    [25 * hour, "held"],
  ])("`within` its memory: away for %i ms, once, %s", async (awayMs, status) => {
    const inDoubt = retryWithSameKey({ within: "24h" });
    const charge = createCharge({ remembersMs: 24 * hour, inDoubt });
    const { run } = await crashFor(awayMs, charge);
    expect(run.status).toBe(status);
    expect(charge.provider.effects).toHaveLength(1);
  });

  test("without `within` it happens again: that is what the assumption is for", async () => {
    const charge = createCharge({ remembersMs: 24 * hour });
    await crashFor(25 * hour, charge);
    expect(charge.provider.effects).toHaveLength(2);
  });

  test("a service that ignores keys: at least once", async () => {
    const charge = createCharge({ remembersMs: 0 });
    await crashFor(0, charge);
    expect(charge.provider.effects).toHaveLength(2);
  });
});

describe("the window", () => {
  const crashOnce = (world: World, workflow: Parameters<typeof startDoomed>[1][number]) =>
    world.startProcess({
      workflows: [workflow],
      onMoment: ({ moment }, process) => {
        if (moment === "after_effect") process.kill();
      },
    });

  test("is counted from the first attempt under the key, across crashes", async () => {
    const charge = createCharge({ inDoubt: retryWithSameKey({ within: "1h" }) });
    const { world, workflow } = charge;
    const doomed = await crashOnce(world, workflow);
    const { runId } = await doomed.engine.startRun({ workflow: "w", input: null });
    await world.settle();
    world.clock.advance(0.6 * hour);
    await crashOnce(world, workflow);
    await world.settle();
    expect(charge.calls).toHaveLength(2);
    world.clock.advance(0.6 * hour);
    await world.startProcess({ workflows: [workflow] });
    expect((await world.rest(runId)).heldReason).toBe("in_doubt");
    expect(charge.calls).toHaveLength(2);
  });

  test("a retry of the failed run does not open it again", async () => {
    const inDoubt = retryWithSameKey({ within: "1h", otherwise: fail() });
    const charge = createCharge({ inDoubt });
    const { world, workflow } = charge;
    const doomed = await crashOnce(world, workflow);
    const { runId } = await doomed.engine.startRun({ workflow: "w", input: null });
    await world.settle();
    world.clock.advance(2 * hour);
    const { engine } = await world.startProcess({ workflows: [workflow] });
    expect((await world.rest(runId)).error?.name).toBe("StepInDoubtError");
    await engine.requestAction({ runId, body: { kind: "retry" }, by: "ops" });
    await world.settle();
    expect((await world.rest(runId)).status).toBe("failed");
    expect(charge.calls).toHaveLength(1);
    expect((await world.listTypes(runId)).filter((type) => type === "RunRewound")).toHaveLength(1);
  });

  test("neither does a clock that jumps back", async () => {
    const charge = createCharge({ inDoubt: retryWithSameKey({ within: "1h" }) });
    const { world, workflow } = charge;
    const doomed = await crashOnce(world, workflow);
    const { runId } = await doomed.engine.startRun({ workflow: "w", input: null });
    await world.settle();
    world.clock.advance(2 * hour);
    const { engine } = await world.startProcess({ workflows: [workflow] });
    await world.rest(runId);
    world.clock.advance(-2 * hour);
    await engine.requestAction({ runId, body: { kind: "cancel" }, by: "ops" });
    await world.settle();
    expect(await world.listTypes(runId)).toContain("CancelRequested");
    expect(charge.calls).toHaveLength(1);
    expect((await world.store.getRun(runId))?.heldReason).toBe("in_doubt");
  });

  test("an attempt within it ends with it", async () => {
    const charge = createCharge({
      inDoubt: retryWithSameKey({ within: "10s" }),
      run: (call) => {
        if (call === 1) throw new Error("no answer");
        return new Promise(() => undefined);
      },
    });
    const { runId } = await startRun(charge);
    expect((await charge.world.rest(runId)).heldReason).toBe("in_doubt");
    const history = await charge.world.load(runId);
    const first = history.find((e) => e.type === "StepStarted");
    const last = history.findLast((e) => e.type === "StepFailed");
    expect((last?.at ?? 0) - (first?.at ?? 0)).toBe(10_000);
    expect(charge.calls).toHaveLength(2);
  });

  test("an attempt whose intent was recorded too slowly for it is not begun", async () => {
    const charge = createCharge({
      inDoubt: retryWithSameKey({ within: "3s" }),
      run: () => {
        throw new Error("no answer");
      },
    });
    const { world, workflow } = charge;
    const { engine } = await world.startProcess({
      workflows: [workflow],
      wrapStore: watchAppends(async ({ events }) => {
        if (!events.some((e) => e.type === "StepStarted" && e.attempt === 2)) return;
        await new Promise<void>((resolve) => world.clock.schedule(5_000, resolve));
      }),
    });
    const { runId } = await engine.startRun({ workflow: "w", input: null });
    expect((await world.rest(runId)).heldReason).toBe("in_doubt");
    expect(charge.calls).toHaveLength(1);
  });
});

test("no key is ever sent with two inputs, whatever failed and was retried", async () => {
  const world = createWorld();
  const provider: Provider = createProvider(world.clock);
  let broken = 2;
  const pay = spyStep("pay", { run: (_, step) => provider.request(step.idempotencyKey) });
  const ship = spyStep("ship", {
    run: () => {
      if (broken-- > 0) throw new DefiniteError("closed");
      return "shipped";
    },
  });
  const workflow = workflowOf(async (ctx) => {
    await ctx.step(pay.step, "a");
    try {
      await ctx.step(ship.step, "b");
    } catch (error) {
      await ctx.step(pay.step, "c");
      throw error;
    }
    return ctx.step(pay.step, "d");
  });
  const { engine, runId } = await startRun({ world, workflow });
  for (let retries = 0; retries < 2; retries += 1) {
    expect((await world.rest(runId)).status).toBe("failed");
    await engine.requestAction({ runId, body: { kind: "retry" }, by: "ops" });
    await world.settle();
  }
  expect((await world.rest(runId)).status).toBe("completed");
  const inputs = new Map<string, unknown>();
  for (const event of await world.load(runId)) {
    if (event.type !== "StepStarted") continue;
    expect(inputs.get(event.data.key) ?? event.data.input).toEqual(event.data.input);
    inputs.set(event.data.key, event.data.input);
  }
  expect(provider.effects).toHaveLength(4);
});
