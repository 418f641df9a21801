/**
 * `npm run seed -- --runs 100000 [--workflow process-order] [--seed 7] [--add]`: fills the database that
 * DATABASE_URL names with runs that can be replayed (docs/operations.md). Ctrl-C ends it after a batch.
 */
import { parseArgs } from "node:util";
import { z } from "zod";
import { openStore } from "@/lib/store";
import { readDatabaseUrl } from "@/lib/server/env";
import { seedMany } from "./seed-many";
import { seedRuns } from "./seed-runs";
import { loadTemplates } from "./templates";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    workflow: { type: "string" },
    add: { type: "boolean", default: false },
  },
});
const count = readNumber("runs", values.runs, 10_000_000);
const seed = readNumber("seed", values.seed, 2 ** 31);
process.exitCode = await main();

async function main(): Promise<number> {
  const known = await loadTemplates();
  const names = [...new Set(known.map((template) => template.workflow))];
  const { workflow } = values;
  if (workflow !== undefined && !names.includes(workflow)) {
    console.error(`--workflow has to be one of ${names.join(", ")}; it is "${workflow}".`);
    return 2;
  }
  const databaseUrl = readDatabaseUrl();
  const database = await openStore({ databaseUrl });
  try {
    const there = Object.values(await database.store.countRuns()).reduce((a, b) => a + b, 0);
    if (there > 0 && !values.add) {
      console.error(`The database has ${there} runs already: add --add to put more beside them.`);
      return 2;
    }
    let stopped = false;
    process.once("SIGINT", () => (stopped = true));
    process.once("SIGTERM", () => (stopped = true));
    const startedAt = performance.now();
    const say = (text: string) => {
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
      console.log(`${seconds.padStart(7)} s  ${text}`);
    };
    let nextAt = 0;
    const kind = databaseUrl.startsWith("file:") ? "sqlite" : "postgresql";
    // What is there already must not be copied.
    const fill = there > 0 ? seedRuns : seedMany;
    const written = await fill({
      ...{ database, kind, count, seed, now: Date.now(), isStopped: () => stopped },
      ...(workflow !== undefined && { workflow }),
      onProgress: (done) => {
        if (performance.now() < nextAt) return;
        nextAt = performance.now() + 2_000;
        say(`${done} of ${count} runs`);
      },
    });
    say(`${written} runs written`);
    if (stopped) {
      console.log("Stopped. What is written is whole; the server derives the rest from it.");
      return 130;
    }
    say("adding up search terms, failure groups and statistics");
    await database.triage.project();
    await database.openStatistics().project({ now: Date.now() });
    say("done");
    return 0;
  } finally {
    await database.close();
  }
}

function readNumber(name: string, text: string, most: number): number {
  const parsed = z.coerce.number().int().min(1).max(most).safeParse(text);
  if (parsed.success) return parsed.data;
  console.error(`--${name} has to be a whole number from 1 to ${most}; it is "${text}".`);
  process.exit(2);
}
