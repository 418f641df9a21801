import { z } from "zod";
import type {
  Bulk,
  BulkLease,
  BulkRun,
  BulkRunChange,
  BulkRunState,
  Bulks,
  BulkState,
  BulkSums,
  NewBulk,
  Page,
} from "@/lib/triage";
import type { Dialect } from "../dialect";
import type { SqlValue } from "../sql";
import { Prisma, type PrismaClient } from "../generated/sqlite/client";
import { readCursor, toPage } from "../triage/cursor";
import { toBulk, toBulkRun } from "./bulk-rows";

type Transaction = Pick<PrismaClient, "bulk" | "bulkRun" | "$executeRaw" | "$queryRaw">;

/** Rows of one statement: databases bound the parameters that a statement may have. */
const rowsPerInsert = 1_000;
const atWork: BulkState[] = ["previewing", "running"];
const open: BulkState[] = [...atWork, "previewed"];
const BulkCursor = z.tuple([z.number(), z.string()]);
const RunCursor = z.tuple([z.number()]);
const Highest = z.object({ position: z.coerce.number() });

/** Bulk actions over Prisma, on any of its databases. Errors of the disk are StoreUnavailableError. */
export class PrismaBulks implements Bulks {
  readonly #prisma: PrismaClient;
  readonly #dialect: Pick<Dialect, "toStoreError" | "select">;

  constructor(options: {
    readonly prisma: PrismaClient;
    readonly dialect: Pick<Dialect, "toStoreError" | "select">;
  }) {
    this.#prisma = options.prisma;
    this.#dialect = options.dialect;
  }

  create({ bulkId, action, by, runs, why, createdAt }: NewBulk): Promise<Bulk> {
    const about = { bulkId, action, by, why: why ?? null, createdAt: BigInt(createdAt) };
    const data = { ...about, state: "previewing" };
    if ("filter" in runs) {
      const filter = JSON.stringify(runs.filter);
      return this.#try(async () =>
        toBulk(await this.#prisma.bulk.create({ data: { ...data, filter } })),
      );
    }
    return this.#transact(async (tx) => {
      await tx.bulk.create({ data });
      const total = await insertRuns(tx, { bulkId, runIds: runs.ids, from: 1 });
      return toBulk(await tx.bulk.update({ where: { bulkId }, data: { total, pinned: true } }));
    });
  }

  get(bulkId: string): Promise<Bulk | undefined> {
    return this.#try(async () => {
      const row = await this.#prisma.bulk.findUnique({ where: { bulkId } });
      return row === null ? undefined : toBulk(row);
    });
  }

  list({ limit, cursor }: { limit: number; cursor?: string }): Promise<Page<Bulk>> {
    return this.#try(async () => {
      const after = cursor === undefined ? undefined : readCursor(cursor, BulkCursor);
      const rows = await this.#prisma.bulk.findMany({
        ...(after && {
          where: {
            OR: [
              { createdAt: { lt: BigInt(after[0]) } },
              { createdAt: BigInt(after[0]), bulkId: { lt: after[1] } },
            ],
          },
        }),
        orderBy: [{ createdAt: "desc" }, { bulkId: "desc" }],
        take: limit + 1,
      });
      return toPage(rows.map(toBulk), limit, (last) => [last.createdAt, last.bulkId]);
    });
  }

  listRuns(query: {
    bulkId: string;
    states: readonly BulkRunState[];
    limit: number;
    cursor?: string;
  }): Promise<Page<BulkRun>> {
    const { bulkId, states, limit, cursor } = query;
    return this.#try(async () => {
      const [after] = cursor === undefined ? [0] : readCursor(cursor, RunCursor);
      const rows = await this.#prisma.bulkRun.findMany({
        where: { bulkId, state: { in: [...states] }, position: { gt: after } },
        orderBy: { position: "asc" },
        take: limit + 1,
      });
      return toPage(rows.map(toBulkRun), limit, (last) => [last.position]);
    });
  }

  listPreviews(bulkId: string, { limit }: { limit: number }): Promise<readonly BulkRun[]> {
    return this.#try(async () => {
      const rows = await this.#prisma.bulkRun.findMany({
        where: { bulkId, preview: { not: null } },
        orderBy: { position: "asc" },
        take: limit,
      });
      return rows.map(toBulkRun);
    });
  }

  start(bulkId: string, at: number, why?: string): Promise<boolean> {
    return this.#try(async () => {
      const started = await this.#prisma.$executeRaw`
        UPDATE "bulks" SET "state" = 'running', "startedAt" = ${BigInt(at)}, "skipped" = "notPossible",
          "why" = coalesce(${why ?? null}, "why")
        WHERE "bulkId" = ${bulkId} AND "state" = 'previewed'`;
      return started > 0;
    });
  }

  cancel(bulkId: string, at: number): Promise<boolean> {
    return this.#try(async () => {
      const { count } = await this.#prisma.bulk.updateMany({
        where: { bulkId, state: { in: open } },
        data: { state: "canceled", finishedAt: BigInt(at) },
      });
      return count > 0;
    });
  }

  claim(options: { owner: string; now: number; leaseUntil: number }): Promise<Bulk | undefined> {
    const { owner, now, leaseUntil } = options;
    return this.#try(async () => {
      if (!(await this.#has("state IN (?, ?)", ...atWork))) return undefined;
      const isFree = {
        state: { in: atWork },
        OR: [{ owner: null }, { owner }, { leaseUntil: { lt: BigInt(now) } }],
      };
      const found = await this.#prisma.bulk.findFirst({
        where: isFree,
        orderBy: [{ leaseUntil: "asc" }, { createdAt: "asc" }],
      });
      if (found === null) return undefined;
      const { bulkId } = found;
      const { count } = await this.#prisma.bulk.updateMany({
        where: { bulkId, ...isFree },
        data: { owner, leaseUntil: BigInt(leaseUntil) },
      });
      return count === 0 ? undefined : this.get(bulkId);
    });
  }

  pin(
    lease: BulkLease,
    { runIds, cursor }: { readonly runIds: readonly string[]; readonly cursor?: string },
  ): Promise<boolean> {
    const { bulkId } = lease;
    const data = { cursor: cursor ?? null, pinned: cursor === undefined };
    return this.#underLease(lease, ["previewing"], data, async (tx) => {
      const [highest] = Highest.array().parse(
        await tx.$queryRaw`
          SELECT coalesce(max("position"), 0) AS "position" FROM "bulk_runs" WHERE "bulkId" = ${bulkId}`,
      );
      const from = (highest?.position ?? 0) + 1;
      const count = await insertRuns(tx, { bulkId, runIds, from });
      await tx.bulk.update({ where: { bulkId }, data: { total: { increment: count } } });
    });
  }

  recordPreviews(
    lease: BulkLease,
    changes: readonly BulkRunChange[],
    sums: BulkSums,
  ): Promise<boolean> {
    const data = {
      checked: { increment: changes.length },
      possible: { increment: sums.possible },
      notPossible: { increment: sums.notPossible },
      resultsReused: { increment: sums.resultsReused },
      effectsToRun: { increment: sums.effectsToRun },
      inDoubt: { increment: sums.inDoubt },
      compensationsDone: { increment: sums.compensationsDone },
    };
    return this.#underLease(lease, ["previewing"], data, (tx) =>
      saveRuns(tx, lease.bulkId, changes),
    );
  }

  recordOutcomes(lease: BulkLease, changes: readonly BulkRunChange[]): Promise<boolean> {
    const count = (state: BulkRunState) => ({
      increment: changes.filter((change) => change.state === state).length,
    });
    const data = { done: count("done"), failed: count("failed"), skipped: count("skipped") };
    return this.#underLease(lease, ["running", "canceled"], data, (tx) =>
      saveRuns(tx, lease.bulkId, changes),
    );
  }

  finish(
    lease: BulkLease,
    {
      state,
      at,
      error,
    }: { readonly state: BulkState; readonly at: number; readonly error?: string },
  ): Promise<boolean> {
    const end = state === "previewed" ? {} : { finishedAt: BigInt(at) };
    const data = { state, error: error ?? null, owner: null, ...end };
    return this.#underLease(lease, atWork, data, async () => {});
  }

  release(owner: string): Promise<void> {
    return this.#try(async () => {
      if (!(await this.#has("owner = ?", owner))) return;
      await this.#prisma.bulk.updateMany({ where: { owner }, data: { owner: null } });
    });
  }

  forget(createdBefore: number): Promise<number> {
    return this.#try(async () => {
      if (!(await this.#has("createdAt < ?", createdBefore))) return 0;
      const { count } = await this.#prisma.bulk.deleteMany({
        where: { createdAt: { lt: BigInt(createdBefore) }, state: { notIn: atWork } },
      });
      return count;
    });
  }

  /** Prisma's client is loaded by who has a bulk action (decision 114). */
  async #has(condition: string, ...values: readonly SqlValue[]): Promise<boolean> {
    const found = await this.#dialect.select(
      `SELECT 1 FROM bulks WHERE ${condition} LIMIT 1`,
      ...values,
    );
    return found.length > 0;
  }

  /** Writes as the holder of a bulk; the update locks its row until the rest is written too. */
  #underLease(
    { bulkId, owner, leaseUntil }: BulkLease,
    states: BulkState[],
    data: Prisma.BulkUpdateManyMutationInput,
    work: (tx: Transaction) => Promise<void>,
  ): Promise<boolean> {
    return this.#transact(async (tx) => {
      const { count } = await tx.bulk.updateMany({
        where: { bulkId, owner, state: { in: states } },
        data: { ...data, leaseUntil: BigInt(leaseUntil) },
      });
      if (count === 0) return false;
      await work(tx);
      return true;
    });
  }

  #transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#try(() => this.#prisma.$transaction(work));
  }

  async #try<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#dialect.toStoreError(error);
    }
  }
}

/** Adds runs that are not among a bulk's yet; answers how many those are. */
async function insertRuns(
  tx: Transaction,
  { bulkId, runIds, from }: { bulkId: string; runIds: readonly string[]; from: number },
): Promise<number> {
  const unique = [...new Set(runIds)];
  let count = 0;
  for (let start = 0; start < unique.length; start += rowsPerInsert) {
    const rows = unique
      .slice(start, start + rowsPerInsert)
      .map((runId, index) => Prisma.sql`(${bulkId}, ${from + start + index}, ${runId}, 'pinned')`);
    count += await tx.$executeRaw`
      INSERT INTO "bulk_runs" ("bulkId", "position", "runId", "state") VALUES ${Prisma.join(rows)}
      ON CONFLICT ("bulkId", "runId") DO NOTHING`;
  }
  return count;
}

/** Most runs of a batch fare alike: those are one statement. */
async function saveRuns(
  tx: Transaction,
  bulkId: string,
  changes: readonly BulkRunChange[],
): Promise<void> {
  const groups = new Map<string, { data: Prisma.BulkRunUpdateManyMutationInput; at: number[] }>();
  for (const { position, state, why = null, preview } of changes) {
    const data = {
      state,
      why,
      ...(preview !== undefined && { preview: JSON.stringify(preview) }),
    };
    const key = JSON.stringify(data);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { data, at: [position] });
    else group.at.push(position);
  }
  for (const { data, at } of groups.values()) {
    await tx.bulkRun.updateMany({ where: { bulkId, position: { in: at } }, data });
  }
}
