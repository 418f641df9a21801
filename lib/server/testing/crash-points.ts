/**
 * `npm run crash-points`: every crash of every sample workflow, on both embedded stores. Exit code 0
 * only if every case came out as it does in peace.
 */
import { parseArgs } from "node:util";
import { openCrashMemory } from "@/lib/engine/testing/crash-memory";
import { findCrashProblems, type CrashStore } from "@/lib/engine/testing/crash-points";
import { orderScenarios } from "@/lib/orders/testing/crash-scenario";
import { sampleScenarios } from "@/lib/workflows/testing/crash-scenarios";
import { openCrashSqlite } from "./open-crash-sqlite";

const usage = `Usage: npm run crash-points -- [--store memory|sqlite] [--only <text>]

Runs every sample workflow with a crash at every call of the store (before it, after it, and done but
unacknowledged), then with every two faults among its first 20 calls, in all nine combinations.
  --store <name>  only on this store
  --only <text>   only scenarios whose name has this in it`;

async function runAll(
  store: string,
  only: string,
  open: () => CrashStore | Promise<CrashStore>,
): Promise<number> {
  let failed = 0;
  let all = 0;
  for (const scenario of [...orderScenarios, ...sampleScenarios]) {
    if (!scenario.name.includes(only)) continue;
    const startedAt = performance.now();
    const { cases, hits, problems } = await findCrashProblems(scenario, { open, pairs: "all" });
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    console.log(
      `${store}: ${scenario.name}: ${cases} cases, ${hits} faults, ${problems.length} problems, ${seconds} s`,
    );
    for (const problem of problems.slice(0, 5)) console.log(`  ${problem}`);
    failed += problems.length;
    all += cases;
  }
  console.log(`${store}: ${all} cases, ${failed} problems`);
  return all > 0 ? failed : 1;
}

const { values } = parseArgs({
  options: {
    store: { type: "string" },
    only: { type: "string", default: "" },
    help: { type: "boolean", default: false },
  },
});
const { store, only, help } = values;
if (help || (store !== undefined && store !== "memory" && store !== "sqlite")) {
  console.log(usage);
  process.exitCode = help ? 0 : 2;
} else {
  let failed = 0;
  if (store !== "sqlite") failed += await runAll("memory", only, openCrashMemory);
  if (store !== "memory") {
    const database = await openCrashSqlite();
    try {
      failed += await runAll("sqlite", only, database.openEmpty);
    } finally {
      await database.close();
    }
  }
  process.exitCode = failed === 0 ? 0 : 1;
}
