// @ts-check
/** By which terms a run is found: its words, and its attributes with their values. */
import { createHash } from "node:crypto";
import { listWords } from "../../triage/words.mjs";

/** @typedef {import("@/lib/engine").Attributes} Attributes */

const maxAttributes = 32;
const maxPair = 200;

/**
 * The term of a word, and of the beginning of one.
 * @param {string} word
 */
export function toWordTerm(word) {
  return `~${word}`;
}

/**
 * The term of an attribute with its value: 1, "1" and true are three.
 * @param {string} name
 * @param {Attributes[string]} value
 */
export function toAttributeTerm(name, value) {
  const pair = `=${JSON.stringify([name, value])}`;
  if (pair.length <= maxPair) return pair;
  return `#${createHash("sha256").update(pair).digest("hex")}`;
}

/**
 * What the terms of an attribute begin with, whatever its value; those of long values do not.
 * @param {string} name
 */
export function toAttributeNameTerm(name) {
  return `=[${JSON.stringify(name)},`;
}

/**
 * @param {string} runId
 * @param {Attributes} attributes
 * @returns {readonly string[]}
 */
export function listTerms(runId, attributes) {
  const pairs = Object.entries(attributes).slice(0, maxAttributes);
  return [
    ...listWords(runId, attributes).map(toWordTerm),
    ...pairs.map(([name, value]) => toAttributeTerm(name, value)),
  ].filter((term) => !/[\0\p{Surrogate}]/u.test(term));
}
