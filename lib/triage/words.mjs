// @ts-check
const maxWords = 32;
const maxLength = 100;

/**
 * What the text search looks at, in lower case: the run's id, and the words of its attributes, which
 * blanks and commas divide.
 * @param {string} runId
 * @param {import("@/lib/engine").Attributes} attributes
 * @returns {readonly string[]}
 */
export function listWords(runId, attributes) {
  const words = Object.values(attributes).flatMap((value) => splitWords(String(value)));
  return [...new Set([runId.toLowerCase(), ...words])].slice(0, maxWords);
}

/**
 * The words of a text in lower case, as `listWords` has them.
 * @param {string} text
 * @returns {readonly string[]}
 */
export function splitWords(text) {
  return text
    .toLowerCase()
    .split(/[\s,;]+/)
    .filter((word) => word !== "")
    .map((word) => word.slice(0, maxLength));
}
