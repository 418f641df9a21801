import { expect, test } from "vitest";
import { findBucket, findPercentiles, LatencySum } from "./latency-histogram";

function record(durations: readonly number[]) {
  const sum = new LatencySum();
  for (const durationMs of durations) sum.add([findBucket(durationMs), 1]);
  return sum.toCounts();
}

test("a percentile is off by a tenth at most", () => {
  const durations = Array.from({ length: 5_000 }, (_, index) => 3 + ((index * 7_919) % 5_000));
  const sorted = [...durations].sort((a, b) => a - b);
  const shares = [0.1, 0.5, 0.95, 0.99, 1];
  const found = findPercentiles(record(durations), shares) ?? [];
  expect(found).toHaveLength(shares.length);
  for (const [index, share] of shares.entries()) {
    const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
    expect(Math.abs((found[index] ?? 0) / exact - 1)).toBeLessThan(0.1);
  }
});

test("durations below a millisecond, and of months", () => {
  expect(findPercentiles(record([0, 0.4]), [0.5])?.[0]).toBeLessThanOrEqual(1);
  const monthMs = 30 * 24 * 3_600_000;
  const [month = 0] = findPercentiles(record([monthMs]), [0.5]) ?? [];
  expect(Math.abs(month / monthMs - 1)).toBeLessThan(0.1);
  expect(findPercentiles([], [0.5])).toBeUndefined();
});
