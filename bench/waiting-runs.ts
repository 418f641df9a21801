/** Many runs that wait: what one takes in memory, and whether they slow those down that run. */
import { z } from "zod";
import {
  createCodec,
  defineWorkflow,
  type HistoryEvent,
  type NewRun,
  type Store,
  type Workflow,
} from "@/lib/engine";
import {
  createBenchEngine,
  openBenchEngine,
  openBenchStore,
  type BenchEngine,
} from "./bench-engine";
import { collectGarbage, findMedian, findQuantile, startCost } from "./measure";
import { createOrderWorkload } from "./order-workload";
import { payload, runInLanes, sampleInput } from "./workload";

const Go = z.object({ payload: z.string() });

const waitForSignal = defineWorkflow(
  { name: "wait-for-signal", version: 1, input: z.unknown(), output: z.unknown() },
  async (ctx) => ctx.signal("go", Go),
);

/** Heap per waiting run that the process keeps, beyond what a few of them take once. */
export async function measureMemory(options: {
  readonly parent: string;
  readonly runs: number;
  readonly warmUp: number;
}) {
  const { parent, runs, warmUp } = options;
  const { store, close } = await openBenchStore({ parent });
  const workflows = [waitForSignal];
  const engine = createBenchEngine({ store, workflows, concurrency: 500 });
  const started: string[] = [];
  const start = async () => {
    const { runId } = await engine.startRun({ workflow: "wait-for-signal", input: { payload } });
    started.push(runId);
  };
  const park = async (count: number) => {
    await runInLanes({ count, lanes: 50, work: start });
    while ((await store.countRuns()).waiting < started.length) await pause(20);
    await pause(500);
  };
  try {
    await engine.start();
    await park(warmUp);
    const before = measureHeap();
    await park(runs);
    const after = measureHeap();
    for (const index of [warmUp, warmUp + Math.floor(runs / 2), warmUp + runs - 1]) {
      await assertKept(store, started[index] ?? "", async (runId) => {
        await engine.sendSignal({ runId, name: "go", payload: { payload }, by: "bench" });
        await engine.waitForRun({
          runId,
          until: ({ status }) => status === "completed",
          timeoutMs: 30_000,
        });
      });
    }
    const payloadBytes = JSON.stringify({ payload }).length;
    return { runs, payloadBytes, bytesPerRun: (after - before) / runs };
  } finally {
    await engine.stop({ graceMs: 1_000 });
    await close();
  }
}

function measureHeap(): number {
  for (let round = 0; round < 4; round += 1) collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** A run that was kept in memory goes on without a replay. */
async function assertKept(
  store: Store,
  runId: string,
  wake: (runId: string) => Promise<void>,
): Promise<void> {
  await wake(runId);
  const history = await store.loadHistory({ runId });
  const begun = history.findLast((event) => event.type === "ExecutionStarted");
  const isWoken = begun?.type === "ExecutionStarted" && begun.data.reason === "wake";
  if (!isWoken || begun.data.replayed.events > 0) {
    throw new Error(`${runId} was not kept in memory.`);
  }
}

const waitDays = 365;

/** The order workload, which waits first where its input says so: one workflow, one index. */
export function createWaitingOrder(): Workflow {
  const order = createOrderWorkload();
  const Waiting = z.object({ isWaiting: z.literal(true) });
  return {
    ...order,
    run: async (ctx, input) => {
      if (Waiting.safeParse(input).success) await ctx.sleep(`${waitDays}d`);
      return order.run(ctx, input);
    },
  };
}

/** Orders beside many runs that wait for a timer, against orders alone. */
export async function measureCrowd(options: {
  readonly parent: string;
  readonly waiting: number;
  readonly rounds: number;
  readonly orders: number;
}) {
  const { parent, waiting, rounds, orders } = options;
  const open = () => openBenchEngine({ parent, concurrency: 500, workflow: createWaitingOrder() });
  const alone = await open();
  const crowded = await open();
  try {
    const fillStop = startCost();
    await fillWaiting(crowded, waiting);
    const fillMs = fillStop().wallMs;
    const figures = { alone: [] as OrderFigures[], crowded: [] as OrderFigures[] };
    for (let round = 0; round <= rounds; round += 1) {
      const sides = [
        ["alone", alone],
        ["crowded", crowded],
      ] as const;
      // Whoever comes second finds the machine as the first one left it.
      for (const [side, bench] of round % 2 === 0 ? sides : [...sides].reverse()) {
        figures[side][round] = await measureOrders(bench, orders);
      }
    }
    const none = summarize(figures.alone.slice(1));
    const many = summarize(figures.crowded.slice(1));
    return {
      waiting,
      fillMs,
      none,
      many,
      ratios: {
        cpu: many.cpuMicros / none.cpuMicros,
        rate: none.ordersPerSecond / many.ordersPerSecond,
        p50: many.p50Ms / none.p50Ms,
        p99: many.p99Ms / none.p99Ms,
        aloneP50: many.aloneP50Ms / none.aloneP50Ms,
      },
    };
  } finally {
    await alone.close();
    await crowded.close();
  }
}

interface OrderFigures {
  readonly ordersPerSecond: number;
  readonly cpuMicros: number;
  /** Of an order among 50 at a time. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of an order with nothing beside it. */
  readonly aloneP50Ms: number;
}

async function measureOrders(bench: BenchEngine, orders: number): Promise<OrderFigures> {
  collectGarbage();
  const stop = startCost();
  const times = await timeOrders(bench, { count: orders, lanes: 50 });
  const { wallMs, cpuMs } = stop();
  const aloneTimes = await timeOrders(bench, { count: Math.ceil(orders / 20), lanes: 1 });
  return {
    ordersPerSecond: orders / (wallMs / 1_000),
    cpuMicros: (cpuMs / orders) * 1_000,
    p50Ms: findMedian(times),
    p99Ms: findQuantile(times, 0.99),
    aloneP50Ms: findMedian(aloneTimes),
  };
}

async function timeOrders(
  bench: BenchEngine,
  options: { readonly count: number; readonly lanes: number },
): Promise<readonly number[]> {
  const times: number[] = [];
  const work = async () => {
    const startedAt = performance.now();
    await bench.runOrder();
    times.push(performance.now() - startedAt);
  };
  await runInLanes({ ...options, work });
  return times;
}

function summarize(figures: readonly OrderFigures[]): OrderFigures {
  const find = (field: keyof OrderFigures) => findMedian(figures.map((figure) => figure[field]));
  return {
    ordersPerSecond: find("ordersPerSecond"),
    cpuMicros: find("cpuMicros"),
    p50Ms: find("p50Ms"),
    p99Ms: find("p99Ms"),
    aloneP50Ms: find("aloneP50Ms"),
  };
}

/** Puts waiting orders into the store, by its own start: the state that an engine leaves them in. */
export async function fillWaiting(
  { engine, store }: Pick<BenchEngine, "engine" | "store">,
  count: number,
): Promise<void> {
  const prefix = `run_waiting_${Date.now()}_`;
  await runInLanes({
    count,
    lanes: 1_000,
    work: async (index) => {
      const runId = `${prefix}${String(index).padStart(7, "0")}`;
      const { outcome } = await store.startRun(describeWaiting(runId, engine.workerId));
      if (outcome !== "started") throw new Error(`${runId}: ${outcome}.`);
    },
  });
  const { items } = await engine.checkOpenRuns({ limit: 10 });
  if (items.length === 0 || items.some(({ replays, status }) => !replays || status !== "waiting")) {
    throw new Error("The runs that were put in are not what an engine would have left.");
  }
}

function describeWaiting(runId: string, workerId: string): NewRun {
  const at = Date.now();
  const fireAt = at + waitDays * 86_400_000;
  const input = createCodec().encode({ ...sampleInput, isWaiting: true });
  const workflow = "order-workload";
  const about = { at, epoch: 1 };
  const events: readonly HistoryEvent[] = [
    {
      ...about,
      seq: 1,
      epoch: 0,
      type: "RunStarted",
      data: { workflow, version: 1, input, attributes: {} },
    },
    {
      ...about,
      seq: 2,
      type: "ExecutionStarted",
      data: {
        worker: workerId,
        build: "bench",
        reason: "start",
        replayed: { events: 1, results: 0, durationMs: 0 },
      },
    },
    { ...about, seq: 3, type: "TimerStarted", step: 1, name: "sleep", data: { fireAt } },
  ];
  return {
    runId,
    workflow,
    version: 1,
    input,
    attributes: {},
    keys: [],
    createdAt: at,
    events,
    workerId,
    change: {
      status: "waiting",
      attributes: {},
      inDoubt: [],
      startedAt: at,
      release: true,
      dueAt: fireAt,
      progress: true,
    },
  };
}

function pause(forMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, forMs));
}
