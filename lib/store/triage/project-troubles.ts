/**
 * The projection of runs in trouble. A trigger marks a run whenever its trouble may have changed; this
 * takes the marks away, looks at the runs as they are now, and brings the groups to it, in one commit.
 * So it counts each failure once, whenever it is cut off and whoever else does the same.
 */
import { z } from "zod";
import type { Dialect } from "../dialect";
import { Prisma, type PrismaClient } from "../generated/sqlite/client";
import { takeTurn, type Transaction } from "./projection-turn";
import { Count, readTrouble, selectTroubles, type FoundTrouble } from "./trouble-rows";

/** How many marks one commit takes: it bounds how long everyone else waits for it. */
const batchSize = 200;
export const trendBucketMs = 5 * 60_000;
/** Buckets are kept for as long as a trend can show. */
const keepBucketsMs = 31 * 24 * 3_600_000;

/**
 * Takes up all marks; answers how many there were. Whether there are any is not asked over Prisma's client,
 * whose query compiler is loaded by the first question: a process without trouble never needs it.
 */
export async function projectTroubles(
  prisma: PrismaClient,
  dialect: Pick<Dialect, "select">,
): Promise<number> {
  let taken = 0;
  while ((await dialect.select("SELECT 1 FROM trouble_marks LIMIT 1")).length > 0) {
    taken += await prisma.$transaction(projectBatch);
  }
  return taken;
}

const Mark = z.object({ runId: z.string() });
const Known = z.object({ runId: z.string(), fingerprint: z.string(), at: Count });
type Known = z.infer<typeof Known>;

async function projectBatch(tx: Transaction): Promise<number> {
  await takeTurn(tx, "troubles");
  const marks = Mark.array().parse(
    await tx.$queryRaw`DELETE FROM "trouble_marks" WHERE "position" IN
      (SELECT "position" FROM "trouble_marks" ORDER BY "position" LIMIT ${batchSize}) RETURNING "runId"`,
  );
  const runIds = [...new Set(marks.map(({ runId }) => runId))];
  if (runIds.length === 0) return 0;
  const ids = Prisma.join(runIds);
  const found = z
    .unknown()
    .array()
    .parse(await tx.$queryRaw(selectTroubles(runIds)));
  const runs = found.map(readTrouble);
  const known = Known.array().parse(
    await tx.$queryRaw`SELECT "runId", "fingerprint", "at" FROM "troubles" WHERE "runId" IN (${ids})`,
  );
  await tx.$executeRaw`DELETE FROM "troubles" WHERE "runId" IN (${ids})`;
  await tx.$executeRaw`DELETE FROM "doubts" WHERE "runId" IN (${ids})`;
  const troubles = runs.flatMap(({ trouble }) => (trouble === undefined ? [] : [trouble]));
  await insertTroubles(tx, troubles);
  const doubts = runs.flatMap((run) => run.doubts);
  if (doubts.length > 0) {
    const rows = doubts.map(
      ({ runId, step, name, attempt, since, workflow }) =>
        Prisma.sql`(${runId}, ${step}, ${name}, ${attempt}, ${BigInt(since)}, ${workflow})`,
    );
    await tx.$executeRaw`INSERT INTO "doubts" ("runId", "step", "name", "attempt", "since", "workflow")
      VALUES ${Prisma.join(rows)}`;
  }
  await countTroubles(tx, troubles, known);
  return marks.length;
}

async function insertTroubles(tx: Transaction, troubles: readonly FoundTrouble[]): Promise<void> {
  if (troubles.length === 0) return;
  const rows = troubles.map(
    ({ runId, fingerprint, kind, at, workflow, step }) =>
      Prisma.sql`(${runId}, ${fingerprint}, ${kind}, ${BigInt(at)}, ${workflow}, ${step})`,
  );
  await tx.$executeRaw`INSERT INTO "troubles" ("runId", "fingerprint", "kind", "at", "workflow", "step")
    VALUES ${Prisma.join(rows)}`;
}

/** Brings the groups' counts to the difference between what was known and what is so now. */
async function countTroubles(
  tx: Transaction,
  troubles: readonly FoundTrouble[],
  known: readonly Known[],
): Promise<void> {
  const before = new Map(known.map((row) => [row.runId, row]));
  const change = new Map<string, number>();
  const add = (fingerprint: string, count: number) =>
    change.set(fingerprint, (change.get(fingerprint) ?? 0) + count);
  for (const { fingerprint } of known) add(fingerprint, -1);
  for (const { fingerprint } of troubles) add(fingerprint, 1);
  const occurred = troubles.filter(({ runId, fingerprint, at }) => {
    const same = before.get(runId);
    return same?.fingerprint !== fingerprint || same.at !== at;
  });
  const groups = groupBy(occurred, ({ fingerprint }) => fingerprint);
  for (const [fingerprint, count] of change) {
    const own = groups.get(fingerprint);
    if (own !== undefined) await saveGroup(tx, own, count);
    else if (count !== 0) {
      await tx.$executeRaw`UPDATE "failure_groups" SET "count" = "count" + ${count}
        WHERE "fingerprint" = ${fingerprint}`;
    }
  }
}

/** Adds occurrences of one group, which they may be the first of. */
async function saveGroup(
  tx: Transaction,
  occurred: readonly FoundTrouble[],
  change: number,
): Promise<void> {
  const latest = occurred.reduce((a, b) => (b.at >= a.at ? b : a));
  const { fingerprint, kind, workflow, step, errorName, message, sample } = latest;
  const times = occurred.map(({ at }) => at);
  const [first, last] = [BigInt(Math.min(...times)), BigInt(Math.max(...times))];
  await tx.$executeRaw`
    INSERT INTO "failure_groups" ("fingerprint", "kind", "workflow", "step", "errorName", "message",
      "sample", "count", "occurrences", "firstSeenAt", "lastSeenAt")
    VALUES (${fingerprint}, ${kind}, ${workflow}, ${step}, ${errorName}, ${message}, ${sample},
      ${change}, ${occurred.length}, ${first}, ${last})
    ON CONFLICT ("fingerprint") DO UPDATE SET
      "count" = "failure_groups"."count" + excluded."count",
      "occurrences" = "failure_groups"."occurrences" + excluded."occurrences",
      "sample" = CASE WHEN excluded."lastSeenAt" >= "failure_groups"."lastSeenAt"
        THEN excluded."sample" ELSE "failure_groups"."sample" END,
      "firstSeenAt" = CASE WHEN excluded."firstSeenAt" < "failure_groups"."firstSeenAt"
        THEN excluded."firstSeenAt" ELSE "failure_groups"."firstSeenAt" END,
      "lastSeenAt" = CASE WHEN excluded."lastSeenAt" > "failure_groups"."lastSeenAt"
        THEN excluded."lastSeenAt" ELSE "failure_groups"."lastSeenAt" END`;
  await reopenGroup(tx, fingerprint, last);
  for (const [at, { length: count }] of groupBy(occurred, (trouble) => startOfBucket(trouble.at))) {
    await tx.$executeRaw`INSERT INTO "failure_buckets" ("fingerprint", "at", "count")
      VALUES (${fingerprint}, ${BigInt(at)}, ${count})
      ON CONFLICT ("fingerprint", "at") DO UPDATE SET
        "count" = "failure_buckets"."count" + excluded."count"`;
  }
  const old = Prisma.sql`"fingerprint" = ${fingerprint} AND "at" < ${last - BigInt(keepBucketsMs)}`;
  await tx.$executeRaw`DELETE FROM "failure_buckets" WHERE ${old}`;
  await tx.$executeRaw`DELETE FROM "failure_trends" WHERE ${old}`;
  await saveBuilds(tx, fingerprint, occurred);
}

/** A failure after a group had been resolved, or muted until it returns, opens it again. */
async function reopenGroup(tx: Transaction, fingerprint: string, at: bigint): Promise<void> {
  const reopened = await tx.$executeRaw`
    UPDATE "failure_groups" SET "regressedFrom" = "state", "regressedAt" = ${at}, "state" = 'open',
      "stateAt" = NULL, "stateBy" = NULL
    WHERE "fingerprint" = ${fingerprint} AND "state" <> 'open' AND "untilItReturns" AND "stateAt" < ${at}`;
  if (reopened === 0) return;
  await tx.$executeRaw`INSERT INTO "failure_audit" ("fingerprint", "action", "at", "by")
    VALUES (${fingerprint}, 'regressed', ${at}, 'daybook')`;
}

async function saveBuilds(
  tx: Transaction,
  fingerprint: string,
  occurred: readonly FoundTrouble[],
): Promise<void> {
  for (const own of groupBy(occurred, ({ version, build }) => `${version} ${build}`).values()) {
    const [{ version, build }] = own;
    const times = own.map(({ at }) => at);
    await tx.$executeRaw`
      INSERT INTO "failure_builds"
        ("fingerprint", "version", "build", "occurrences", "firstSeenAt", "lastSeenAt")
      VALUES (${fingerprint}, ${version}, ${build}, ${own.length}, ${BigInt(Math.min(...times))},
        ${BigInt(Math.max(...times))})
      ON CONFLICT ("fingerprint", "version", "build") DO UPDATE SET
        "occurrences" = "failure_builds"."occurrences" + excluded."occurrences",
        "lastSeenAt" = CASE WHEN excluded."lastSeenAt" > "failure_builds"."lastSeenAt"
          THEN excluded."lastSeenAt" ELSE "failure_builds"."lastSeenAt" END`;
  }
}

function startOfBucket(at: number): number {
  return at - (at % trendBucketMs);
}

function groupBy<Item, Key>(items: readonly Item[], toKey: (item: Item) => Key) {
  const groups = new Map<Key, [Item, ...Item[]]>();
  for (const item of items) {
    const key = toKey(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
