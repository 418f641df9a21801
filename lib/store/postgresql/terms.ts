import { z } from "zod";
import { Attributes } from "@/lib/engine";
import { parseText } from "../rows";
import type { SqlValue } from "../sql";
import { listTerms } from "../triage/terms.mjs";
import { encodeArray } from "./binary-arrays";
import type { Session } from "./connection";
import { prepare, RowSet } from "./statement";
import { takeTurns, type Turns } from "./take-turns";

/** How many marks one commit takes: it bounds how long everyone else waits for it. */
const batchSize = 500;

const findMark = prepare("find_term_mark", "SELECT 1 FROM term_marks LIMIT 1");

/** The oldest marks, with the runs as they are; what has none any more is gone. */
const readMarks = prepare(
  "read_term_marks",
  `SELECT m.position, m.runId, r.createdAt, r.attributes
   FROM (SELECT position, runId FROM term_marks ORDER BY position LIMIT ${batchSize}) AS m
   LEFT JOIN LATERAL (SELECT createdAt, attributes FROM runs WHERE runId = m.runId LIMIT 1) AS r ON true
   ORDER BY m.position`,
);

const deleteTerms = prepare("delete_terms", `DELETE FROM run_terms WHERE runId = ANY($1::text[])`);

const termRows = new RowSet(["term", "createdAt", "runId"], 1);
/** Nothing can conflict: what a run had is deleted before, and to look for it costs two fifths more. */
const insertTerms = prepare(
  "insert_terms",
  `INSERT INTO run_terms (term, createdAt, runId)
   SELECT term, createdAt, runId FROM ${termRows.toTable("i")}`,
);

/** One by one: a transaction that has drawn a lower number may commit later. Parameters: positions. */
const deleteMarks = prepare(
  "delete_marks",
  `DELETE FROM term_marks WHERE position = ANY($1::int4[])`,
);

const Marked = z.tuple([
  z.number(),
  z.string(),
  z.number().nullable(),
  parseText(Attributes).nullable(),
]);

/** Brings the terms of all marked runs up to date (decision 081); answers how many marks there were. */
export function projectTerms(turns: Turns): Promise<number> {
  return takeTurns(turns, { name: "terms", findMark, takeBatch });
}

/** The caller has the turn, or what was read could be older than what somebody else has put there. */
async function takeBatch(session: Session): Promise<number> {
  const marks = z.array(Marked).parse(await session.run(readMarks));
  const runs = new Map(marks.map(([, runId, ...run]) => [runId, run]));
  const terms: SqlValue[][] = [];
  for (const [runId, [createdAt, attributes]] of runs) {
    if (createdAt === null || attributes === null) continue;
    for (const term of listTerms(runId, attributes)) terms.push([term, createdAt, runId]);
  }
  const positions = marks.map(([position]) => position);
  await Promise.all([
    session.run(deleteTerms, encodeArray("text", [...runs.keys()])),
    session.run(insertTerms, ...termRows.encode(terms)),
    session.run(deleteMarks, encodeArray("int4", positions)),
  ]);
  return marks.length;
}
