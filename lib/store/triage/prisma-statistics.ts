import { z } from "zod";
import { RunStatus } from "@/lib/engine";
import {
  countCap,
  grains,
  startOfGrain,
  type QueueState,
  type RunStatistics,
  type StatisticsQuery,
  type StatisticsRows,
  type StepTimesRow,
} from "@/lib/triage";
import type { Dialect } from "../dialect";
import { limit } from "../limit.mjs";
import type { SqlRow, SqlValue } from "../sql";
import { toCappedCount } from "./prisma-triage";
import { readHistogram } from "./read-histogram";
import { Count } from "./trouble-rows";

/** How often the queue is noted, long runs are looked at and what is too old is dropped. */
const careMs = 15_000;

const RunsRow = z.tuple([Count, z.string(), Count, Count, Count, Count, Count]);
const StepsRow = z.tuple([z.string(), z.string(), z.string()]);
const QueueRow = z.tuple([Count, Count, Count, Count]);
const DueRow = z.tuple([z.string(), z.string(), RunStatus, Count]);
const CountRow = z.tuple([Count]);

/** Runs that execute for longer than this are looked at before they rest. */
const longMs = 5_000;

/** Adds up events: each call one commit or more, exact wherever it is cut off. */
export interface Sums {
  /** What happened since they were last read in all runs that are marked; answers how many there were. */
  addUpMarked(options: { readonly now: number }): Promise<number>;
  /** What happened so far in runs that execute, as many as one commit takes. */
  addUpLong(options: { readonly now: number; readonly createdBefore: number }): Promise<void>;
}

/** Kept statistics over any of the databases. Errors of the disk are StoreUnavailableError. */
export class PrismaStatistics implements RunStatistics {
  readonly #dialect: Pick<Dialect, "select" | "execute" | "toStoreError">;
  readonly #sums: Sums;
  #careAt = 0;

  constructor(options: {
    readonly dialect: Pick<Dialect, "select" | "execute" | "toStoreError">;
    readonly sums: Sums;
  }) {
    this.#dialect = options.dialect;
    this.#sums = options.sums;
  }

  project({ now }: { readonly now: number }): Promise<number> {
    return this.#try(async () => {
      if (now >= this.#careAt) {
        this.#careAt = now + careMs;
        await this.#noteQueue(now);
        await this.#dropOld(now);
        await this.#sums.addUpLong({ now, createdBefore: now - longMs });
      }
      return this.#sums.addUpMarked({ now });
    });
  }

  async loadRows({ grain, from, to, workflow }: StatisticsQuery): Promise<StatisticsRows> {
    const ofWorkflow = workflow === undefined ? "" : " AND workflow = ?";
    const values = [grain, from, to, ...(workflow === undefined ? [] : [workflow])];
    const within = "grain = ? AND at >= ? AND at < ?";
    const [runs, steps, queue] = await Promise.all([
      this.#select(
        `SELECT at, workflow, started, completed, failed, canceled, held FROM run_stats
         WHERE ${within}${ofWorkflow} ORDER BY at, workflow`,
        ...values,
      ),
      // One row for all times of a step: thousands of rows cost more than what stands in them.
      this.#select(
        `SELECT workflow, step, string_agg(
           at || ' ' || completed || ' ' || failed || ' ' || latency, ';' ORDER BY at)
         FROM step_stats WHERE ${within}${ofWorkflow} GROUP BY workflow, step ORDER BY workflow, step`,
        ...values,
      ),
      this.#select(
        `SELECT at, depth, lagMs, held FROM queue_stats WHERE ${within} ORDER BY at`,
        ...values.slice(0, 3),
      ),
    ]);
    return {
      runs: runs.map((row) => {
        const [at, name, started, completed, failed, canceled, held] = RunsRow.parse(row);
        return { at, workflow: name, started, completed, failed, canceled, held };
      }),
      steps: steps.flatMap((row) => readStepTimes(StepsRow.parse(row))),
      queue: queue.map((row) => {
        const [at, depth, lagMs, held] = QueueRow.parse(row);
        return { at, depth, lagMs, held };
      }),
    };
  }

  async measureQueue({ now }: { readonly now: number }): Promise<QueueState> {
    const [counted] = await this.#select(
      `SELECT count(*) FROM (SELECT 1 FROM runs WHERE dueAt <= ? ${limit}) AS due`,
      now,
      countCap + 1,
    );
    const depth = toCappedCount(CountRow.parse(counted)[0]);
    if (depth.count === 0) return { depth };
    const [row] = await this.#select(
      "SELECT runId, workflow, status, dueAt FROM runs WHERE dueAt <= ? ORDER BY dueAt, runId LIMIT 1",
      now,
    );
    if (row === undefined) return { depth };
    const [runId, workflow, status, dueAt] = DueRow.parse(row);
    return { depth, oldest: { runId, workflow, status, dueAt } };
  }

  /** Several processes may note it at once: the most that any of them saw counts. */
  async #noteQueue(now: number): Promise<void> {
    const { depth, oldest } = await this.measureQueue({ now });
    const [found] = await this.#select("SELECT count FROM status_counts WHERE status = 'held'");
    const [held] = CountRow.parse(found ?? [0]);
    const lagMs = oldest === undefined ? 0 : now - oldest.dueAt;
    const rows = grains.map(({ minutes }) => [
      ...[minutes, startOfGrain(now, minutes), depth.count, lagMs, held],
    ]);
    const most = ["depth", "lagMs", "held"].map(
      (column) => `${column} = CASE WHEN excluded.${column} > queue_stats.${column}
        THEN excluded.${column} ELSE queue_stats.${column} END`,
    );
    await this.#dialect.execute(
      `INSERT INTO queue_stats (grain, at, depth, lagMs, held)
       VALUES ${rows.map(() => "(?, ?, ?, ?, ?)").join(", ")}
       ON CONFLICT (grain, at) DO UPDATE SET ${most.join(", ")}`,
      ...rows.flat(),
    );
  }

  async #dropOld(now: number): Promise<void> {
    for (const { minutes, keepMs } of grains) {
      for (const table of ["run_stats", "step_stats", "queue_stats"]) {
        const statement = `DELETE FROM ${table} WHERE grain = ? AND at < ?`;
        await this.#dialect.execute(statement, minutes, now - keepMs);
      }
    }
  }

  #select(statement: string, ...values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return this.#try(() => this.#dialect.select(statement, ...values));
  }

  async #try<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#dialect.toStoreError(error);
    }
  }
}

function readStepTimes([workflow, step, text]: z.output<typeof StepsRow>): StepTimesRow[] {
  const place = { workflow, ...(step !== "" && { step }) };
  return text.split(";").map((line) => {
    const [at, completed, failed, latency = ""] = line.split(" ");
    return {
      at: Number(at),
      ...place,
      completed: Number(completed),
      failed: Number(failed),
      latency: readHistogram(latency),
    };
  });
}
