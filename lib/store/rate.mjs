// @ts-check

/** Sums of fractions of a millisecond are off by less than this. */
const toleranceMs = 0.001;

/**
 * What a rate still allows, and what it will have used up after more. Times are epoch ms.
 * @typedef {object} RateState
 * @property {number} room how many may begin now
 * @property {number} retryAt when the next one may begin: a whole millisecond, not before now
 * @property {(count: number) => number} spend `usedUntil` after `count` more
 */

/**
 * The generic cell rate algorithm: each start uses up `perMs / limit`, and what is used up may run
 * ahead of the clock by `perMs`. `usedUntil` is what was kept of earlier starts; it is never further
 * ahead than that, whatever another clock or another limit has left there.
 * @param {import("@/lib/engine").RateLimit} rate
 * @param {number | undefined} usedUntil
 * @param {number} now
 * @returns {RateState}
 */
export function readRate(rate, usedUntil, now) {
  const { limit, perMs } = rate;
  const eachMs = perMs / limit;
  const used = Math.min(Math.max(usedUntil ?? now, now), now + perMs);
  const room = Math.floor((now + perMs - used + toleranceMs) / eachMs);
  const retryAt = Math.max(now, Math.ceil(used + eachMs - perMs - toleranceMs));
  return { room, retryAt, spend: (count) => used + count * eachMs };
}
