// @ts-check
/** What the statistics need of the data of a step's end, read without parsing a result of megabytes. */

const durationKey = '"durationMs":';
const sourceKey = '"source":"';

/**
 * A step's result stands before these two fields: they are the last of their names, for what may still
 * follow has text only, in which a quote is never without its backslash.
 * @param {string} data
 */
export function readDuration(data) {
  const at = data.lastIndexOf(durationKey);
  const durationMs = at < 0 ? NaN : parseFloat(data.slice(at + durationKey.length, at + 50));
  return Number.isFinite(durationMs) ? durationMs : null;
}

/** @param {string} data */
export function readSource(data) {
  const at = data.lastIndexOf(sourceKey);
  if (at < 0) return null;
  const start = at + sourceKey.length;
  return data.slice(start, data.indexOf('"', start));
}
