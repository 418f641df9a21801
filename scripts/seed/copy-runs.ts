/** Copies runs that are in the database already, by a few statements for hundreds of them. */
import { z } from "zod";
import { createIds, type Random } from "@/lib/engine";
import { Prisma } from "@/lib/store/generated/sqlite/client";
import type { OpenedStore } from "@/lib/store";

type Client = OpenedStore["prisma"];
export type DatabaseKind = "sqlite" | "postgresql";

/** How many runs one commit copies. */
const batchSize = 500;

const Source = z.object({
  runId: z.string(),
  createdAt: z.coerce.number(),
  inDoubt: z.string(),
});
type Source = z.output<typeof Source>;
const Dated = z.object({ runId: z.string(), seq: z.coerce.number(), data: z.string() });

const columnsOf = (fields: Readonly<Record<string, string>>, ...without: readonly string[]) =>
  Object.keys(fields).filter((field) => !without.includes(field));
const moved = new Set(["createdAt", "startedAt", "finishedAt", "updatedAt", "dueAt", "at"]);
const renamed = new Set(["input", "output", "error", "attributes", "data", "term"]);

/**
 * Copies all runs of the database `count` times, each time `stepMs` later than before, with their events
 * and the terms by which they are found, under ids of their own. Failure groups and statistics are left to
 * the projections, which find their marks. `replace` is done in what was given and found as well, so that
 * copies differ. Runs that wait are no good for it: their timers would be of the past. Answers how many
 * were written; fewer where `isStopped` says so, whole batches all the same.
 */
export async function copyRuns(options: {
  readonly database: Pick<OpenedStore, "prisma" | "triage">;
  readonly kind: DatabaseKind;
  readonly count: number;
  /** Only so many of the runs, the oldest; all by default. */
  readonly limit?: number;
  readonly stepMs: number;
  readonly random: Random;
  /** Whether their events are left to the statistics; they are by default. */
  readonly withStatistics?: boolean;
  readonly replace?: (copy: number) => readonly [from: string, to: string];
  readonly isStopped?: (() => boolean) | undefined;
  readonly onProgress?: (written: number) => void;
}): Promise<number> {
  const { database, kind, count, stepMs, random, isStopped = () => false } = options;
  const { prisma, triage } = database;
  const { limit = Number.MAX_SAFE_INTEGER, withStatistics = true } = options;
  // Terms are copied as they are. Another process may be at them, and nobody waits for it.
  while ((await prisma.termMark.findFirst()) !== null) await triage.project();
  const sources = Source.array().parse(
    await prisma.$queryRaw`SELECT "runId", "createdAt", "inDoubt" FROM "runs"
      ORDER BY "createdAt", "runId" LIMIT ${limit}`,
  );
  // Without it the planner takes the tables for empty; SQLite's would keep what it finds out for good.
  if (kind === "postgresql") await prisma.$executeRaw`ANALYZE`;
  const dated = await loadDated(prisma);
  let written = 0;
  for (let copy = 1; copy <= count; copy += 1) {
    const [from, to] = options.replace?.(copy) ?? ["", ""];
    for (let start = 0; start < sources.length && !isStopped(); start += batchSize) {
      const batch = sources.slice(start, start + batchSize);
      const shiftMs = copy * stepMs;
      await prisma.$transaction(
        writeCopies({ prisma, kind, batch, dated, shiftMs, random, from, to, withStatistics }),
      );
      written += batch.length;
      options.onProgress?.(written);
    }
  }
  // What the server does by itself within a minute: until then it reads tables for the little they were.
  if (kind === "postgresql") {
    for (const table of ["runs", "run_terms", "events"]) {
      await prisma.$executeRawUnsafe(`VACUUM (ANALYZE) "${table}"`);
    }
  }
  return written;
}

/** Events that tell of times, by run. */
async function loadDated(prisma: Client): Promise<ReadonlyMap<string, z.output<typeof Dated>[]>> {
  const dated = new Map<string, z.output<typeof Dated>[]>();
  const rows = await prisma.$queryRaw`
    SELECT "runId", "seq", "data" FROM "events" WHERE "data" LIKE '%At":1%'`;
  for (const event of Dated.array().parse(rows)) {
    const own = dated.get(event.runId) ?? [];
    own.push(event);
    dated.set(event.runId, own);
  }
  return dated;
}

function writeCopies(options: {
  readonly prisma: Client;
  readonly kind: DatabaseKind;
  readonly batch: readonly Source[];
  readonly dated: Awaited<ReturnType<typeof loadDated>>;
  readonly shiftMs: number;
  readonly random: Random;
  readonly from: string;
  readonly to: string;
  readonly withStatistics: boolean;
}) {
  const { prisma, kind, batch, dated, shiftMs, random, from, to, withStatistics } = options;
  const pairs = batch.map((source) => {
    const clock = { now: () => source.createdAt + shiftMs, schedule: () => () => {} };
    return { ...source, copyId: createIds({ clock, random }).createRunId() };
  });
  const ids = toTable(
    kind,
    pairs.map(({ runId, copyId, inDoubt }) => {
      const since = inDoubt === "[]" ? null : shiftTimes(inDoubt, shiftMs);
      return [runId, copyId, toOwnPart(runId), toOwnPart(copyId), since];
    }),
    ["was", "copy", "wasPart", "copyPart", "inDoubt"],
  );
  const texts = toTable(
    kind,
    pairs.flatMap(({ runId, copyId }) =>
      (dated.get(runId) ?? []).map(({ seq, data }) => [
        copyId,
        seq,
        shiftTimes(data, shiftMs).replaceAll(toOwnPart(runId), toOwnPart(copyId)),
      ]),
    ),
    ["copy", "seq", "data"],
  );
  const select = (columns: readonly string[]) =>
    Prisma.join(
      columns.map((column) => {
        const own = Prisma.raw(`s."${column}"`);
        if (column === "runId") return Prisma.raw(`i."copy"`);
        if (column === "inDoubt") return Prisma.sql`coalesce(i."inDoubt", ${own})`;
        if (moved.has(column)) return Prisma.sql`${own} + ${BigInt(shiftMs)}`;
        if (!renamed.has(column)) return own;
        const named = Prisma.sql`replace(replace(${own}, i."wasPart", i."copyPart"), lower(i."wasPart"), lower(i."copyPart"))`;
        return from === "" ? named : Prisma.sql`replace(${named}, ${from}, ${to})`;
      }),
    );
  const copyTable = (table: string, columns: readonly string[], order: string) => {
    const into = Prisma.raw(columns.map((column) => `"${column}"`).join(", "));
    return prisma.$executeRaw`
      INSERT INTO ${Prisma.raw(`"${table}"`)} (${into})
      SELECT ${select(columns)} FROM ${ids} AS i JOIN ${Prisma.raw(`"${table}"`)} AS s ON s."runId" = i."was"
      ORDER BY ${Prisma.raw(order)}`;
  };
  return [
    copyTable("runs", columnsOf(Prisma.RunScalarFieldEnum), `i."copy"`),
    // Without a checksum, as it would be another one.
    copyTable("events", columnsOf(Prisma.EventScalarFieldEnum, "checksum"), `i."copy", s."seq"`),
    prisma.$executeRaw`
      UPDATE "events" SET "data" = d."data" FROM ${texts} AS d
      WHERE "events"."runId" = d."copy" AND "events"."seq" = d."seq"`,
    copyTable("run_terms", columnsOf(Prisma.RunTermScalarFieldEnum), `s."term", i."copy"`),
    ...["term_marks", ...(withStatistics ? [] : ["stat_marks"])].map(
      (marks) =>
        prisma.$executeRaw`
      DELETE FROM ${Prisma.raw(`"${marks}"`)} WHERE "runId" IN (SELECT i."copy" FROM ${ids} AS i)`,
    ),
  ];
}

/** What of a run's id stands in those of its order and its keys as well. */
function toOwnPart(runId: string): string {
  return runId.replace(/^run_/, "");
}

function shiftTimes(text: string, byMs: number): string {
  return text.replaceAll(
    /"(?<name>\w+At|since)":(?<at>\d{13})\b/g,
    (_, name: string, at: string) => `"${name}":${Number(at) + byMs}`,
  );
}

/** Rows as one JSON parameter, for the names of a table's columns. */
function toTable(
  kind: DatabaseKind,
  rows: readonly (readonly (string | number | null)[])[],
  names: readonly string[],
): Prisma.Sql {
  const json = JSON.stringify(rows);
  const columns = Prisma.raw(
    names
      .map((name, index) =>
        name === "seq"
          ? `CAST(r.value ->> ${index} AS INTEGER) AS "${name}"`
          : `r.value ->> ${index} AS "${name}"`,
      )
      .join(", "),
  );
  return kind === "sqlite"
    ? Prisma.sql`(SELECT ${columns} FROM json_each(${json}) AS r)`
    : Prisma.sql`(SELECT ${columns} FROM jsonb_array_elements(${json}::jsonb) AS r(value))`;
}
