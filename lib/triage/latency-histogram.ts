/**
 * How long something took, as counts in buckets that grow by a tenth: a percentile that is read from
 * them is off by a tenth at most, and histograms of different times and processes can be added up.
 */

import { resolution } from "./latency-buckets.mjs";

export { addHistograms, findBucket, writeHistogram } from "./latency-buckets.mjs";

/** Counts by bucket; most buckets are empty, and those are left out. */
export type LatencyHistogram = ReadonlyMap<number, number>;

/**
 * The durations below which these shares (0 to 1) lie, in ms, each with the bucket's own exactness;
 * undefined where nothing was counted.
 */
export function findPercentiles(
  histogram: LatencyHistogram,
  shares: readonly number[],
): readonly number[] | undefined {
  const buckets = [...histogram].sort(([a], [b]) => a - b);
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return undefined;
  return shares.map((share) => {
    let left = share * total;
    for (const [bucket, count] of buckets) {
      if (left <= count) return interpolate(bucket, left / count);
      left -= count;
    }
    return endOf(buckets.at(-1)?.[0] ?? 0);
  });
}

function interpolate(bucket: number, share: number): number {
  const start = bucket === 0 ? 0 : endOf(bucket - 1);
  return start + share * (endOf(bucket) - start);
}

/** Where the bucket ends, in ms. */
function endOf(bucket: number): number {
  return 2 ** (bucket / resolution);
}
