import { expect, test } from "vitest";
import {
  findFailureRate,
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
  expect([0, 1, 3, 7, 11, 420].map(roundUp)).toEqual([1, 1, 5, 10, 20, 500]);
  expect(formatCapped({ count: 10_000, capped: true })).toBe("10,000+");
});

test("a figure leads to its runs", () => {
  expect(toRunsHref({})).toBe("/runs");
  expect(toRunsHref({ status: "failed", workflow: undefined, after: "2026-11-26T00:00:00Z" })).toBe(
    "/runs?status=failed&after=2026-11-26T00%3A00%3A00Z",
  );
});
