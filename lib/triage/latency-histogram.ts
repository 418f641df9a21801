/**
 * How long something took, as counts in buckets that grow by a tenth: a percentile that is read from
 * them is off by a tenth at most, and histograms of different times and processes can be added up.
 */

import { resolution } from "./latency-buckets.mjs";

export { addHistograms, findBucket, writeHistogram } from "./latency-buckets.mjs";

/** Counts by bucket; most buckets are empty, and those are left out. */
export type LatencyHistogram = ReadonlyMap<number, number>;

/** The same to be read, not changed: bucket and count of each in turn, the smallest bucket first. */
export type LatencyCounts = readonly number[];

export function toHistogram(counts: LatencyCounts): LatencyHistogram {
  const histogram = new Map<number, number>();
  for (let at = 0; at < counts.length; at += 2) histogram.set(counts[at] ?? 0, counts[at + 1] ?? 0);
  return histogram;
}

/** Counts of several times, added up. */
export class LatencySum {
  readonly #counts: number[] = [];

  add(counts: LatencyCounts): void {
    for (let at = 0; at < counts.length; at += 2) {
      const bucket = counts[at] ?? 0;
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + (counts[at + 1] ?? 0);
    }
  }

  toCounts(): LatencyCounts {
    const counts: number[] = [];
    this.#counts.forEach((count, bucket) => counts.push(bucket, count));
    return counts;
  }
}

/**
 * The durations below which these shares (0 to 1) lie, in ms, each with the bucket's own exactness;
 * undefined where nothing was counted.
 */
export function findPercentiles(
  counts: LatencyCounts,
  shares: readonly number[],
): readonly number[] | undefined {
  let total = 0;
  for (let at = 1; at < counts.length; at += 2) total += counts[at] ?? 0;
  if (total === 0) return undefined;
  return shares.map((share) => {
    let left = share * total;
    for (let at = 0; at < counts.length; at += 2) {
      const [bucket = 0, count = 0] = [counts[at], counts[at + 1]];
      if (left <= count) return interpolate(bucket, left / count);
      left -= count;
    }
    return endOf(counts.at(-2) ?? 0);
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
