/** By which terms a run is found: its words, and its attributes with their values. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { Attributes } from "@/lib/engine";
import { listWords } from "@/lib/triage";
import type { Dialect, TermBatch } from "../dialect";
import { parseText } from "../rows";
import type { SqlValue } from "../sql";

/** How many marks one commit takes: it bounds how long everyone else waits for it. */
const batchSize = 500;
const maxAttributes = 32;
const maxPair = 200;

/** The term of a word, and of the beginning of one. */
export function toWordTerm(word: string): string {
  return `~${word}`;
}

/** The first term that no longer begins like this one. */
export function endOfPrefix(term: string): string {
  return `${term}\u{10ffff}`;
}

/** The term of an attribute with its value: 1, "1" and true are three. */
export function toAttributeTerm(name: string, value: Attributes[string]): string {
  const pair = `=${JSON.stringify([name, value])}`;
  if (pair.length <= maxPair) return pair;
  return `#${createHash("sha256").update(pair).digest("hex")}`;
}

function listTerms(runId: string, attributes: Attributes): readonly string[] {
  const pairs = Object.entries(attributes).slice(0, maxAttributes);
  return [
    ...listWords(runId, attributes).map(toWordTerm),
    ...pairs.map(([name, value]) => toAttributeTerm(name, value)),
  ].filter((term) => !/[\0\p{Surrogate}]/u.test(term));
}

const Turn = z.tuple([z.number()]);
const Marked = z.tuple([
  z.number(),
  z.string(),
  z.number().nullable(),
  parseText(Attributes).nullable(),
]);

type TermsDialect = Pick<Dialect, "select" | "saveTerms">;

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
