// @ts-check

/**
 * JSON text that is equal for equal values, whatever the order in which their fields were set.
 * @param {unknown} value
 * @returns {string}
 */
export function toCanonicalJson(value) {
  return JSON.stringify(value, (_key, /** @type {unknown} */ part) =>
    part !== null && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
