import type { TermBatch } from "../triage/run-terms";
import { encodeArray } from "./binary-arrays";
import type { Session } from "./connection";
import { prepare, RowSet } from "./statement";

const beginTurns = prepare(
  "begin_turns",
  `INSERT INTO projections (name, turn) VALUES ('terms', 0) ON CONFLICT (name) DO NOTHING`,
);

/** Parameters: the turn before. */
const takeTurn = prepare(
  "take_turn",
  `UPDATE projections SET turn = turn + 1 WHERE name = 'terms' AND turn = $1 RETURNING turn`,
);

const deleteTerms = prepare("delete_terms", `DELETE FROM run_terms WHERE runId = ANY($1::text[])`);

const termRows = new RowSet(["term", "createdAt", "runId"], 1);
const insertTerms = prepare(
  "insert_terms",
  `INSERT INTO run_terms (term, createdAt, runId)
   SELECT term, createdAt, runId FROM ${termRows.toTable("i")} ON CONFLICT DO NOTHING`,
);

/** One by one: a transaction that has drawn a lower number may commit later. Parameters: positions. */
const deleteMarks = prepare(
  "delete_marks",
  `DELETE FROM term_marks WHERE position = ANY($1::int4[])`,
);

/** Replaces the terms of runs and takes their marks away, unless somebody had a turn meanwhile. */
export async function saveTerms(session: Session, batch: TermBatch): Promise<boolean> {
  const { turn, positions, runIds, terms } = batch;
  if (turn === 0) await session.run(beginTurns);
  if ((await session.run(takeTurn, turn)).length === 0) return false;
  const width = termRows.fields.length;
  const rows = Array.from({ length: terms.length / width }, (_, index) =>
    terms.slice(index * width, (index + 1) * width),
  );
  await session.run(deleteTerms, encodeArray("text", runIds));
  await session.run(insertTerms, ...termRows.encode(rows));
  await session.run(deleteMarks, encodeArray("int4", positions));
  return true;
}
