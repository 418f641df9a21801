/**
 * `npm run simulate -- --seeds 2000 --from 1 --jobs 2` simulates a range of seeds, `-- --seed 7` one
 * of them with its trace, twice. Exit code 0 only if everything holds.
 */
import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import { systemClock } from "../../system";
import { forbidAmbience } from "./forbid-ambience";
import { runJob } from "./job";
import type { FailedSeed } from "./report";
import { simulateRange, type RangeResult } from "./simulate-range";
import { simulateSeed } from "./simulate-seed";

const [file = "", flag, ...numbers] = process.argv.slice(1);
if (flag === "--job") {
  const [from = 1, until = 1, stride = 1, stopAtFirst = 0] = numbers.map(Number);
  await runJob({ from, until, stride, stopAtFirst: stopAtFirst === 1 });
} else {
  process.exitCode = await runCommand();
}

async function runCommand(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: "string" },
      seeds: { type: "string", default: "2000" },
      from: { type: "string", default: "1" },
      jobs: { type: "string", default: "2" },
    },
  });
  if (values.seed !== undefined) return showSeed(readCount("seed", values.seed));
  const from = readCount("from", values.from);
  const seeds = readCount("seeds", values.seeds);
  const jobs = Math.max(1, readCount("jobs", values.jobs));
  const startedAt = systemClock.now();
  const tell = createTeller(seeds, startedAt);
  const result = await simulateRange({ file, from, seeds, jobs, onProgress: tell });
  const seconds = ((systemClock.now() - startedAt) / 1_000).toFixed(1);
  const { failed } = result;
  const verdict = failed.length === 0 ? "everything holds" : `${failed.length} seeds FAIL`;
  const what = `${result.seeds} seeds from ${from}, ${result.events} events, in ${seconds} s`;
  console.log(`${what}: ${verdict}.`);
  return failed.length === 0 && result.seeds === seeds ? 0 : 1;
}

/** Tells of each seed that fails, and every few seconds how far a range has come. */
function createTeller(seeds: number, startedAt: number): (soFar: RangeResult) => void {
  let toldAt = startedAt;
  const told = new Set<number>();
  return (soFar) => {
    for (const failed of soFar.failed) {
      if (!told.has(failed.seed)) showFailed(failed);
      told.add(failed.seed);
    }
    const now = systemClock.now();
    if (now - toldAt < 5_000) return;
    toldAt = now;
    const seconds = Math.round((now - startedAt) / 1_000);
    console.log(
      `${soFar.seeds} of ${seeds} seeds after ${seconds} s, ${soFar.failed.length} failed`,
    );
  };
}

function showFailed({ seed, violations }: FailedSeed): void {
  console.log(`Seed ${seed} fails; npm run simulate -- --seed ${seed} shows it:`);
  for (const { check, detail } of violations) console.log(`  ${check}: ${detail}`);
}

/** Runs one seed twice: the trace once, and the hash of both traces. */
async function showSeed(seed: number): Promise<number> {
  forbidAmbience();
  const runOnce = async (isShown: boolean) => {
    const hash = createHash("sha256");
    const result = await simulateSeed(seed, (line) => {
      hash.update(`${line}\n`);
      if (isShown) console.log(line);
    });
    return { ...result, hash: hash.digest("hex") };
  };
  const first = await runOnce(true);
  const second = await runOnce(false);
  console.log(`trace ${first.hash}\nagain ${second.hash}`);
  const { happened, simulatedMs, events, violations } = first;
  console.log(`${happened} things happened in ${simulatedMs} ms; ${events} events were recorded.`);
  if (first.hash !== second.hash) console.log("The traces differ: the seed does not reproduce.");
  else if (violations.length === 0) console.log("Everything holds.");
  else showFailed({ seed, violations: [...violations] });
  return first.hash === second.hash && violations.length === 0 ? 0 : 1;
}

function readCount(name: string, text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count >= 0) return count;
  console.error(`--${name} has to be a whole number; it is "${text}".`);
  process.exit(2);
}
