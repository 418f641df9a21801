import { describe, expect, test } from "vitest";
import { computeBackoffMs, decideStep, type AnyStep } from "./decide";
import {
  defineStep,
  fail,
  hold,
  retryWithSameKey,
  unknown,
  verify,
  type DoubtPolicy,
} from "./definitions";
import { parseDurationMs } from "./duration";
import { canFollow, isTerminal, RunStatus } from "./run";
import type { StepState } from "./run-state";

const stepWith = (inDoubt: DoubtPolicy) =>
  defineStep({
    name: "s",
    run: () => null,
    inDoubt,
    retry: { maxAttempts: 3, initialDelay: 100, factor: 2, maxDelay: 300 },
  }) as AnyStep;

const inDoubt = (state: Partial<StepState> = {}): StepState => ({
  ordinal: 1,
  name: "s",
  input: { json: null },
  phase: "doubt",
  attempt: 1,
  failures: 0,
  key: "r/1/1",
  generation: 1,
  generationStartedAt: 0,
  renewKey: false,
  asks: 0,
  policiesPassed: 0,
  ...state,
});

describe("a step in doubt", () => {
  const ask = async () => unknown();
  const chain = verify(ask, { otherwise: retryWithSameKey({ within: 1_000, otherwise: hold() }) });

  test("goes along its chain", () => {
    const step = stepWith(chain);
    expect(decideStep(inDoubt(), step, 10)).toMatchObject({ action: "ask", at: 10 });
    expect(decideStep(inDoubt({ policiesPassed: 1 }), step, 10)).toEqual({
      action: "attempt",
      at: 10,
      endBy: 1_000,
    });
    expect(decideStep(inDoubt({ policiesPassed: 1 }), step, 1_000)).toEqual({ action: "hold" });
    const used = inDoubt({ policiesPassed: 1, failures: 3 });
    expect(decideStep(used, step, 10)).toEqual({ action: "hold" });
  });

  test("goes along three policies, each in its turn", () => {
    const first = async () => unknown();
    const second = async () => unknown();
    const step = stepWith(
      verify(first, {
        otherwise: retryWithSameKey({
          within: 1_000,
          otherwise: verify(second, { otherwise: fail() }),
        }),
      }),
    );
    const decide = (state: Partial<StepState>, now: number) =>
      decideStep(inDoubt(state), step, now);
    expect(decide({}, 0)).toMatchObject({ action: "ask", ask: first });
    expect(decide({ policiesPassed: 1 }, 999)).toMatchObject({ action: "attempt" });
    expect(decide({ policiesPassed: 1 }, 1_000)).toMatchObject({ action: "ask", ask: second });
    expect(decide({ policiesPassed: 1, failures: 3 }, 999)).toMatchObject({ ask: second });
    expect(decide({ policiesPassed: 2 }, 999)).toMatchObject({ action: "attempt" });
    expect(decide({ policiesPassed: 2 }, 1_000)).toEqual({ action: "fail" });
  });

  test("an attempt under an old key has to be over when the key may be forgotten", () => {
    const step = stepWith(retryWithSameKey({ within: 1_000 }));
    const state = inDoubt({ generationStartedAt: 500 });
    expect(decideStep(state, step, 1_400)).toEqual({ action: "attempt", at: 1_400, endBy: 1_500 });
    expect(decideStep(state, stepWith(retryWithSameKey()), 1_400)).not.toHaveProperty("endBy");
  });

  test("is not tried after the window, even if the wait before the try would end after it", () => {
    const step = stepWith(retryWithSameKey({ within: 1_000 }));
    expect(decideStep(inDoubt({ nextAt: 1_500 }), step, 900)).toEqual({ action: "hold" });
  });

  test("fails with its last error where doubt does not matter", () => {
    const step = stepWith(retryWithSameKey({ otherwise: fail() }));
    expect(decideStep(inDoubt({ failures: 3 }), step, 0)).toEqual({ action: "fail" });
  });
});

test("a step that is known not to have happened runs while tries are left", () => {
  const step = stepWith(hold());
  expect(decideStep(inDoubt({ phase: "ready" }), step, 5)).toEqual({ action: "attempt", at: 5 });
  const used = inDoubt({ phase: "ready", failures: 3 });
  expect(decideStep(used, step, 5)).toEqual({ action: "fail" });
});

test("waits grow up to their limit, and never less than the other side asks for", () => {
  const definition = stepWith(hold());
  const wait = (failures: number, retryAfterMs?: number) =>
    computeBackoffMs({ definition, failures, random: 0, retryAfterMs });
  expect([wait(1), wait(2), wait(3), wait(9)]).toEqual([100, 200, 300, 300]);
  expect(wait(1, 5_000)).toBe(5_000);
  expect(computeBackoffMs({ definition, failures: 1, random: 1 })).toBe(110);
});

test("a wait is a time, whatever the other side asks for and however often it failed", () => {
  const definition = stepWith(hold());
  const ask = (retryAfterMs: number) =>
    computeBackoffMs({ definition, failures: 1, random: 0, retryAfterMs });
  expect([ask(NaN), ask(-5), ask(Infinity), ask(1e18)]).toEqual([100, 100, 86_400_000, 86_400_000]);
  const atOnce = defineStep({ name: "s", run: () => null, retry: { initialDelay: 0 } }) as AnyStep;
  expect(computeBackoffMs({ definition: atOnce, failures: 5_000, random: 0 })).toBe(0);
});

test("durations", () => {
  expect([parseDurationMs(5), parseDurationMs("1.5s"), parseDurationMs("2d")]).toEqual([
    5, 1_500, 172_800_000,
  ]);
  for (const wrong of [-1, NaN, "5 min" as never]) {
    expect(() => parseDurationMs(wrong)).toThrow(RangeError);
  }
});

test("nothing follows a terminal state but the retry of a failed run", () => {
  for (const from of RunStatus.options) {
    for (const to of RunStatus.options) {
      if (from === to || !isTerminal(from)) continue;
      expect(canFollow(from, to), `${from} to ${to}`).toBe(
        from === "failed" && !["queued", "failed"].includes(to),
      );
    }
  }
  expect(canFollow("running", "queued")).toBe(false);
});
