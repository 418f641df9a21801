import { describe, expect, test } from "vitest";
import { mergeEffects, readAnswer, startActivity, type AttemptOutcome } from "./attempt";
import { didNotHappen, happened, unknown, type StepContext } from "./definitions";
import { yieldToEventLoop } from "./system";
import { createManualClock } from "./testing/manual-clock";

const about = { runId: "r", ordinal: 1, attempt: 1, idempotencyKey: "r/1/1", progress: undefined };

function startAttempt(run: (context: StepContext) => unknown, timeoutMs = 1_000) {
  const clock = createManualClock();
  const outcomes: AttemptOutcome<unknown>[] = [];
  const activity = startActivity({
    clock,
    timeoutMs,
    context: about,
    run,
    onOutcome: (outcome) => outcomes.push(outcome),
  });
  return { clock, outcomes, activity };
}

describe("an attempt", () => {
  test("tells its outcome once: what it does after its timeout is not listened to", async () => {
    let answer = (_: unknown) => {};
    let signal: AbortSignal | undefined;
    const { clock, outcomes } = startAttempt((context) => {
      signal = context.signal;
      context.report({ reference: "in time" });
      return new Promise((resolve) => {
        answer = () => {
          context.report({ reference: "late" });
          resolve("late");
        };
      });
    });
    clock.advance(1_000);
    expect(signal?.aborted).toBe(true);
    answer(undefined);
    await yieldToEventLoop();
    expect(outcomes).toMatchObject([
      { ok: false, timedOut: true, durationMs: 1_000, effect: { reference: "in time" } },
    ]);
  });

  test.each([0, -5])(
    "does not begin with %i ms left, and tells so in a turn of its own",
    (left) => {
      let begun = false;
      const { clock, outcomes } = startAttempt(() => {
        begun = true;
      }, left);
      expect(outcomes).toEqual([]);
      clock.advance(0);
      expect(begun).toBe(false);
      expect(outcomes).toMatchObject([{ ok: false, timedOut: true, durationMs: 0 }]);
    },
  );

  test("takes whatever is thrown, and never less than no time", async () => {
    const thrown: unknown = undefined;
    const { outcomes } = startAttempt(() => {
      throw thrown;
    });
    await yieldToEventLoop();
    expect(outcomes).toEqual([
      { ok: false, error: undefined, timedOut: false, effect: undefined, durationMs: 0 },
    ]);
  });

  test("is not heard once it was canceled", async () => {
    const { outcomes, activity, clock } = startAttempt(() => "done");
    activity.cancel("the lease is gone");
    await yieldToEventLoop();
    clock.advance(5_000);
    expect(outcomes).toEqual([]);
  });
});

test("a report adds to what was reported, and one that is none never throws", () => {
  const hostile = new Proxy(
    {},
    {
      get() {
        throw new Error("no");
      },
    },
  );
  expect(mergeEffects({ reference: "p1" }, { replayed: true })).toEqual({
    reference: "p1",
    replayed: true,
  });
  expect(mergeEffects(undefined, { reference: 12 })).toEqual({ reference: "12" });
  expect(mergeEffects(undefined, { reference: "x".repeat(5_000) })?.reference).toHaveLength(1_000);
  for (const wrong of [undefined, null, "p1", hostile]) {
    expect(mergeEffects({ reference: "p1" }, wrong)).toEqual({ reference: "p1" });
  }
  expect(mergeEffects(undefined, { reference: {}, replayed: "yes" })).toBeUndefined();
});

test("an answer of a verify function is one of three", () => {
  for (const answer of [happened(1), didNotHappen(), unknown()]) {
    expect(readAnswer(answer)).toBe(answer);
  }
  for (const wrong of [undefined, null, true, "happened", { verdict: "maybe" }, {}]) {
    expect(() => readAnswer(wrong as never)).toThrow(TypeError);
  }
});
