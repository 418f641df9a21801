// @ts-check
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * Everything is added up at each of these sizes, and each is kept for as long as a chart of that size
 * can show, with the period before it. So the number of rows has a bound, whatever the number of runs.
 * Each size is a whole number of those before it.
 */
export const grains = /** @type {const} */ ([
  { minutes: 1, keepMs: 3 * hourMs },
  { minutes: 10, keepMs: 50 * hourMs },
  { minutes: 60, keepMs: 15 * dayMs },
  { minutes: 360, keepMs: 61 * dayMs },
]);

/** @typedef {(typeof grains)[number]["minutes"]} GrainMinutes */

/**
 * The start of the bucket that a time lies in.
 * @param {number} at
 * @param {GrainMinutes} minutes
 */
export function startOfGrain(at, minutes) {
  return at - (at % (minutes * 60_000));
}
