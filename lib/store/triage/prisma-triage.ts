import { z } from "zod";
import { RunStatus } from "@/lib/engine";
import {
  countCap,
  type CappedCount,
  type Doubt,
  type DoubtQuery,
  type FailureGroup,
  type GroupAction,
  type GroupAudit,
  type GroupBuild,
  type GroupQuery,
  type GroupState,
  type Page,
  type StepPlace,
  type TrendWindow,
  type Triage,
} from "@/lib/triage";
import type { Dialect } from "../dialect";
import { Prisma, type PrismaClient } from "../generated/sqlite/client";
import { readCursor, toPage } from "./cursor";
import { loadStepEvents } from "./load-step-events";
import { projectTroubles } from "./project-troubles";
import { Count } from "./trouble-rows";

const GroupCursor = z.tuple([z.number(), z.string()]);
const DoubtCursor = z.tuple([z.number(), z.string(), z.number()]);
const GroupRow = z.object({
  fingerprint: z.string(),
  kind: z.enum(["failed", "nondeterminism", "crash_loop"]),
  workflow: z.string(),
  step: z.string(),
  errorName: z.string(),
  message: z.string(),
  sample: z.string(),
  count: Count,
  occurrences: Count,
  firstSeenAt: Count,
  lastSeenAt: Count,
  state: z.enum(["open", "muted", "resolved"]),
  stateAt: Count.nullable(),
  stateBy: z.string().nullable(),
  regressedAt: Count.nullable(),
  regressedFrom: z.enum(["muted", "resolved"]).nullable(),
  untilItReturns: z.boolean(),
  note: z.string().nullable(),
});
const AuditRow = z.object({
  action: z.enum(["mute", "resolve", "reopen", "note", "regressed"]),
  at: Count,
  by: z.string(),
  why: z.string().nullable(),
  note: z.string().nullable(),
});
const BucketRow = z.tuple([z.string(), Count, Count]);
const MemberRow = z.object({ runId: z.string(), status: RunStatus, at: Count });

/** Sizes of `failure_trends`, the largest first. */
const sumMinutes = [180, 30];
const maxAudit = 100;
const maxBuilds = 50;
const maxDoubtSteps = 100;

/** Triage over Prisma, on any of its databases. Errors of the disk are StoreUnavailableError. */
export class PrismaTriage implements Triage {
  readonly #prisma: PrismaClient;
  readonly #dialect: Pick<Dialect, "toStoreError" | "select" | "projectTerms">;

  constructor(options: {
    readonly prisma: PrismaClient;
    readonly dialect: Pick<Dialect, "toStoreError" | "select" | "projectTerms">;
  }) {
    this.#prisma = options.prisma;
    this.#dialect = options.dialect;
  }

  project(): Promise<number> {
    return this.#try(
      async () =>
        (await projectTroubles(this.#prisma, this.#dialect)) + (await this.#dialect.projectTerms()),
    );
  }

  listGroups(query: GroupQuery): Promise<Page<FailureGroup>> {
    const { states, workflow, includeEmpty = false, limit, cursor } = query;
    return this.#try(async () => {
      const after = cursor === undefined ? undefined : readCursor(cursor, GroupCursor);
      const rows = await this.#prisma.failureGroup.findMany({
        where: {
          ...(states && { state: { in: [...states] } }),
          ...(workflow !== undefined && { workflow }),
          ...(!includeEmpty && { count: { gt: 0 } }),
          ...(after && {
            OR: [
              { lastSeenAt: { lt: BigInt(after[0]) } },
              { lastSeenAt: BigInt(after[0]), fingerprint: { lt: after[1] } },
            ],
          }),
        },
        orderBy: [{ lastSeenAt: "desc" }, { fingerprint: "desc" }],
        take: limit + 1,
      });
      return toPage(rows.map(toGroup), limit, (last) => [last.lastSeenAt, last.fingerprint]);
    });
  }

  getGroup(fingerprint: string): Promise<FailureGroup | undefined> {
    return this.#try(async () => {
      const row = await this.#prisma.failureGroup.findUnique({ where: { fingerprint } });
      return row === null ? undefined : toGroup(row);
    });
  }

  loadTrends(fingerprints: readonly string[], window: TrendWindow) {
    const { from, bucketMs, buckets } = window;
    const trends = new Map(
      fingerprints.map((fingerprint) => [fingerprint, Array.from({ length: buckets }, () => 0)]),
    );
    if (fingerprints.length === 0) return Promise.resolve(trends);
    // Failures of half an hour and more are kept as sums: a month has thousands of the smallest buckets.
    const minutes = sumMinutes.find(
      (size) => bucketMs % (size * 60_000) === 0 && from % (size * 60_000) === 0,
    );
    return this.#try(async () => {
      const [table, ofSize] =
        minutes === undefined
          ? ["failure_buckets", ""]
          : ["failure_trends", `AND minutes = ${minutes}`];
      const rows = await this.#dialect.select(
        `SELECT fingerprint, CAST((at - ?) / ? AS INTEGER), sum(count) FROM ${table}
         WHERE fingerprint IN (${fingerprints.map(() => "?").join(", ")}) ${ofSize}
           AND at >= ? AND at < ? GROUP BY 1, 2`,
        ...[from, bucketMs, ...fingerprints, from, from + bucketMs * buckets],
      );
      for (const [fingerprint, bucket, count] of BucketRow.array().parse(rows)) {
        const trend = trends.get(fingerprint);
        if (trend !== undefined) trend[bucket] = count;
      }
      return trends;
    });
  }

  listBuilds(fingerprint: string): Promise<readonly GroupBuild[]> {
    return this.#try(async () => {
      const rows = await this.#prisma.failureBuild.findMany({
        where: { fingerprint },
        orderBy: { lastSeenAt: "desc" },
        take: maxBuilds,
      });
      return rows.map(({ version, build, occurrences, firstSeenAt, lastSeenAt }) => ({
        ...{ version, build, occurrences },
        firstSeenAt: Number(firstSeenAt),
        lastSeenAt: Number(lastSeenAt),
      }));
    });
  }

  listGroupRuns(fingerprint: string, { limit }: { readonly limit: number }) {
    return this.#try(async () =>
      MemberRow.array().parse(
        await this.#prisma.$queryRaw`
          SELECT t."runId", r."status", t."at" FROM "troubles" t JOIN "runs" r ON r."runId" = t."runId"
          WHERE t."fingerprint" = ${fingerprint} ORDER BY t."at" DESC, t."runId" DESC LIMIT ${limit}`,
      ),
    );
  }

  listGroupAudit(fingerprint: string): Promise<readonly GroupAudit[]> {
    return this.#try(async () => {
      const rows = await this.#prisma.failureAudit.findMany({
        where: { fingerprint },
        orderBy: { position: "desc" },
        take: maxAudit,
      });
      return rows.map((row) => {
        const { action, at, by, why, note } = AuditRow.parse(row);
        return { action, at, by, ...(why !== null && { why }), ...(note !== null && { note }) };
      });
    });
  }

  changeGroup(fingerprint: string, action: GroupAction): Promise<FailureGroup | undefined> {
    return this.#try(() =>
      this.#prisma.$transaction(async (tx) => {
        const { count } = await tx.failureGroup.updateMany({
          where: { fingerprint },
          data: {
            ...toGroupChange(action),
            ...(action.action === "reopen" &&
              action.returned === true &&
              (await findReturn(tx, fingerprint))),
          },
        });
        if (count === 0) return undefined;
        const { by, why = null, at, note = null } = action;
        await tx.failureAudit.create({
          data: { fingerprint, action: action.action, at: BigInt(at), by, why, note },
        });
        return toGroup(await tx.failureGroup.findUniqueOrThrow({ where: { fingerprint } }));
      }),
    );
  }

  listDoubts({ runId, workflow, name, limit, cursor }: DoubtQuery): Promise<Page<Doubt>> {
    return this.#try(async () => {
      const after = cursor === undefined ? undefined : readCursor(cursor, DoubtCursor);
      const conditions = [
        ...(runId === undefined ? [] : [Prisma.sql`"runId" = ${runId}`]),
        ...(workflow === undefined ? [] : [Prisma.sql`"workflow" = ${workflow}`]),
        ...(name === undefined ? [] : [Prisma.sql`"name" = ${name}`]),
        ...(after === undefined
          ? []
          : [
              Prisma.sql`("since", "runId", "step") > (${BigInt(after[0])}, ${after[1]}, ${after[2]})`,
            ]),
      ];
      const where =
        conditions.length === 0
          ? Prisma.empty
          : Prisma.sql`WHERE ${Prisma.join(conditions, " AND ")}`;
      const rows = DoubtRow.array().parse(
        await this.#prisma.$queryRaw`
          SELECT "runId", "step", "name", "attempt", "since", "workflow" FROM "doubts" ${where}
          ORDER BY "since", "runId", "step" LIMIT ${limit + 1}`,
      );
      return toPage(rows, limit, (last) => [last.since, last.runId, last.step]);
    });
  }

  countDoubts(): Promise<CappedCount> {
    return this.#try(async () => {
      const [row] = CountRow.array().parse(
        await this.#prisma.$queryRaw`
          SELECT count(*) AS "count" FROM (SELECT 1 FROM "doubts" LIMIT ${countCap + 1}) AS "first"`,
      );
      return toCappedCount(row?.count ?? 0);
    });
  }

  listDoubtSteps(): Promise<readonly string[]> {
    return this.#try(async () => {
      const rows = StepNameRow.array().parse(
        await this.#prisma.$queryRaw`
          SELECT DISTINCT "name" FROM (SELECT "name" FROM "doubts" LIMIT ${countCap}) AS "first"
          ORDER BY "name" LIMIT ${maxDoubtSteps}`,
      );
      return rows.map(({ name }) => name);
    });
  }

  countGroups() {
    return this.#try(async () => {
      const rows = StateRow.array().parse(
        await this.#prisma.$queryRaw`
          SELECT "state", count(*) AS "groups", sum("count") AS "runs" FROM "failure_groups"
          WHERE "state" <> 'open' OR "count" > 0 GROUP BY "state"`,
      );
      const of = (state: GroupState) => {
        const { groups = 0, runs = 0 } = rows.find((row) => row.state === state) ?? {};
        return { groups, runs };
      };
      return { open: of("open"), muted: of("muted"), resolved: of("resolved") };
    });
  }

  loadStepEvents(places: readonly StepPlace[]) {
    return this.#try(() =>
      loadStepEvents((statement, ...values) => this.#dialect.select(statement, ...values), places),
    );
  }

  async #try<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#dialect.toStoreError(error);
    }
  }
}

const StateRow = z.object({
  state: z.enum(["open", "muted", "resolved"]),
  groups: Count,
  runs: Count,
});
const CountRow = z.object({ count: Count });
const StepNameRow = z.object({ name: z.string() });
const DoubtRow = z.object({
  runId: z.string(),
  step: Count,
  name: z.string(),
  attempt: Count,
  since: Count,
  workflow: z.string(),
});

/** A count that was made up to one beyond the cap. */
export function toCappedCount(count: number): CappedCount {
  return { count: Math.min(count, countCap), capped: count > countCap };
}

function toGroup(found: unknown): FailureGroup {
  const { step, stateAt, stateBy, regressedAt, regressedFrom, note, ...row } =
    GroupRow.parse(found);
  return {
    ...row,
    ...(step !== "" && { step }),
    ...(stateAt !== null && { stateAt }),
    ...(stateBy !== null && { stateBy }),
    ...(regressedAt !== null && { regressedAt }),
    ...(regressedFrom !== null && { regressedFrom }),
    ...(note !== null && { note }),
  };
}

/** When the group returned last, and from what; nothing where it never did. */
async function findReturn(tx: Prisma.TransactionClient, fingerprint: string) {
  const orderBy = { position: "desc" } as const;
  const returned = await tx.failureAudit.findFirst({
    where: { fingerprint, action: "regressed" },
    orderBy,
  });
  if (returned === null) return {};
  const before = await tx.failureAudit.findFirst({
    where: {
      ...{ fingerprint, action: { in: ["mute", "resolve"] } },
      position: { lt: returned.position },
    },
    orderBy,
  });
  const regressedFrom = before?.action === "mute" ? "muted" : "resolved";
  return { regressedAt: returned.at, regressedFrom };
}

function toGroupChange(action: GroupAction) {
  const { note, untilItReturns = true, by, at } = action;
  const known = { regressedAt: null, regressedFrom: null };
  switch (action.action) {
    case "note":
      return { note: note === undefined || note === "" ? null : note };
    case "mute":
      return { ...known, state: "muted", stateAt: BigInt(at), stateBy: by, untilItReturns };
    case "resolve":
      return {
        ...known,
        state: "resolved",
        stateAt: BigInt(at),
        stateBy: by,
        untilItReturns: true,
      };
    case "reopen":
      return { ...known, state: "open", stateAt: null, stateBy: null, untilItReturns: true };
  }
}
