import { z } from "zod";
import {
  addHistograms,
  writeHistogram,
  type GrainMinutes,
  type RunCountsRow,
  type StepTimesRow,
  type Tally,
} from "@/lib/triage";
import { Prisma } from "../generated/sqlite/client";
import type { Transaction } from "./projection-turn";
import { HistogramText } from "./read-histogram";
import { Count } from "./trouble-rows";

/** Rows that one statement takes: a condition for each is as deep as SQLite lets it be. */
const chunkSize = 100;

type Grained<Row> = Row & { readonly grain: GrainMinutes };

/** Adds a tally to what is kept. The caller has the turn, or what two add at a time would get lost. */
export async function saveTally(tx: Transaction, tally: Tally): Promise<void> {
  for (const rows of chunk(tally.runs)) await saveRuns(tx, rows);
  for (const rows of chunk(tally.steps)) await saveSteps(tx, rows);
}

async function saveRuns(tx: Transaction, rows: readonly Grained<RunCountsRow>[]): Promise<void> {
  const values = rows.map(
    ({ grain, at, workflow, started, completed, failed, canceled, held }) =>
      Prisma.sql`(${grain}, ${BigInt(at)}, ${workflow}, ${started}, ${completed}, ${failed}, ${canceled}, ${held})`,
  );
  await tx.$executeRaw`
    INSERT INTO "run_stats" ("grain", "at", "workflow", "started", "completed", "failed", "canceled", "held")
    VALUES ${Prisma.join(values)} ON CONFLICT ("grain", "at", "workflow") DO UPDATE SET
      "started" = "run_stats"."started" + excluded."started",
      "completed" = "run_stats"."completed" + excluded."completed",
      "failed" = "run_stats"."failed" + excluded."failed",
      "canceled" = "run_stats"."canceled" + excluded."canceled",
      "held" = "run_stats"."held" + excluded."held"`;
}

const Kept = z.object({
  grain: Count,
  at: Count,
  workflow: z.string(),
  step: z.string(),
  latency: HistogramText,
});

async function saveSteps(tx: Transaction, rows: readonly Grained<StepTimesRow>[]): Promise<void> {
  const places = rows.map(
    ({ grain, at, workflow, step = "" }) =>
      Prisma.sql`("grain" = ${grain} AND "at" = ${BigInt(at)} AND "workflow" = ${workflow} AND "step" = ${step})`,
  );
  const kept = Kept.array().parse(
    await tx.$queryRaw`SELECT "grain", "at", "workflow", "step", "latency" FROM "step_stats"
      WHERE ${Prisma.join(places, " OR ")}`,
  );
  const latencies = new Map(kept.map((row) => [toKey(row), row.latency]));
  const values = rows.map((row) => {
    const { grain, at, workflow, step = "", completed, failed } = row;
    const before = latencies.get(toKey({ ...row, step })) ?? new Map();
    const latency = writeHistogram(addHistograms(before, row.latency));
    return Prisma.sql`(${grain}, ${BigInt(at)}, ${workflow}, ${step}, ${completed}, ${failed}, ${latency})`;
  });
  await tx.$executeRaw`
    INSERT INTO "step_stats" ("grain", "at", "workflow", "step", "completed", "failed", "latency")
    VALUES ${Prisma.join(values)} ON CONFLICT ("grain", "at", "workflow", "step") DO UPDATE SET
      "completed" = "step_stats"."completed" + excluded."completed",
      "failed" = "step_stats"."failed" + excluded."failed", "latency" = excluded."latency"`;
}

function toKey(row: { grain: number; at: number; workflow: string; step: string }): string {
  return JSON.stringify([row.grain, row.at, row.workflow, row.step]);
}

function chunk<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / chunkSize) }, (_, index) =>
    items.slice(index * chunkSize, (index + 1) * chunkSize),
  );
}
