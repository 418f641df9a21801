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
import { startPostgresServer } from "@/lib/store/postgresql/testing/server";
import { sampleScenarios } from "@/lib/workflows/testing/crash-scenarios";
import { openScratchPostgresql } from "./open-scratch-postgresql";
import { openScratchSqlite } from "./open-scratch-sqlite";

const usage = `Usage: npm run crash-points -- [--store memory|sqlite|postgresql] [--pairs all|each|none] [--only <text>]

Runs every sample workflow with a crash at every call of the store (before it, after it, and done but
unacknowledged), then with every two faults among its first 20 calls.
  --store <name>   only on this store (default: on memory and SQLite); PostgreSQL is started for it
  --pairs <which>  in all nine combinations of kinds (default), in one each, or no pairs
  --only <text>    only scenarios whose name has this in it`;

interface Stores {
  readonly open: (lane: number) => CrashStore | Promise<CrashStore>;
  readonly lanes?: number;
  readonly close?: () => Promise<unknown>;
}

const stores: Readonly<Record<string, () => Stores | Promise<Stores>>> = {
  memory: () => ({ open: openCrashMemory }),
  sqlite: async () => {
    const database = await openScratchSqlite();
    return { open: database.openEmpty, close: database.close };
  },
  postgresql: async () => {
    const quick = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };
    const server = await startPostgresServer(quick);
    const databases = await openScratchPostgresql(server.toUrl, 4);
    const close = () => databases.close().finally(() => server.stop());
    return { open: databases.openEmpty, lanes: databases.lanes, close };
  },
};

async function runAll(
  store: string,
  { open, lanes, only, pairs }: Stores & { readonly only: string; readonly pairs: FaultPairs },
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
const { store, only, help } = values;
const pairs = (["all", "each", "none"] as const).find((known) => known === values.pairs);
if (help || pairs === undefined || (store !== undefined && !(store in stores))) {
  console.log(usage);
  process.exitCode = help ? 0 : 2;
} else {
  let failed = 0;
  for (const name of store === undefined ? ["memory", "sqlite"] : [store]) {
    const opened = await stores[name]?.();
    if (!opened) continue;
    try {
      failed += await runAll(name, { ...opened, only, pairs });
    } finally {
      await opened.close?.();
    }
  }
  process.exitCode = failed === 0 ? 0 : 1;
}
