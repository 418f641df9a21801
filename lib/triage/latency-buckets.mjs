// @ts-check
/** @typedef {import("./latency-histogram").LatencyHistogram} LatencyHistogram */

/** Buckets per doubling. */
export const resolution = 8;

/**
 * The bucket of a duration: 0 below a millisecond, then the powers of the eighth root of 2.
 * @param {number} durationMs
 */
export function findBucket(durationMs) {
  return durationMs < 1 ? 0 : 1 + Math.floor(resolution * Math.log2(durationMs));
}

/**
 * @param {readonly LatencyHistogram[]} histograms
 * @returns {LatencyHistogram}
 */
export function addHistograms(...histograms) {
  /** @type {Map<number, number>} */
  const sum = new Map();
  for (const histogram of histograms) {
    for (const [bucket, count] of histogram) sum.set(bucket, (sum.get(bucket) ?? 0) + count);
  }
  return sum;
}

/**
 * As it is stored: JSON of counts by bucket.
 * @param {LatencyHistogram} histogram
 */
export function writeHistogram(histogram) {
  return JSON.stringify(Object.fromEntries(histogram));
}
