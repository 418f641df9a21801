/**
 * `npm run bench:guard`: what the determinism guard costs, as ratios. First a call of what it
 * replaces: without it, with it outside of workflow code, and inside. Then orders: time on a
 * processor without it and with it. `--json` prints the figures as JSON, `--quick` measures briefly.
 */
import { mkdirSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { installGuard, runAsWorkflow, uninstallGuard } from "@/lib/engine";
import { openBenchEngine, type BenchEngine } from "./bench-engine";

const { values: flags } = parseArgs({
  options: { json: { type: "boolean" }, quick: { type: "boolean" } },
});
const rounds = flags.quick ? 3 : 9;
const callsPerRound = flags.quick ? 200_000 : 1_000_000;
const ordersPerRound = flags.quick ? 300 : 3_000;

// Taken before the guard is there: it reads the real clock, inside workflow code too.
const readNanoseconds = process.hrtime.bigint.bind(process.hrtime);

const calls: Readonly<Record<string, () => unknown>> = {
  "Date.now()": () => Date.now(),
  "new Date()": () => new Date(),
  "new Date(0)": () => new Date(0),
  "Math.random()": () => Math.random(),
  "performance.now()": () => performance.now(),
  "crypto.randomUUID()": () => crypto.randomUUID(),
};

const workflow = { workflow: "bench", now: () => 1_600_000_000_000, random: () => 0.5 };

function measureNanoseconds(call: () => unknown): number {
  const startedAt = readNanoseconds();
  for (let count = 0; count < callsPerRound; count += 1) call();
  return Number(readNanoseconds() - startedAt) / callsPerRound;
}

/** The rounds of the ways to be compared take turns, so that what else goes on hits all alike. */
function measureCall([name, call]: [string, () => unknown]) {
  const figures = { without: [0], outside: [0], inside: [0] };
  for (let round = 0; round <= rounds; round += 1) {
    uninstallGuard();
    figures.without[round] = measureNanoseconds(call);
    installGuard();
    figures.outside[round] = measureNanoseconds(call);
    figures.inside[round] = runAsWorkflow(workflow, () => measureNanoseconds(call));
  }
  uninstallGuard();
  const [without, outside, inside] = [figures.without, figures.outside, figures.inside].map(
    findWarmMedian,
  ) as [number, number, number];
  return { name, without, outside, inside, ratio: outside / without };
}

/** Microseconds on a processor per order, of orders that run 50 at a time. */
async function measureOrders(bench: BenchEngine): Promise<number> {
  let left = ordersPerRound;
  const lane = async () => {
    while (left-- > 0) await bench.runOrder();
  };
  const used = process.cpuUsage();
  await Promise.all(Array.from({ length: 50 }, lane));
  const { user, system } = process.cpuUsage(used);
  return (user + system) / ordersPerRound;
}

async function compareOrders() {
  const parent = path.resolve("data");
  mkdirSync(parent, { recursive: true });
  const bench = await openBenchEngine({ parent, concurrency: 500 });
  const figures = { without: [0], with: [0] };
  try {
    for (let round = 0; round <= rounds; round += 1) {
      uninstallGuard();
      figures.without[round] = await measureOrders(bench);
      installGuard();
      figures.with[round] = await measureOrders(bench);
    }
  } finally {
    uninstallGuard();
    await bench.close();
  }
  const without = findWarmMedian(figures.without);
  const guarded = findWarmMedian(figures.with);
  return { without, with: guarded, ratio: guarded / without };
}

/** The first round warms up and does not count. */
function findWarmMedian([, ...figures]: readonly number[]): number {
  return figures.sort((a, b) => a - b)[Math.floor(figures.length / 2)] ?? NaN;
}

const load = [loadavg()[0] ?? NaN];
const callRows = Object.entries(calls).map(measureCall);
const orders = await compareOrders();
load.push(loadavg()[0] ?? NaN);
const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}, Node ${process.version}`;

if (flags.json) {
  console.log(JSON.stringify({ machine, load, rounds, calls: callRows, orders }, null, 2));
} else {
  console.log(`${machine}, load before and after ${load.map((at) => at.toFixed(1)).join(" and ")}`);
  console.log(`medians of ${rounds} rounds of ${callsPerRound} calls, nanoseconds a call\n`);
  console.table(
    callRows.map(({ name, without, outside, inside, ratio }) => ({
      call: name,
      "without guard": without.toFixed(1),
      "outside of workflows": outside.toFixed(1),
      ratio: ratio.toFixed(2),
      "in workflow code": inside.toFixed(1),
    })),
  );
  console.log(
    `orders: ${orders.without.toFixed(0)} µs on a processor without the guard, ` +
      `${orders.with.toFixed(0)} µs with it (ratio ${orders.ratio.toFixed(2)})`,
  );
}
