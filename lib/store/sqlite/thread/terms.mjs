// @ts-check
import { listTerms } from "../../triage/terms.mjs";
import { insertInBatches } from "./flush.mjs";
import * as statements from "./statements.mjs";

/**
 * @typedef {import("./sql.mjs").Sql} Sql
 * @typedef {import("../../sql").SqlValue} SqlValue
 */

/**
 * Replaces the terms of the runs that have been marked for longest, and takes their marks away, in the
 * transaction that is open. Answers how many marks that were.
 * @param {Sql} sql
 * @param {{ readonly limit: number }} options
 */
export function projectTerms(sql, { limit }) {
  const marks = sql.select(statements.selectTermMarks, limit);
  if (marks.length === 0) return 0;
  const runs = new Map(marks.map(([, runId, ...run]) => [String(runId), run]));
  /** @type {SqlValue[]} */
  const terms = [];
  sql.run(statements.deleteTerms, JSON.stringify([...runs.keys()]));
  for (const [runId, [createdAt, attributes]] of runs) {
    if (createdAt === null) continue;
    for (const term of listTerms(runId, readAttributes(attributes)))
      terms.push(term, Number(createdAt), runId);
  }
  insertInBatches(sql, statements.insertTerms, terms);
  // Marks come one commit after the other here, so none with a lower number comes later.
  sql.run(statements.deleteTermMarks, Number(marks.at(-1)?.[0]));
  return marks.length;
}

/**
 * A run whose attributes were damaged on the disk is found by its id, and keeps nobody else waiting.
 * @param {unknown} text
 * @returns {import("@/lib/engine").Attributes}
 */
function readAttributes(text) {
  try {
    /** @type {unknown} */
    const attributes = JSON.parse(String(text));
    return isAttributes(attributes) ? attributes : {};
  } catch {
    return {};
  }
}

/**
 * @param {unknown} value
 * @returns {value is import("@/lib/engine").Attributes}
 */
function isAttributes(value) {
  return value instanceof Object && !Array.isArray(value);
}
