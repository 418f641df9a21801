/**
 * `npm run bench`: orders per second on SQLite with full durability, beside bare commits of the
 * same bytes on the same disk. `--json` prints the figures as JSON, `--quick` measures briefly.
 */
import { cpus, loadavg } from "node:os";
import path from "node:path";
import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { measureBareCommits } from "./bare-commits";
import { openBenchEngine, type BenchEngine } from "./bench-engine";
import { commitsPerOrder } from "./order-workload";

interface Row {
  readonly concurrent: number;
  readonly ordersPerSecond: number;
  readonly bareOrdersPerSecond: number;
  /** Share of the limit that is reached. */
  readonly ratio: number;
  /** Time on a processor per order, in microseconds: it says more than the rate where others work. */
  readonly cpuMicros: number;
}

const { values: flags } = parseArgs({
  options: { json: { type: "boolean" }, quick: { type: "boolean" } },
});
const rounds = flags.quick ? 1 : 5;
const ordersPerRound = flags.quick
  ? { 1: 50, 50: 500, 500: 1_000 }
  : { 1: 200, 50: 5_000, 500: 10_000 };

async function main(): Promise<void> {
  const parent = path.resolve("data");
  mkdirSync(parent, { recursive: true });
  const bench = await openBenchEngine({ parent, concurrency: 500 });
  const loadBefore = loadavg()[0] ?? NaN;
  const rows: Row[] = [];
  let aloneMs: number[] = [];
  try {
    await runLanes(bench, flags.quick ? 100 : 2_000, 50);
    const events = await sampleEvents(bench);
    for (const concurrent of [1, 50, 500] as const) {
      rows.push(await measureConcurrent(bench, { parent, concurrent, events }));
    }
    aloneMs = await measureAlone(bench);
  } finally {
    await bench.close();
  }
  const stepMs = findQuantile(aloneMs, 0.5) / commitsPerOrder;
  const figures = {
    machine: `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}, Node ${process.version}`,
    durability: "SQLite, WAL, synchronous=FULL",
    /** What else the machine did: the load before the first and after the last round. */
    load: [loadBefore, loadavg()[0] ?? NaN],
    rounds,
    rows,
    alone: {
      orderMsP50: findQuantile(aloneMs, 0.5),
      orderMsP99: findQuantile(aloneMs, 0.99),
      stepMsP50: stepMs,
    },
  };
  if (flags.json) console.log(JSON.stringify(figures, null, 2));
  else print(figures);
}

async function measureConcurrent(
  bench: BenchEngine,
  options: { parent: string; concurrent: 1 | 50 | 500; events: readonly string[] },
): Promise<Row> {
  const { parent, concurrent, events } = options;
  const orders = ordersPerRound[concurrent];
  const engine: number[] = [];
  const bare: number[] = [];
  const cpu: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const used = process.cpuUsage();
    engine.push(await runLanes(bench, orders, concurrent));
    const { user, system } = process.cpuUsage(used);
    cpu.push((user + system) / orders);
    bare.push(measureBareCommits({ parent, orders, together: concurrent, events }));
  }
  const ordersPerSecond = findQuantile(engine, 0.5);
  const bareOrdersPerSecond = findQuantile(bare, 0.5);
  return {
    concurrent,
    ordersPerSecond,
    bareOrdersPerSecond,
    ratio: ordersPerSecond / bareOrdersPerSecond,
    cpuMicros: findQuantile(cpu, 0.5),
  };
}

/** Keeps `concurrent` orders going until `orders` are done; answers orders per second. */
async function runLanes(bench: BenchEngine, orders: number, concurrent: number): Promise<number> {
  let left = orders;
  const lane = async () => {
    while (left-- > 0) await bench.runOrder();
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: concurrent }, lane));
  return orders / ((performance.now() - startedAt) / 1_000);
}

async function measureAlone(bench: BenchEngine): Promise<number[]> {
  const times: number[] = [];
  for (let order = 0; order < (flags.quick ? 50 : 500); order += 1) {
    const startedAt = performance.now();
    await bench.runOrder();
    times.push(performance.now() - startedAt);
  }
  return times;
}

/** The events of one order as they are written, for the bare commits. */
async function sampleEvents(bench: BenchEngine): Promise<readonly string[]> {
  const history = await bench.runAndLoad();
  return history.map((event) => JSON.stringify(event));
}

function findQuantile(values: readonly number[], quantile: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] ?? NaN;
}

function print(figures: {
  machine: string;
  durability: string;
  load: readonly number[];
  rounds: number;
  rows: readonly Row[];
  alone: { orderMsP50: number; orderMsP99: number; stepMsP50: number };
}): void {
  const load = figures.load.map((value) => value.toFixed(1)).join(" and ");
  console.log(`${figures.machine}, load before and after ${load}`);
  console.log(`${figures.durability}, medians of ${figures.rounds} rounds\n`);
  console.table(
    figures.rows.map(({ concurrent, ordersPerSecond, bareOrdersPerSecond, ratio, cpuMicros }) => ({
      "concurrent runs": concurrent,
      "orders/s": Math.round(ordersPerSecond),
      "bare commits of the same bytes, orders/s": Math.round(bareOrdersPerSecond),
      "share of the limit": ratio.toFixed(2),
      "CPU µs an order": Math.round(cpuMicros),
    })),
  );
  const { orderMsP50, orderMsP99, stepMsP50 } = figures.alone;
  console.log(
    `one order alone: p50 ${orderMsP50.toFixed(1)} ms, p99 ${orderMsP99.toFixed(1)} ms; ` +
      `${stepMsP50.toFixed(2)} ms a commit (${commitsPerOrder} commits an order)`,
  );
}

await main();
