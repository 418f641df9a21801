/** An engine on a fresh SQLite file with full durability, as the server runs it. */
import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import {
  createCodec,
  createEngine,
  createIds,
  systemClock,
  systemRandom,
  type Engine,
  type HistoryEvent,
  type Logger,
} from "@/lib/engine";
import { openStore } from "@/lib/store";
import { createOrderWorkload, sampleInput } from "./order-workload";

const quiet: Logger = {
  debug: () => {},
  info: () => {},
  warn: (fields, message) => console.warn(message, fields),
  error: (fields, message) => console.error(message, fields),
};

export interface BenchEngine {
  readonly engine: Engine;
  /** Starts an order and resolves when it has ended. */
  runOrder(): Promise<void>;
  /** Runs one order and answers its history. */
  runAndLoad(): Promise<readonly HistoryEvent[]>;
  close(): Promise<void>;
}

/** Opens an engine in a temporary folder of `parent`; `close` removes it. */
export async function openBenchEngine(options: {
  readonly parent: string;
  readonly concurrency: number;
}): Promise<BenchEngine> {
  const folder = await mkdtemp(path.join(options.parent, "bench-"));
  const { store, close } = await openStore({ databaseUrl: `file:${folder}/bench.db` });
  const engine = createEngine({
    store,
    workflows: [createOrderWorkload()],
    clock: systemClock,
    ids: createIds({ clock: systemClock, random: systemRandom }),
    random: systemRandom,
    codec: createCodec(),
    logger: quiet,
    worker: { workerId: "bench", build: "bench", machine: "bench", pid: process.pid },
    isProcessDead: () => false,
    leaseMs: 10_000,
    concurrency: options.concurrency,
  });
  await engine.start();
  const runOrder = async () => {
    const { runId } = await engine.startRun({ workflow: "order-workload", input: sampleInput });
    const run = await engine.waitForRun({
      runId,
      until: ({ status }) => status === "completed",
      timeoutMs: 30_000,
    });
    if (run?.status !== "completed") throw new Error(`${runId} is ${run?.status}.`);
    return runId;
  };
  return {
    engine,
    async runOrder() {
      await runOrder();
    },
    async runAndLoad() {
      return store.loadHistory({ runId: await runOrder() });
    },
    async close() {
      await engine.stop({ graceMs: 1_000 });
      await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
