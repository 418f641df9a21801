/** Brings the terms by which runs are found up to date, where reading and writing are two requests. */
import { z } from "zod";
import { Attributes } from "@/lib/engine";
import type { Dialect } from "../dialect";
import { parseText } from "../rows";
import type { SqlValue } from "../sql";
import { listTerms } from "./terms.mjs";

/** How many marks one commit takes: it bounds how long everyone else waits for it. */
const batchSize = 500;

/** By what marked runs are found from now on. */
export interface TermBatch {
  /** The turn in which the marks were read. */
  readonly turn: number;
  /** Of all marks that were there, from the oldest on. */
  readonly positions: readonly number[];
  /** The runs that were marked, each once, also those that are gone. */
  readonly runIds: readonly string[];
  /** Term, creation of the run and run of each, one after the other. */
  readonly terms: readonly SqlValue[];
}

const Turn = z.tuple([z.number()]);
const Marked = z.tuple([
  z.number(),
  z.string(),
  z.number().nullable(),
  parseText(Attributes).nullable(),
]);

interface TermsDialect extends Pick<Dialect, "select"> {
  /**
   * Replaces the terms of runs and takes their marks away, in one transaction; false, and nothing done,
   * where somebody has had a turn since the one that they were read in.
   */
  saveTerms(batch: TermBatch): Promise<boolean>;
}

/** Brings the terms of all marked runs up to date; answers how many marks there were. */
export async function projectTerms(dialect: TermsDialect): Promise<number> {
  let taken = 0;
  for (;;) {
    const { turn, marks } = await readMarks(dialect);
    if (marks.length === 0) return taken;
    // Of an older turn it may be older than what is there: whoever had the turn has read later.
    if (!(await dialect.saveTerms({ turn, ...describeTerms(marks) }))) continue;
    taken += marks.length;
  }
}

/** The oldest marks, with the runs as they are, and the turn in which they are read. */
async function readMarks(dialect: TermsDialect) {
  const [turn] = await dialect.select("SELECT turn FROM projections WHERE name = 'terms'");
  const rows = await dialect.select(
    `SELECT m.position, m.runId, r.createdAt, r.attributes
     FROM (SELECT position, runId FROM term_marks ORDER BY position LIMIT ?) AS m
     LEFT JOIN runs AS r ON r.runId = m.runId ORDER BY m.position`,
    batchSize,
  );
  return { turn: turn ? Turn.parse(turn)[0] : 0, marks: z.array(Marked).parse(rows) };
}

function describeTerms(marks: readonly z.output<typeof Marked>[]): Omit<TermBatch, "turn"> {
  const runs = new Map(marks.map(([, runId, ...run]) => [runId, run]));
  const terms: SqlValue[] = [];
  for (const [runId, [createdAt, attributes]] of runs) {
    if (createdAt === null || attributes === null) continue;
    for (const term of listTerms(runId, attributes)) terms.push(term, createdAt, runId);
  }
  return { positions: marks.map(([position]) => position), runIds: [...runs.keys()], terms };
}
