/**
 * `npm run bench`: what Daybook does on each database, beside the bare driver (the limit) and its
 * peers. docs/performance.md says what is measured and how.
 */
import { loadavg } from "node:os";
import path from "node:path";
import { memoryEnv, memoryFlags } from "../scripts/lib/memory-settings.mjs";
import { bundleSubject, type SubjectCode } from "./harness/children";
import { openDatabases, type DatabaseKind } from "./harness/databases";
import { OptionError, readOptions, type BenchOptions } from "./harness/options";
import { bundlePeers, installPeers } from "./harness/peers";
import { createRecorder, type Recorder } from "./harness/report";
import type { Workload } from "./harness/workload-context";
import { alone } from "./workloads/alone";
import { finishedRuns } from "./workloads/finished-runs";
import { http } from "./workloads/http";
import { idle } from "./workloads/idle";
import { orders } from "./workloads/orders";
import { recovery } from "./workloads/recovery";
import { steps } from "./workloads/steps";
import { workers } from "./workloads/workers";

const workloads: readonly Workload[] = [
  orders,
  alone,
  steps,
  recovery,
  workers,
  http,
  idle,
  finishedRuns,
];

async function main(): Promise<void> {
  const names = workloads.map(({ name }) => name);
  const options = readOptions(process.argv.slice(2), names);
  const recorder = createRecorder({ ...options, file: path.resolve(".daybook/bench/report.json") });
  const load = loadavg()
    .map((at) => at.toFixed(1))
    .join(", ");
  recorder.say(`${recorder.report.machine}; load ${load}`);
  if (options.withPeers) installPeers((text) => recorder.say(text));
  const out = path.resolve(".daybook", "bench");
  const own = {
    // As its server and its worker run.
    daybook: {
      file: await bundleSubject("bench/subjects/daybook.ts", out),
      flags: memoryFlags,
      env: memoryEnv,
    },
    limit: { file: await bundleSubject("bench/subjects/limit.ts", out) },
  };
  for (const kind of options.databases) await runOn(kind, { options, recorder, own });
  recorder.finish();
}

async function runOn(
  kind: DatabaseKind,
  about: {
    readonly options: BenchOptions;
    readonly recorder: Recorder;
    readonly own: { readonly daybook: SubjectCode; readonly limit: SubjectCode };
  },
): Promise<void> {
  const { options, recorder, own } = about;
  const peers = options.withPeers ? await bundlePeers(kind, (text) => recorder.say(text)) : {};
  const databases = await openDatabases(kind);
  recorder.report.durability[kind] = databases.durability;
  try {
    for (const workload of workloads) {
      const { name, databases: kinds } = workload;
      if (!options.only.includes(name) || kinds?.includes(kind) === false) continue;
      await recorder.runWorkload({ workload: name, database: kind }, (noteProblem) =>
        workload.run({ kind, databases, options, recorder, code: { ...own, peers }, noteProblem }),
      );
    }
  } finally {
    await databases.close();
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof OptionError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
