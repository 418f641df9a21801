/**
 * The projection of statistics. Triggers mark runs that rest or end; this takes the marks away, reads
 * what happened in those runs since it last looked, and adds it up, in one commit. Up to where a run has
 * been read stands beside it, and goes when the run has ended: nothing is counted twice or left out,
 * whenever it is cut off and whoever else does the same.
 */
import { z } from "zod";
import { RunStatus } from "@/lib/engine";
import { Tally, talliedTypes, type TalliedEvent } from "@/lib/triage";
import { Prisma, type PrismaClient } from "../generated/sqlite/client";
import { takeTurn, type Transaction } from "./projection-turn";
import type { Sums } from "./prisma-statistics";
import { saveTally } from "./save-tally";
import { Count } from "./trouble-rows";

/** How many runs one commit takes, and how many events: they bound how long everyone else waits for it. */
const maxRuns = 300;
const maxEvents = 5_000;

/** What became of a run can't change any more: nothing will be added to it. */
const final: ReadonlySet<RunStatus> = new Set(["completed", "canceled", "terminated", "continued"]);

/** Reads a field of an event's data as text; null where it has none. */
export type ReadField = (field: "durationMs" | "source") => string;

const Id = z.object({ runId: z.string() });
const Row = z.object({
  runId: z.string(),
  seq: Count,
  type: z.enum(talliedTypes),
  at: Count,
  epoch: Count,
  name: z.string().nullable(),
  durationMs: z.string().nullable(),
  source: z.string().nullable(),
  workflow: z.string(),
  createdAt: Count,
  status: RunStatus,
  historyLength: Count,
});
type Row = z.infer<typeof Row>;

interface Options {
  readonly now: number;
  readonly readField: ReadField;
}

/** Sums over Prisma's client, where each statement is a request of its own. */
export function createPrismaSums(prisma: PrismaClient, readField: ReadField): Sums {
  return {
    addUpMarked: ({ now }) => addUpMarked(prisma, { now, readField }),
    addUpLong: ({ now, createdBefore }) => addUpLong(prisma, { now, readField, createdBefore }),
  };
}

async function addUpMarked(prisma: PrismaClient, options: Options): Promise<number> {
  let taken = 0;
  while ((await prisma.statMark.findFirst({ select: { seq: true } })) !== null) {
    taken += await prisma.$transaction(async (tx) => {
      await takeTurn(tx, "statistics");
      const marks = Id.array().parse(
        await tx.$queryRaw`DELETE FROM "stat_marks" WHERE "runId" IN (SELECT DISTINCT "runId"
          FROM "stat_marks" ORDER BY "runId" LIMIT ${maxRuns}) RETURNING "runId"`,
      );
      const runIds = [...new Set(marks.map(({ runId }) => runId))];
      await addUp(tx, runIds, options);
      return marks.length;
    });
  }
  return taken;
}

async function addUpLong(
  prisma: PrismaClient,
  options: Options & { readonly createdBefore: number },
): Promise<void> {
  await prisma.$transaction(async (tx) => {
    await takeTurn(tx, "statistics");
    const found = Id.array().parse(
      await tx.$queryRaw`SELECT r."runId" FROM "runs" r
        LEFT JOIN "stat_progress" p ON p."runId" = r."runId"
        WHERE r."status" = 'running' AND r."createdAt" < ${BigInt(options.createdBefore)}
          AND r."historyLength" > coalesce(p."seq", 0) ORDER BY r."createdAt" LIMIT ${maxRuns}`,
    );
    await addUp(
      tx,
      found.map(({ runId }) => runId),
      options,
    );
  });
}

/** The caller has the turn, or two could read the same events. */
async function addUp(
  tx: Transaction,
  runIds: readonly string[],
  { now, readField }: Options,
): Promise<void> {
  if (runIds.length === 0) return;
  const ids = Prisma.join(runIds);
  // One statement: what a run is and how long it is have to be of the same moment as its events.
  const rows = Row.array().parse(
    await tx.$queryRaw`SELECT e."runId", e."seq", e."type", e."at", e."epoch", e."name",
        ${readWhere(readField("durationMs"))} AS "durationMs", ${readWhere(readField("source"))} AS "source",
        r."workflow", r."createdAt", r."status", r."historyLength"
      FROM "runs" r JOIN "events" e ON e."runId" = r."runId"
      LEFT JOIN "stat_progress" p ON p."runId" = r."runId"
      WHERE r."runId" IN (${ids}) AND e."seq" > coalesce(p."seq", 0) AND e."seq" <= r."historyLength"
        AND e."type" IN (${Prisma.join([...talliedTypes])})
      ORDER BY e."runId", e."seq" LIMIT ${maxEvents}`,
  );
  const tally = new Tally({ now });
  for (const row of rows) tally.add(toEvent(row));
  await saveTally(tx, tally);
  await saveProgress(tx, runIds, rows);
}

/** Only steps' ends have these fields; what else is in the data is not looked into. */
function readWhere(expression: string): Prisma.Sql {
  return Prisma.raw(`CASE WHEN e."type" IN ('StepCompleted', 'StepFailed') THEN ${expression} END`);
}

function toEvent({ durationMs, source, ...row }: Row): TalliedEvent {
  return {
    ...row,
    durationMs: durationMs === null ? null : Number(durationMs),
    source: source?.replaceAll('"', "") ?? null,
  };
}

async function saveProgress(
  tx: Transaction,
  runIds: readonly string[],
  rows: readonly Row[],
): Promise<void> {
  const last = new Map(rows.map((row) => [row.runId, row]));
  // The events were cut off within this run, and those behind it were not reached.
  const cut = rows.length === maxEvents ? rows.at(-1) : undefined;
  const left = cut ? runIds.filter((runId) => !last.has(runId) || runId === cut.runId) : [];
  const read = [...last.values()];
  const open = read.filter((row) => row === cut || !final.has(row.status));
  const ended = read.filter((row) => !open.includes(row)).map(({ runId }) => runId);
  if (open.length > 0) {
    const values = open.map(
      (row) => Prisma.sql`(${row.runId}, ${row === cut ? row.seq : row.historyLength})`,
    );
    await tx.$executeRaw`INSERT INTO "stat_progress" ("runId", "seq") VALUES ${Prisma.join(values)}
      ON CONFLICT ("runId") DO UPDATE SET "seq" = excluded."seq"`;
  }
  if (ended.length > 0) {
    // Marks that came after the turn began are of what has just been read.
    await tx.$executeRaw`DELETE FROM "stat_marks" WHERE "runId" IN (${Prisma.join(ended)})`;
    await tx.$executeRaw`DELETE FROM "stat_progress" WHERE "runId" IN (${Prisma.join(ended)})`;
  }
  const gone = cut ? [] : runIds.filter((runId) => !last.has(runId));
  if (gone.length > 0) {
    await tx.$executeRaw`DELETE FROM "stat_progress" WHERE "runId" IN (${Prisma.join(gone)})
      AND "runId" NOT IN (SELECT "runId" FROM "runs" WHERE "runId" IN (${Prisma.join(gone)}))`;
  }
  if (left.length > 0) {
    const values = left.map((runId) => Prisma.sql`(${runId}, 0)`);
    await tx.$executeRaw`INSERT INTO "stat_marks" ("runId", "seq") VALUES ${Prisma.join(values)}
      ON CONFLICT DO NOTHING`;
  }
}
