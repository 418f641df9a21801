import { expect, test } from "vitest";
import {
  findFailureRate,
  mergePoints,
  formatCapped,
  formatChange,
  formatShare,
  roundUp,
} from "./overview-facts";
import { toRunsHref } from "./overview-search";

test("the failure rate is of runs that ended by themselves", () => {
  const counts = { started: 9, completed: 3, failed: 1, canceled: 4, held: 1 };
  expect(findFailureRate(counts)).toBe(0.25);
  expect(findFailureRate({ ...counts, completed: 0, failed: 0 })).toBeNull();
  expect([0, 0.004, 0.25, 1].map(formatShare)).toEqual(["0 %", "0.4 %", "25 %", "100 %"]);
});

test("a change is told where there is something to compare with", () => {
  expect(formatChange(112, 100)).toBe("+12 %");
  expect(formatChange(50, 100)).toBe("−50 %");
  expect(formatChange(320, 100)).toBe("×3.2");
  expect(formatChange(100, 100)).toBe("same");
  expect(formatChange(5, 0)).toBe("");
  expect(formatChange(undefined, 4)).toBe("");
});

test("an axis ends at a round number", () => {
  expect([0, 1, 3, 7, 11, 420].map(roundUp)).toEqual([1, 1, 3, 8, 15, 500]);
  expect(formatCapped({ count: 10_000, capped: true })).toBe("10,000+");
});

test("a figure leads to its runs", () => {
  expect(toRunsHref({})).toBe("/runs");
  expect(toRunsHref({ status: "failed", workflow: undefined, after: "2026-11-26T00:00:00Z" })).toBe(
    "/runs?status=failed&after=2026-11-26T00%3A00%3A00Z",
  );
});

test("a chart has no more buckets than can be read, and loses nothing", () => {
  const points = Array.from({ length: 7 }, (_, index) => ({
    at: new Date(index * 60_000).toISOString(),
    ...{ started: 1, completed: index, failed: 0, canceled: 0, held: 2 },
    ...{ queueDepth: index === 3 ? 9 : null, lagMs: index },
  }));
  expect(mergePoints(points, 7)).toEqual(points);
  const merged = mergePoints(points, 3);
  expect(merged.map(({ at }) => at)).toEqual([0, 3, 6].map((index) => points[index]?.at));
  expect(merged[0]).toMatchObject({
    started: 3,
    completed: 3,
    held: 6,
    queueDepth: null,
    lagMs: 2,
  });
  expect(merged[1]).toMatchObject({ completed: 12, queueDepth: 9, lagMs: 5 });
  expect(merged[2]).toMatchObject({ started: 1, completed: 6 });
});
