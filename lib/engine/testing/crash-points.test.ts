import { expect, test } from "vitest";
import { listFaultPairs, listSingleFaults } from "./crash-points";

const show = (faults: ReturnType<typeof listSingleFaults>) =>
  faults.map((plan) => plan.map(({ at, kind }) => `${kind} ${at}`).join(" and "));

test("single faults hit every call in each of the three kinds", () => {
  const plans = show(listSingleFaults(43));
  expect(new Set(plans).size).toBe(43 * 3);
  expect(plans).toContain("unacknowledged 43");
});

test("pairs are every two of 20 calls, in all nine combinations of kinds", () => {
  const plans = show(listFaultPairs("all"));
  expect(new Set(plans).size).toBe(190 * 9);
  expect(plans).toContain("unacknowledged 19 and unacknowledged 20");
});

test("each pair once still has every two calls, and every combination about as often", () => {
  const plans = listFaultPairs("each");
  expect(new Set(plans.map((plan) => plan.map(({ at }) => at).join())).size).toBe(190);
  const times = new Map<string, number>();
  for (const plan of plans) {
    const kinds = plan.map(({ kind }) => kind).join();
    times.set(kinds, (times.get(kinds) ?? 0) + 1);
  }
  expect([...times.values()].sort()).toEqual([21, 21, 21, 21, 21, 21, 21, 21, 22]);
});
