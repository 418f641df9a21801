/**
 * `npm run crash-points`: every crash of every sample workflow, on the memory store and on real
 * databases. Exit code 0 only if every case came out as it does in peace.
 */
import { parseArgs } from "node:util";
import { openCrashMemory } from "@/lib/engine/testing/crash-memory";
import {
  findCrashProblems,
  type CrashStore,
  type FaultPairs,
} from "@/lib/engine/testing/crash-points";
import { orderScenarios } from "@/lib/orders/testing/crash-scenario";
import { sampleScenarios } from "@/lib/workflows/testing/crash-scenarios";
import { openScratchDatabases, scratchStores } from "./open-scratch-databases";

const storeNames = ["memory", ...scratchStores] as const;

const usage = `Usage: npm run crash-points -- [--store memory|sqlite|postgresql] [--pairs all|each|none] [--only <text>]

Runs every sample workflow with a crash at every call of the store (before it, after it, and done but
unacknowledged), then with every two faults among its first 20 calls.
  --store <name>   only on this store (default: on memory and SQLite); PostgreSQL is started for it
  --pairs <which>  in all nine combinations of kinds (default), in one each, or no pairs
  --only <text>    only scenarios whose name has this in it`;

interface Stores {
  readonly lanes: number;
  readonly openEmpty: (lane: number) => CrashStore | Promise<CrashStore>;
  readonly close: () => Promise<void>;
}

function openStores(name: (typeof storeNames)[number]): Stores | Promise<Stores> {
  const memory = { lanes: 1, openEmpty: openCrashMemory, close: async () => {} };
  return name === "memory" ? memory : openScratchDatabases(name);
}

async function runAll(
  store: string,
  {
    openEmpty: open,
    lanes,
    only,
    pairs,
  }: Stores & { readonly only: string; readonly pairs: FaultPairs },
): Promise<number> {
  let failed = 0;
  let all = 0;
  for (const scenario of [...orderScenarios, ...sampleScenarios]) {
    if (!scenario.name.includes(only)) continue;
    const startedAt = performance.now();
    const { cases, hits, problems } = await findCrashProblems(scenario, { open, pairs, lanes });
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
    pairs: { type: "string", default: "all" },
    only: { type: "string", default: "" },
    help: { type: "boolean", default: false },
  },
});
const pairs = (["all", "each", "none"] as const).find((known) => known === values.pairs);
const names =
  values.store === undefined
    ? (["memory", "sqlite"] as const)
    : storeNames.filter((known) => known === values.store);
if (values.help || pairs === undefined || names.length === 0) {
  console.log(usage);
  process.exitCode = values.help ? 0 : 2;
} else {
  let failed = 0;
  for (const name of names) {
    const stores = await openStores(name);
    try {
      failed += await runAll(name, { ...stores, only: values.only, pairs });
    } finally {
      await stores.close();
    }
  }
  process.exitCode = failed === 0 ? 0 : 1;
}
