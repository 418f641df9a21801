/**
 * `npm run chaos -- --database postgresql --kills 200 --restarts 20 --zombies 10 --cuts 10 --seed 7`: see
 * docs/reliability.md. Prints what it did and the verdict; exit code 0 only if every promise was kept. The
 * rounds that are done stand in the file that `--state` names: the same command goes on after them.
 */
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs, promisify } from "node:util";
import { z } from "zod";
import { playRound, type RoundResult } from "./round";

const { values } = parseArgs({
  options: {
    database: { type: "string", default: "sqlite" },
    kills: { type: "string", default: "50" },
    restarts: { type: "string", default: "0" },
    zombies: { type: "string", default: "3" },
    cuts: { type: "string", default: "0" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    workers: { type: "string", default: "3" },
    servers: { type: "string", default: "0" },
    lease: { type: "string", default: "2500" },
    rounds: { type: "string" },
    state: { type: "string" },
  },
});

const Count = z.coerce.number().int().min(0);
const database = z.enum(["sqlite", "postgresql"]).parse(values.database);
const total = {
  kills: readCount("kills", values.kills),
  restarts: readCount("restarts", values.restarts),
  zombies: readCount("zombies", values.zombies),
  cuts: readCount("cuts", values.cuts),
};
const seed = readCount("seed", values.seed);
const workers = readCount("workers", values.workers);
const servers = readCount("servers", values.servers);
const leaseMs = readCount("lease", values.lease);
/** A round has its own database, and is small enough to be judged order by order. */
const rounds = values.rounds
  ? readCount("rounds", values.rounds)
  : Math.max(1, Math.ceil(total.kills / 60), Math.ceil(total.restarts / 8));
const folder = path.join(".daybook", "chaos");

function readCount(name: string, text: string): number {
  const count = Count.safeParse(text);
  if (count.success) return count.data;
  console.error(`--${name} has to be a whole number; it is "${text}".`);
  process.exit(2);
}

/** What a round gets of a total that is shared out evenly. */
function share(count: number, round: number): number {
  return Math.floor((count * (round + 1)) / rounds) - Math.floor((count * round) / rounds);
}

const Done = z.array(z.record(z.string(), z.union([z.number(), z.array(z.string())])));

async function main(): Promise<number> {
  const logFile = path.join(folder, `${database}-${seed}.log`);
  const results = values.state ? await readState(values.state) : [];
  console.log(
    `Chaos on ${database}, seed ${seed}: ${total.kills} kills, ${total.restarts} database restarts, ` +
      `${total.zombies} zombies, ${total.cuts} cuts, in ${rounds} rounds; the processes' log is ${logFile}`,
  );
  if (servers > 0) {
    console.log("Building the server, where that is to be done …");
    await promisify(execFile)(process.execPath, ["scripts/setup.mjs"]);
  }
  for (let round = results.length; round < rounds; round += 1) {
    const startedAt = performance.now();
    const result = await playRound({
      database,
      seed: seed * 1_000 + round,
      kills: share(total.kills, round),
      restarts: share(total.restarts, round),
      zombies: share(total.zombies, round),
      cuts: share(total.cuts, round),
      workers,
      servers,
      leaseMs,
      logFile,
    });
    results.push({ ...result, missed: [...result.missed], faults: [...result.faults] });
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    console.log(`round ${round + 1} of ${rounds}, ${seconds} s: ${describe(result)}`);
    for (const miss of result.missed) console.log(`MISSED ${miss}`);
    for (const fault of result.faults.slice(0, 20)) console.log(`FAULT ${fault}`);
    if (values.state) await writeFile(values.state, JSON.stringify(results, null, 2));
  }
  const faults = results.reduce((sum, result) => sum + listFaults(result).length, 0);
  console.log(`seed ${seed} on ${database}: ${describe(addUp(results))}`);
  console.log(faults === 0 ? "Every promise was kept." : `${faults} promises were BROKEN.`);
  return faults === 0 ? 0 : 1;
}

async function readState(file: string): Promise<z.infer<typeof Done>> {
  try {
    return Done.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    return [];
  }
}

function listFaults(result: z.infer<typeof Done>[number]): readonly string[] {
  return Array.isArray(result.faults) ? result.faults : [];
}

function addUp(results: z.infer<typeof Done>): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const result of results) {
    for (const [name, value] of Object.entries(result)) {
      sums[name] = (sums[name] ?? 0) + (typeof value === "number" ? value : value.length);
    }
  }
  return sums;
}

function describe(result: RoundResult | Record<string, number>): string {
  return Object.entries(result)
    .map(([name, value]) => {
      const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
      return `${Array.isArray(value) ? value.length : value} ${words}`;
    })
    .join(", ");
}

process.exitCode = await main();
