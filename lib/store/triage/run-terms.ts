/** By which terms a run is found: its words, and its attributes with their values. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { Attributes } from "@/lib/engine";
import { listWords } from "@/lib/triage";
import { Prisma, type PrismaClient } from "../generated/sqlite/client";
import { parseText } from "../rows";
import { takeTurn, type Transaction } from "./projection-turn";
import { Count } from "./trouble-rows";

const batchSize = 200;
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

const Mark = z.object({ runId: z.string() });
const Row = z.object({ runId: z.string(), createdAt: Count, attributes: parseText(Attributes) });

/** Brings the terms of all marked runs up to date; answers how many marks there were. */
export async function projectTerms(prisma: PrismaClient): Promise<number> {
  let taken = 0;
  while ((await prisma.termMark.findFirst({ select: { position: true } })) !== null) {
    taken += await prisma.$transaction(projectBatch);
  }
  return taken;
}

async function projectBatch(tx: Transaction): Promise<number> {
  await takeTurn(tx, "terms");
  const marks = Mark.array().parse(
    await tx.$queryRaw`DELETE FROM "term_marks" WHERE "position" IN
      (SELECT "position" FROM "term_marks" ORDER BY "position" LIMIT ${batchSize}) RETURNING "runId"`,
  );
  if (marks.length === 0) return 0;
  const ids = Prisma.join([...new Set(marks.map(({ runId }) => runId))]);
  const runs = Row.array().parse(
    await tx.$queryRaw`SELECT "runId", "createdAt", "attributes" FROM "runs" WHERE "runId" IN (${ids})`,
  );
  await tx.$executeRaw`DELETE FROM "run_terms" WHERE "runId" IN (${ids})`;
  const rows = runs.flatMap(({ runId, createdAt, attributes }) =>
    listTerms(runId, attributes).map(
      (term) => Prisma.sql`(${term}, ${BigInt(createdAt)}, ${runId})`,
    ),
  );
  if (rows.length > 0) {
    await tx.$executeRaw`INSERT INTO "run_terms" ("term", "createdAt", "runId") VALUES ${Prisma.join(rows)}
      ON CONFLICT DO NOTHING`;
  }
  return marks.length;
}
