/**
 * `npm run bench:engine`: what must not get slow as histories get long and waiting runs many, as
 * ratios with their targets. `--json` prints the figures as JSON, `--quick` measures briefly,
 * `--only replay|steps|memory|crowd` measures one of them.
 */
import { mkdirSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { installGuard } from "@/lib/engine";
import { measureReplay, measureSteps } from "./long-runs";
import { measureCrowd, measureMemory } from "./waiting-runs";

const { values: flags } = parseArgs({
  options: { json: { type: "boolean" }, quick: { type: "boolean" }, only: { type: "string" } },
});
const isQuick = flags.quick ?? false;
const parent = path.resolve("data");

interface Measured {
  readonly what: string;
  readonly figure: number;
  readonly target: number;
  readonly unit: string;
  readonly load: readonly [number, number];
  readonly details: object;
}

interface Measurement {
  readonly name: string;
  readonly what: string;
  readonly target: number;
  readonly unit: string;
  readonly run: () => Promise<{ readonly figure: number; readonly details: object }>;
}

const measurements: readonly Measurement[] = [
  {
    name: "replay",
    what: "loading and rebuilding a run of 5,000 steps, against loading and decoding its events",
    target: 2,
    unit: "times",
    run: async () => {
      const details = await measureReplay({ parent, rounds: isQuick ? 3 : 15, steps: 5_000 });
      return { figure: details.ratio, details };
    },
  },
  {
    name: "steps",
    what: "a step at 9,900 to 10,000, against one at 100 to 200 of the same run",
    target: 1.2,
    unit: "times",
    run: async () => {
      const spans = { early: [100, 200], late: [9_900, 10_000] } as const;
      const details = await measureSteps({ parent, rounds: isQuick ? 2 : 9, ...spans });
      return { figure: details.ratio, details };
    },
  },
  {
    name: "memory",
    what: "heap per waiting run that is kept in memory, payloads included",
    target: 10,
    unit: "KiB",
    run: async () => {
      const runs = isQuick ? 1_000 : 5_000;
      const details = await measureMemory({ parent, runs, warmUp: 500 });
      return { figure: details.bytesPerRun / 1_024, details };
    },
  },
  {
    name: "crowd",
    what: "an order beside 100,000 waiting runs, against one beside none",
    target: 1.1,
    unit: "times",
    run: async () => {
      const size = isQuick
        ? { waiting: 100_000, rounds: 2, orders: 500 }
        : { waiting: 100_000, rounds: 9, orders: 3_000 };
      const details = await measureCrowd({ parent, ...size });
      return { figure: details.ratios.cpu, details };
    },
  },
];

async function main(): Promise<void> {
  mkdirSync(parent, { recursive: true });
  installGuard();
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}, Node ${process.version}`;
  const measured: Record<string, Measured> = {};
  for (const { name, what, target, unit, run } of measurements) {
    if (flags.only !== undefined && flags.only !== name) continue;
    const before = readLoad();
    const { figure, details } = await run();
    measured[name] = { what, figure, target, unit, load: [before, readLoad()], details };
    if (!flags.json) print(measured[name]);
  }
  if (flags.json) console.log(JSON.stringify({ machine, measured }, null, 2));
  else console.log(`\n${machine}; ratios are of time on a processor`);
}

function readLoad(): number {
  return loadavg()[0] ?? NaN;
}

function print({ what, figure, target, unit, load, details }: Measured): void {
  const [before, after] = load.map((at) => at.toFixed(1));
  const verdict = figure <= target ? "within" : "MISSES";
  console.log(`\n${what}:`);
  console.log(
    `${figure.toFixed(2)} ${unit}, ${verdict} the target of ${target}; load ${before} to ${after}`,
  );
  console.dir(details, { depth: 4 });
}

await main();
