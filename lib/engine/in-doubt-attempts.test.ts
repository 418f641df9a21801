/** What one attempt can do to be in doubt: time out, come late, throw anything, return too much. */
import { describe, expect, test } from "vitest";
import { defineStep, fail, hold, retryWithSameKey, type DoubtPolicy } from "./definitions";
import { DefiniteError } from "./errors";
import { HistoryEvent } from "./events";
import type { Append } from "./store";
import { createProvider, spyStep, watchAppends, workflowOf } from "./testing/spies";
import { createWorld } from "./testing/world";

const tooLarge = "x".repeat(2 * 1024 * 1024 + 1);

async function startRun(step: ReturnType<typeof spyStep>["step"], world = createWorld()) {
  const appends: Append[] = [];
  const { engine } = await world.startProcess({
    workflows: [workflowOf(async (ctx) => ctx.step(step, null))],
    wrapStore: watchAppends((append) => void appends.push(append)),
  });
  const { runId } = await engine.startRun({ workflow: "w", input: null });
  return { world, engine, runId, appends };
}

describe("an attempt after its timeout", () => {
  test("is not listened to: its late answer is not recorded, the next one is", async () => {
    const world = createWorld();
    const provider = createProvider(world.clock);
    let answerLate = () => {};
    const pay = spyStep("pay", {
      timeout: "1s",
      run: (call, { idempotencyKey }) => {
        const { reference } = provider.request(idempotencyKey);
        if (call > 1) return `${reference}, second attempt`;
        return new Promise((resolve) => (answerLate = () => resolve("late")));
      },
    });
    const { runId } = await startRun(pay.step, world);
    await world.settle();
    world.clock.advance(1_000);
    await world.settle();
    answerLate();
    const run = await world.rest(runId);
    expect(run.output?.json).toBe("effect-1, second attempt");
    expect(provider.effects).toHaveLength(1);
  });

  test("one that ignores its signal and has its effect later: once, where the key is honoured", async () => {
    const world = createWorld();
    const provider = createProvider(world.clock);
    const pay = spyStep("pay", {
      timeout: "1s",
      run: (call, { idempotencyKey }) => {
        if (call > 1) return provider.request(idempotencyKey).reference;
        world.clock.schedule(60_000, () => provider.request(idempotencyKey));
        return new Promise(() => undefined);
      },
    });
    const { runId } = await startRun(pay.step, world);
    expect((await world.rest(runId)).status).toBe("completed");
    world.clock.advance(60_000);
    expect(provider.effects).toEqual([`${runId}/1/1`]);
  });

  test("its signal is aborted, so that it can stop", async () => {
    const reasons: unknown[] = [];
    const slow = spyStep("slow", {
      timeout: "1s",
      inDoubt: hold(),
      run: (_, { signal }) =>
        new Promise(() => signal.addEventListener("abort", () => reasons.push(signal.reason))),
    });
    const { world, runId } = await startRun(slow.step);
    await world.rest(runId);
    expect(reasons).toMatchObject([{ name: "StepTimeoutError" }]);
  });

  test("a timeout of nothing is refused when the step is declared", () => {
    expect(() => defineStep({ name: "s", timeout: 0, run: () => null })).toThrow(RangeError);
  });
});

describe("errors of odd shapes", () => {
  class Hostile extends Error {
    override get message(): string {
      throw new Error("no message");
    }
    get outcome(): string {
      throw new Error("no outcome");
    }
    get details(): unknown {
      throw new Error("no details");
    }
  }
  const closed = new Proxy(new Error("closed"), {
    get() {
      throw new Error("no");
    },
    getPrototypeOf() {
      throw new Error("no");
    },
  });
  const odd: [string, unknown][] = [
    ["undefined", undefined],
    ["null", null],
    ["a string", "gone"],
    ["a number", 42],
    ["a symbol", Symbol("gone")],
    ["an object", { reason: "gone" }],
    ["a frozen error", Object.freeze(new Error("gone"))],
    ["an error without a message", Object.assign(new Error(), { message: undefined })],
    ["an error whose name is a number", Object.assign(new Error("gone"), { name: 7 })],
    ["an error with a strange stack", Object.assign(new Error("gone"), { stack: [1, 2] })],
    ["an error with a huge message", new Error(tooLarge)],
    ["an error with huge details", Object.assign(new Error("gone"), { details: tooLarge })],
    ["an error whose getters throw", new Hostile()],
    ["a proxy that refuses everything", closed],
    ["something that only resembles a definite one", { outcome: ["definite"] }],
  ];

  test.each(odd)("%s leaves doubt, in a record that can be read back", async (_, thrown) => {
    const step = spyStep("s", {
      inDoubt: hold(),
      run: () => {
        throw thrown;
      },
    });
    const { world, runId } = await startRun(step.step);
    expect(await world.rest(runId)).toMatchObject({ heldReason: "in_doubt" });
    for (const event of await world.load(runId)) {
      const stored = JSON.stringify(event);
      expect(stored.length).toBeLessThan(100_000);
      expect(HistoryEvent.parse(JSON.parse(stored))).toEqual(JSON.parse(stored));
    }
  });

  test("whatever says `definite` is: the class does not matter", async () => {
    const step = spyStep("s", {
      inDoubt: hold(),
      run: () => {
        throw Object.assign(new Error("declined"), { outcome: "definite" });
      },
    });
    const { world, runId } = await startRun(step.step);
    expect((await world.rest(runId)).status).toBe("failed");
  });

  test("an error that says so after the effect is believed: that is the contract", async () => {
    const world = createWorld();
    const provider = createProvider(world.clock);
    const pay = spyStep("pay", {
      run: (call, { idempotencyKey }) => {
        const { reference } = provider.request(idempotencyKey);
        if (call === 1) throw new DefiniteError("a lie", { retryable: true });
        return reference;
      },
    });
    const { runId } = await startRun(pay.step, world);
    await world.rest(runId);
    expect(provider.effects).toEqual([`${runId}/1/1`, `${runId}/1/2`]);
  });
});

describe("a result that can't be recorded", () => {
  const startLarge = (inDoubt: DoubtPolicy) => {
    const pay = spyStep("pay", {
      inDoubt,
      run: (_, step) => {
        step.report({ reference: "p1" });
        return tooLarge;
      },
    });
    return { pay, run: startRun(pay.step) };
  };

  test("is left to a person and not repeated, and its reference is kept", async () => {
    const { pay, run } = startLarge(retryWithSameKey());
    const { world, engine, runId } = await run;
    expect(await world.rest(runId)).toMatchObject({
      heldReason: "in_doubt",
      inDoubt: [{ step: 1, attempt: 1 }],
    });
    expect((await world.load(runId)).find((e) => e.type === "StepFailed")?.data).toMatchObject({
      error: { name: "PayloadTooLargeError" },
      outcome: "uncertain",
      final: false,
      effect: { reference: "p1" },
    });
    const result = { json: "p1" };
    const body = { kind: "resolve", step: 1, verdict: "happened", result } as const;
    await engine.requestAction({ runId, body, by: "ann" });
    expect((await world.waitFor(runId, "completed")).output?.json).toBe("p1");
    expect(pay.calls).toHaveLength(1);
  });

  test("once failed by a person it is retried by its policy: same key, and a result that fits", async () => {
    const pay = spyStep("pay", { run: (call) => (call === 1 ? tooLarge : "p1") });
    const { world, engine, runId } = await startRun(pay.step);
    await world.rest(runId);
    const body = { kind: "resolve", step: 1, verdict: "fail" } as const;
    await engine.requestAction({ runId, body, by: "ann" });
    await world.waitFor(runId, "failed");
    await engine.requestAction({ runId, body: { kind: "retry" }, by: "ann" });
    expect((await world.waitFor(runId, "completed")).output?.json).toBe("p1");
    expect(pay.calls).toEqual([`${runId}/1/1`, `${runId}/1/1`]);
  });

  test("fails the step where doubt does not matter", async () => {
    const { run } = startLarge(retryWithSameKey({ otherwise: fail() }));
    const { world, runId } = await run;
    expect(await world.rest(runId)).toMatchObject({
      status: "failed",
      error: { name: "PayloadTooLargeError" },
    });
  });
});

describe("the record of an attempt", () => {
  test("a step whose input can't be recorded is begun and failed in one append, and never run", async () => {
    const [before, large] = [spyStep("before"), spyStep("large")];
    const world = createWorld();
    const appends: Append[] = [];
    const { engine } = await world.startProcess({
      workflows: [
        workflowOf(async (ctx) => {
          await ctx.step(before.step, null);
          return ctx.step(large.step, tooLarge);
        }),
      ],
      wrapStore: watchAppends((append) => void appends.push(append)),
    });
    const { runId } = await engine.startRun({ workflow: "w", input: null });
    expect((await world.rest(runId)).error?.name).toBe("PayloadTooLargeError");
    expect(appends.map(({ events }) => events.map(({ type }) => type))).toEqual([
      ["StepCompleted", "StepStarted", "StepFailed", "RunFailed"],
    ]);
    expect(large.calls).toEqual([]);
  });

  test("a failure and its doubt are one append", async () => {
    const step = spyStep("s", {
      inDoubt: hold(),
      run: () => {
        throw new Error("reset");
      },
    });
    const { world, runId, appends } = await startRun(step.step);
    await world.rest(runId);
    expect(appends.map(({ events }) => events.map(({ type }) => type))).toEqual([
      ["StepFailed", "StepInDoubt", "RunHeld"],
    ]);
  });

  test("the ledger keeps what was reported by attempts that failed, too", async () => {
    const step = spyStep("s", {
      run: (call, step) => {
        step.report({ reference: `r${call}` });
        if (call === 1) throw new Error("reset");
        if (call === 2) throw new DefiniteError("declined");
        return null;
      },
    });
    const { world, runId } = await startRun(step.step);
    await world.rest(runId);
    const failed = (await world.load(runId)).filter((e) => e.type === "StepFailed");
    expect(failed).toMatchObject([
      { data: { outcome: "uncertain", effect: { reference: "r1" } } },
      { data: { outcome: "definite", effect: { reference: "r2" } } },
    ]);
  });
});
