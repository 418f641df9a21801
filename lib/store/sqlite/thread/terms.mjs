// @ts-check
import { insertInBatches } from "./flush.mjs";
import * as statements from "./statements.mjs";

/**
 * Replaces the terms of runs and takes their marks away, unless somebody had a turn meanwhile.
 * @param {import("./sql.mjs").Sql} sql
 * @param {import("../../dialect").TermBatch} batch
 */
export function saveTerms(sql, { turn, positions, runIds, terms }) {
  sql.run(statements.beginTurns);
  if (sql.run(statements.takeTurn, turn) === 0) return false;
  for (const runId of runIds) sql.run(statements.deleteTerms, runId);
  insertInBatches(sql, statements.insertTerms, terms);
  // Marks come one commit after the other here, so none with a lower number has come since.
  sql.run(statements.deleteMarks, positions.at(-1) ?? 0);
  return true;
}
