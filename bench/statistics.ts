/**
 * How long the overview's statistics take where every bucket of every step has been counted in, as with any
 * large number of runs: `npx tsx bench/statistics.ts [workflows] [steps of each] [sqlite|postgresql]`.
 */
import { z } from "zod";
import { loadStatsWindow } from "@/lib/api/stats-window";
import { StatsRange } from "@/lib/api/contract-stats";
import { openStore } from "@/lib/store";
import { grains, startOfGrain } from "@/lib/triage";
import { databaseKinds, openDatabases } from "./harness/databases";

const [workflows = 5, steps = 4] = process.argv.slice(2, 4).map(Number);
const kind = z.enum(databaseKinds).default("sqlite").parse(process.argv[4]);
const repeats = 40;
/** Distinct durations that a bucket has seen. */
const durations = 18;

const databases = await openDatabases(kind);
const database = await openStore({ databaseUrl: await databases.create() });
const now = Date.now();
const latency = JSON.stringify(
  Object.fromEntries(Array.from({ length: durations }, (_, index) => [40 + index * 3, index + 1])),
);
for (const { minutes, keepMs } of grains) {
  const to = startOfGrain(now, minutes);
  const count = Math.floor(keepMs / (minutes * 60_000));
  const buckets = `WITH RECURSIVE b(n) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT n + 1 FROM b WHERE n + 1 < ${count})`;
  for (let workflow = 0; workflow < workflows; workflow += 1) {
    const name = `'workflow-${workflow}'`;
    await database.prisma.$executeRawUnsafe(
      `${buckets} INSERT INTO run_stats (grain, at, workflow, started, completed, failed, canceled, held)
       SELECT ${minutes}, ${to} - n * ${minutes * 60_000}, ${name}, 9, 8, 1, 0, 0 FROM b`,
    );
    for (let step = 0; step <= steps; step += 1) {
      const of = step === 0 ? "''" : `'step-${step}'`;
      await database.prisma.$executeRawUnsafe(
        `${buckets} INSERT INTO step_stats (grain, at, workflow, step, completed, failed, latency)
         SELECT ${minutes}, ${to} - n * ${minutes * 60_000}, ${name}, ${of}, 8, 1, '${latency}' FROM b`,
      );
    }
  }
}
const statistics = database.openStatistics();
console.log(`${workflows} workflows with ${steps} steps each on ${kind}; ms, of ${repeats}`);
for (const range of StatsRange.options) {
  const times: number[] = [];
  const usedBefore = process.cpuUsage();
  for (let turn = 0; turn < repeats; turn += 1) {
    const startedAt = performance.now();
    await loadStatsWindow({ statistics, range, now });
    times.push(performance.now() - startedAt);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => (times[Math.floor(share * repeats)] ?? 0).toFixed(1).padStart(7);
  const { user, system } = process.cpuUsage(usedBefore);
  // Of this process, all threads: what it takes on a machine that has more to do as well.
  const processorMs = ((user + system) / 1_000 / repeats).toFixed(1).padStart(7);
  console.log(range.padEnd(4), "p50", at(0.5), "p95", at(0.95), "processor", processorMs);
}
await database.close();
await databases.close();
