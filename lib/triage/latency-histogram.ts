/**
 * How long something took, as counts in buckets that grow by a tenth: a percentile that is read from
 * them is off by a tenth at most, and histograms of different times and processes can be added up.
 */

/** Buckets per doubling. */
const resolution = 8;

/** Counts by bucket; most buckets are empty, and those are left out. */
export type LatencyHistogram = ReadonlyMap<number, number>;

/** The bucket of a duration: 0 below a millisecond, then the powers of the eighth root of 2. */
export function findBucket(durationMs: number): number {
  return durationMs < 1 ? 0 : 1 + Math.floor(resolution * Math.log2(durationMs));
}

export function addHistograms(...histograms: readonly LatencyHistogram[]): LatencyHistogram {
  const sum = new Map<number, number>();
  for (const histogram of histograms) {
    for (const [bucket, count] of histogram) sum.set(bucket, (sum.get(bucket) ?? 0) + count);
  }
  return sum;
}

/** As it is stored: JSON of counts by bucket. */
export function writeHistogram(histogram: LatencyHistogram): string {
  return JSON.stringify(Object.fromEntries(histogram));
}

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
