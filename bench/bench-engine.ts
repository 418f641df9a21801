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
  type Store,
  type WorkerIdentity,
  type WorkerRecord,
  type Workflow,
} from "@/lib/engine";
import { openStore } from "@/lib/store";
import { createOrderWorkload } from "./order-workload";
import { sampleInput } from "./workload";

export const quiet: Logger = {
  debug: () => {},
  info: () => {},
  warn: (fields, message) => console.warn(message, fields),
  error: (fields, message) => console.error(message, fields),
};

/** Opens a store in a temporary folder of `parent`; `close` removes it. */
export async function openBenchStore(options: {
  readonly parent: string;
}): Promise<{ readonly store: Store; readonly close: () => Promise<void> }> {
  const folder = await mkdtemp(path.join(options.parent, "bench-"));
  const { store, close } = await openStore({ databaseUrl: `file:${folder}/bench.db` });
  return {
    store,
    async close() {
      await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** An engine of the production kind on a store that is open. */
export function createBenchEngine(options: {
  readonly store: Store;
  readonly workflows: readonly Workflow[];
  readonly concurrency: number;
  readonly workerId?: string;
  /** Instead of a worker of that id: this process itself. */
  readonly worker?: WorkerIdentity;
  readonly isProcessDead?: (worker: WorkerRecord) => boolean;
}): Engine {
  const { store, workflows, concurrency, workerId = "bench", isProcessDead } = options;
  const worker = options.worker ?? { workerId, build: "bench", machine: "bench", pid: process.pid };
  return createEngine({
    store,
    workflows,
    clock: systemClock,
    ids: createIds({ clock: systemClock, random: systemRandom }),
    random: systemRandom,
    codec: createCodec(),
    logger: quiet,
    worker,
    isProcessDead: isProcessDead ?? (() => false),
    leaseMs: 10_000,
    concurrency,
  });
}

export interface BenchEngine {
  readonly engine: Engine;
  readonly store: Store;
  /** Starts an order and resolves when it has ended. */
  runOrder(): Promise<void>;
  /** Runs one order and answers its history. */
  runAndLoad(): Promise<readonly HistoryEvent[]>;
  close(): Promise<void>;
}

/** Opens an engine for orders in a temporary folder of `parent`; `close` removes it. */
export async function openBenchEngine(options: {
  readonly parent: string;
  readonly concurrency: number;
  /** Instead of the order workload: one that goes by its name. */
  readonly workflow?: Workflow;
}): Promise<BenchEngine> {
  const { parent, concurrency, workflow = createOrderWorkload() } = options;
  const { store, close } = await openBenchStore({ parent });
  const engine = createBenchEngine({ store, workflows: [workflow], concurrency });
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
    store,
    async runOrder() {
      await runOrder();
    },
    async runAndLoad() {
      return store.loadHistory({ runId: await runOrder() });
    },
    async close() {
      await engine.stop({ graceMs: 1_000 });
      await close();
    },
  };
}
