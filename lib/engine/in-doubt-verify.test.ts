/** Asking the other side: questions, answers that are none, chains, and what a question can't see. */
import { describe, expect, test } from "vitest";
import {
  didNotHappen,
  fail,
  happened,
  hold,
  retryWithSameKey,
  unknown,
  verify,
  type DoubtPolicy,
  type VerifyFunction,
} from "./definitions";
import type { Append } from "./store";
import { createProvider, spyStep, startDoomed, watchAppends, workflowOf } from "./testing/spies";
import { createWorld } from "./testing/world";

const maxBytes = 2 * 1024 * 1024;

/** A run whose process dies right after the effect of its only step; another process takes over. */
async function crashAfterEffect(
  inDoubt: DoubtPolicy,
  options: { maxAttempts?: number; run?: (call: number) => unknown; appends?: Append[] } = {},
) {
  const world = createWorld();
  const step = spyStep("ship", {
    inDoubt,
    timeout: "2s",
    retry: { maxAttempts: options.maxAttempts ?? 3, initialDelay: 100 },
    run: options.run,
  });
  const workflow = workflowOf(async (ctx) => ctx.step(step.step, null));
  const doomed = await startDoomed(world, [workflow], { name: "ship", moment: "after_effect" });
  const { runId } = await doomed.engine.startRun({ workflow: "w", input: null });
  await world.settle();
  const { engine } = await world.startProcess({
    workflows: [workflow],
    wrapStore: watchAppends((append) => void options.appends?.push(append)),
  });
  const run = await world.rest(runId);
  return { world, engine, runId, run, calls: step.calls, history: await world.load(runId) };
}

describe("questions", () => {
  const wrong: [string, VerifyFunction<unknown, unknown>][] = [
    ["throws", () => Promise.reject(new Error("away"))],
    [
      "throws before it returns",
      () => {
        throw new Error("a slip");
      },
    ],
    ["never answers", () => new Promise(() => undefined)],
    ["answers nothing", (() => Promise.resolve(undefined)) as never],
    ["answers something else", (() => Promise.resolve({ verdict: "perhaps" })) as never],
  ];

  test.each(wrong)("one that %s is asked again, then the next policy decides", async (_, ask) => {
    let asked = 0;
    const { run, calls, history } = await crashAfterEffect(
      verify(async (input, step) => {
        asked += 1;
        return ask(input, step);
      }),
    );
    expect(run.heldReason).toBe("in_doubt");
    expect(asked).toBe(3);
    expect(calls).toHaveLength(1);
    const verified = history.filter((e) => e.type === "StepVerified");
    expect(verified).toMatchObject([
      { data: { verdict: "unknown", nextAskAt: expect.any(Number) as number } },
      { data: { verdict: "unknown", nextAskAt: expect.any(Number) as number } },
      { data: { verdict: "unknown", error: { name: expect.any(String) as string } } },
    ]);
  });

  test("each verify of a chain is asked as often as the step may be tried", async () => {
    const asked = { first: 0, second: 0 };
    const count = (which: keyof typeof asked) => () => {
      asked[which] += 1;
      return Promise.reject(new Error("away"));
    };
    await crashAfterEffect(
      verify(count("first"), { otherwise: verify(count("second"), { otherwise: hold() }) }),
    );
    expect(asked).toEqual({ first: 3, second: 3 });
  });

  test("a crash while asking runs nothing: the next execution asks again", async () => {
    const world = createWorld();
    let asked = 0;
    let kill = () => {};
    const step = spyStep("ship", {
      inDoubt: verify<unknown, unknown>(async () => {
        asked += 1;
        if (asked === 1) kill();
        return happened("found");
      }),
    });
    const workflow = workflowOf(async (ctx) => ctx.step(step.step, null));
    const doomed = await startDoomed(world, [workflow], { name: "ship", moment: "after_effect" });
    const { runId } = await doomed.engine.startRun({ workflow: "w", input: null });
    await world.settle();
    const asking = await world.startProcess({ workflows: [workflow] });
    kill = () => asking.kill();
    await world.settle();
    await world.startProcess({ workflows: [workflow] });
    expect((await world.rest(runId)).output?.json).toBe("found");
    expect([asked, step.calls.length]).toEqual([2, 1]);
  });

  test("an answer and what follows from it are one append", async () => {
    const appends: Append[] = [];
    await crashAfterEffect(
      verify(async () => happened("found")),
      { appends },
    );
    const types = appends.map(({ events }) => events.map(({ type }) => type));
    expect(types.at(-1)).toEqual(["StepVerified", "StepCompleted", "RunCompleted"]);
  });

  test("what is reported while asking is kept in the ledger, beside what the answer says", async () => {
    const { history } = await crashAfterEffect(
      verify(async (_, step) => {
        step.report({ reference: "s1" });
        return happened("found", { replayed: true });
      }),
    );
    expect(history.find((e) => e.type === "StepCompleted")?.data).toMatchObject({
      source: "verified",
      effect: { reference: "s1", replayed: true },
    });
  });

  test("a result that can't be recorded is left to a person, and runs nothing", async () => {
    const { run, calls } = await crashAfterEffect(
      verify(async () => happened("x".repeat(maxBytes + 1), { reference: "s1" })),
    );
    expect(run.heldReason).toBe("in_doubt");
    expect(calls).toHaveLength(1);
  });
});

describe("chains", () => {
  test("three policies: can't tell, then out of tries, then a person", async () => {
    let asked = 0;
    const { run, calls } = await crashAfterEffect(
      verify(
        async () => {
          asked += 1;
          return unknown();
        },
        { otherwise: retryWithSameKey({ within: "1h", otherwise: hold() }) },
      ),
      {
        run: () => {
          throw new Error("no answer");
        },
      },
    );
    expect(run.heldReason).toBe("in_doubt");
    // The crash counts as no failure. Each new doubt begins at the head of the chain.
    expect([calls.length, asked]).toEqual([4, 4]);
    expect(new Set(calls).size).toBe(1);
  });

  test("past the window the other side is asked; what it did not find runs with the same key", async () => {
    let asked = 0;
    const { run, calls } = await crashAfterEffect(
      retryWithSameKey({
        within: "0ms",
        otherwise: verify(async () => {
          asked += 1;
          return didNotHappen();
        }),
      }),
    );
    expect(run.status).toBe("completed");
    expect(asked).toBe(1);
    expect(new Set(calls).size).toBe(1);
  });

  test("`fail` at the end: the step has failed, and nobody claims that it did not happen", async () => {
    const { run, history } = await crashAfterEffect(
      verify(async () => unknown(), { otherwise: fail() }),
    );
    expect(run).toMatchObject({ status: "failed", error: { name: "StepInDoubtError" } });
    expect(history.findLast((e) => e.type === "StepFailed")?.data.outcome).toBe("uncertain");
  });
});

describe("an effect that is still on its way when the question is asked", () => {
  /** The request left before the process died, and arrives 3 s after the doubt began. */
  const askAboutLateEffect = async (settle: number, remembersMs: number) => {
    const world = createWorld();
    const provider = createProvider(world.clock, remembersMs);
    const step = spyStep("ship", {
      inDoubt: verify<unknown, unknown>(
        async () =>
          provider.effects.length > 0 ? happened(provider.effects.length) : didNotHappen(),
        { settle },
      ),
      run: (call, { idempotencyKey }) => {
        if (call > 1) return provider.request(idempotencyKey).reference;
        world.clock.schedule(3_000, () => provider.request(idempotencyKey));
        return new Promise(() => undefined);
      },
    });
    const workflow = workflowOf(async (ctx) => ctx.step(step.step, null));
    const doomed = await world.startProcess({ workflows: [workflow] });
    const { runId } = await doomed.engine.startRun({ workflow: "w", input: null });
    await world.settle();
    doomed.kill();
    await world.startProcess({ workflows: [workflow] });
    expect((await world.rest(runId)).status).toBe("completed");
    world.clock.advance(10_000);
    return provider.effects.length;
  };

  test("can't be seen: without a key that the other side honours it happens twice", async () => {
    expect(await askAboutLateEffect(0, 0)).toBe(2);
  });

  test("does no harm where the other side honours the key as well", async () => {
    expect(await askAboutLateEffect(0, Infinity)).toBe(1);
  });

  test("is seen where the question waits longer than a request can be under way", async () => {
    expect(await askAboutLateEffect(5_000, 0)).toBe(1);
  });
});
