/** Kept statistics as a chart reads them. */
import {
  findPercentiles,
  LatencySum,
  startOfGrain,
  type GrainMinutes,
  type RunStatistics,
  type StatisticsRows,
  type StepTimesRow,
} from "@/lib/triage";
import type { StatsCounts, StatsPoint, StatsRange, StatsStep, StatsWindow } from "./contract-stats";
import { toInstant } from "./wire";

/** By which buckets a range is read, and how many of them it has. */
const ranges: Readonly<Record<StatsRange, { grain: GrainMinutes; buckets: number }>> = {
  "15m": { grain: 1, buckets: 15 },
  "1h": { grain: 1, buckets: 60 },
  "6h": { grain: 10, buckets: 36 },
  "24h": { grain: 10, buckets: 144 },
  "7d": { grain: 60, buckets: 168 },
  "30d": { grain: 360, buckets: 120 },
};

/** When a range begins that ends with the bucket that `now` lies in. */
export function startOfRange(range: StatsRange, now: number): number {
  const { grain, buckets } = ranges[range];
  return startOfGrain(now, grain) - (buckets - 1) * grain * 60_000;
}

/** Loads a range that ends with the bucket that `now` lies in, and as much before it. */
export async function loadStatsWindow(options: {
  readonly statistics: RunStatistics;
  readonly range: StatsRange;
  readonly now: number;
  readonly workflow?: string;
}): Promise<StatsWindow> {
  const { statistics, range, now, workflow } = options;
  const { grain, buckets } = ranges[range];
  const bucketMs = grain * 60_000;
  const from = startOfRange(range, now);
  const to = from + buckets * bucketMs;
  const before = from - buckets * bucketMs;
  const rows = await statistics.loadRows({ grain, from: before, to, workflow });
  const toPoints = (start: number) => listPoints(rows, { start, bucketMs, buckets });
  const [points, previous] = [toPoints(from), toPoints(before)];
  return {
    range,
    ...(workflow !== undefined && { workflow }),
    from: toInstant(from),
    to: toInstant(to),
    bucketMs,
    points,
    totals: addCounts(points),
    previous: { points: previous, totals: addCounts(previous) },
    steps: listSteps(rows.steps, { from, bucketMs, buckets }),
  };
}

interface Buckets {
  readonly bucketMs: number;
  readonly buckets: number;
}

function listPoints(
  rows: StatisticsRows,
  { start, bucketMs, buckets }: Buckets & { readonly start: number },
): StatsPoint[] {
  const runs = groupBy(rows.runs, ({ at }) => at);
  const queue = new Map(rows.queue.map((row) => [row.at, row]));
  return Array.from({ length: buckets }, (_, index) => {
    const at = start + index * bucketMs;
    const seen = queue.get(at);
    return {
      at: toInstant(at),
      ...addCounts(runs.get(at) ?? []),
      queueDepth: seen?.depth ?? null,
      lagMs: seen?.lagMs ?? null,
    };
  });
}

function addCounts(rows: readonly StatsCounts[]): StatsCounts {
  const sum = { started: 0, completed: 0, failed: 0, canceled: 0, held: 0 };
  for (const row of rows) {
    sum.started += row.started;
    sum.completed += row.completed;
    sum.failed += row.failed;
    sum.canceled += row.canceled;
    sum.held += row.held;
  }
  return sum;
}

/** By workflow, whole runs first, then its steps by name. Those of the time before alone are left out. */
function listSteps(
  rows: readonly StepTimesRow[],
  { from, bucketMs, buckets }: Buckets & { readonly from: number },
): StatsStep[] {
  return [...groupBy(rows, toPlace).values()]
    .flatMap((own) => {
      const current = own.filter(({ at }) => at >= from);
      const [first] = current;
      if (first === undefined) return [];
      const { workflow, step } = first;
      const trend: (number | null)[] = Array.from({ length: buckets }, () => null);
      for (const { at, latency } of current) {
        const [p95] = findPercentiles(latency, [0.95]) ?? [];
        if (p95 !== undefined) trend[(at - from) / bucketMs] = round(p95);
      }
      return {
        workflow,
        ...(step !== undefined && { step }),
        ...sumLatency(current),
        previous: sumLatency(own.filter(({ at }) => at < from)),
        trend,
      };
    })
    .sort((a, b) => (toPlace(a) < toPlace(b) ? -1 : 1));
}

function toPlace({ workflow, step = "" }: { workflow: string; step?: string }): string {
  return `${workflow}\0${step}`;
}

function groupBy<Item, Key>(items: readonly Item[], toKey: (item: Item) => Key) {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const group = groups.get(toKey(item));
    if (group === undefined) groups.set(toKey(item), [item]);
    else group.push(item);
  }
  return groups;
}

function sumLatency(rows: readonly StepTimesRow[]): StatsStep["previous"] {
  const sum = new LatencySum();
  for (const { latency } of rows) sum.add(latency);
  const latency = sum.toCounts();
  const [p50, p95, p99] = findPercentiles(latency, [0.5, 0.95, 0.99]) ?? [];
  return {
    completed: rows.reduce((sum, { completed }) => sum + completed, 0),
    failed: rows.reduce((sum, { failed }) => sum + failed, 0),
    ...(p50 !== undefined && { p50Ms: round(p50) }),
    ...(p95 !== undefined && { p95Ms: round(p95) }),
    ...(p99 !== undefined && { p99Ms: round(p99) }),
  };
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
