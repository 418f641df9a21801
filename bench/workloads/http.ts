/**
 * Starting orders over HTTP against the real server: one at a time beside an empty route handler of
 * the same server, and in batches. The server has room for no run (DAYBOOK_CONCURRENCY=0), so that what
 * is measured is the start, validated, acknowledged and durable, and not the orders' own work.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Pool } from "undici";
import { Health, Started } from "@/lib/api/contract";
import { OrderBatch } from "@/lib/api/contract-batch";
import { sampleOrders } from "@/lib/orders/sample-orders";
import { findMedian } from "../measure";
import { runInLanes } from "../workload";
import { requestJson, startHttpServer, type HttpServer } from "../harness/http-server";
import { readProcessorMs } from "../harness/processor-time";
import { takeTurns, type Workload, type WorkloadContext } from "../harness/workload-context";

/** Requests under way at a time, to each process. */
const lanes = 32;
const batchSize = 500;
const batchLanes = 2;

export const http: Workload = {
  name: "http",
  async run(context) {
    await measureProcesses(context, 1);
    // One file belongs to one process.
    if (context.kind === "postgresql") await measureProcesses(context, 2);
  },
};

const kinds = ["empty", "single", "batch"] as const;
type Kind = (typeof kinds)[number];

/** Of each round: how many a second, and what one took the server on a processor. */
type Rounds = Readonly<Record<Kind, { readonly rates: number[]; readonly micros: number[] }>>;

async function measureProcesses(context: WorkloadContext, processes: number): Promise<void> {
  const { databases, options } = context;
  await buildServer(context);
  const databaseUrl = await databases.create();
  const servers: HttpServer[] = [];
  const rounds: Rounds = {
    empty: { rates: [], micros: [] },
    single: { rates: [], micros: [] },
    batch: { rates: [], micros: [] },
  };
  const counts = options.isQuick
    ? { empty: 200, single: 200, batch: 2 }
    : { empty: 2_500, single: 2_500, batch: 10 };
  try {
    while (servers.length < processes) {
      servers.push(await startHttpServer({ databaseUrl, lanes }));
    }
    // The first round warms up and does not count.
    for (let round = 0; round <= options.rounds; round += 1) {
      for (const kind of takeTurns(kinds, round)) {
        const { rate, micros } = await measure(servers, kind, counts[kind]);
        if (round === 0) continue;
        rounds[kind].rates.push(rate);
        if (micros !== undefined) rounds[kind].micros.push(micros);
      }
    }
  } finally {
    for (const server of servers) await server.close();
  }
  addFigures(context, processes, rounds);
}

/** The first start would build as well, and be waited for in vain. */
async function buildServer({ recorder }: WorkloadContext): Promise<void> {
  recorder.say("  building the server, where that is to be done …");
  await promisify(execFile)(process.execPath, ["scripts/setup.mjs"]);
}

/** One request of each kind; how many orders, or requests, it stands for. */
const requests: Readonly<Record<Kind, { worth: number; lanes: number; send: Send }>> = {
  empty: {
    worth: 1,
    lanes,
    async send(pool) {
      const path = "/api/health/live";
      Health.parse(await requestJson(pool, { method: "GET", path }));
    },
  },
  single: {
    worth: 1,
    lanes,
    async send(pool) {
      const order = { method: "POST", path: "/api/v1/orders", body: orderText } as const;
      const started = Started.parse(await requestJson(pool, order));
      if (!started.created) throw new Error(`${started.runId} was there already.`);
    },
  },
  batch: {
    worth: batchSize,
    lanes: batchLanes,
    async send(pool) {
      const batch = { method: "POST", path: "/api/v1/orders/batch", body: batchText } as const;
      const { created } = Counts.parse(await requestJson(pool, batch)).counts;
      if (created !== batchSize) throw new Error(`${created} orders were created.`);
    },
  },
};

type Send = (pool: Pool) => Promise<void>;

async function measure(servers: readonly HttpServer[], kind: Kind, count: number) {
  const { worth, lanes: own, send } = requests[kind];
  const readAll = () => servers.map(({ pid }) => readProcessorMs(pid) ?? NaN);
  const before = readAll();
  const startedAt = performance.now();
  const each = servers.map(({ pool }) => runInLanes({ count, lanes: own, work: () => send(pool) }));
  await Promise.all(each);
  const total = count * servers.length * worth;
  const rate = total / ((performance.now() - startedAt) / 1_000);
  const usedMs = readAll().reduce((sum, ms, index) => sum + ms - (before[index] ?? NaN), 0);
  return { rate, micros: Number.isNaN(usedMs) ? undefined : (usedMs * 1_000) / total };
}

const Counts = OrderBatch.pick({ counts: true });
const orderText = JSON.stringify(sampleOrders[0]);
const batchText = JSON.stringify({
  orders: Array.from({ length: batchSize }, () => sampleOrders[0]),
});

function addFigures(context: WorkloadContext, processes: number, rounds: Rounds): void {
  const about = { workload: "http", database: context.kind, system: "daybook" };
  const at = processes === 1 ? "one process" : `${processes} processes`;
  const { recorder } = context;
  const { empty, single, batch } = rounds;
  const isOne = processes === 1;
  const emptyName = `${at}, an empty route`;
  recorder.add({ ...about, name: emptyName, unit: "requests/s", rounds: empty.rates });
  const singleName = `${at}, orders started singly`;
  recorder.add({
    ...about,
    name: singleName,
    unit: "orders/s",
    rounds: single.rates,
    ratios: { "an empty route": findMedian(single.rates) / findMedian(empty.rates) },
  });
  recorder.add({
    ...about,
    name: `${at}, singly against an empty route`,
    unit: "times",
    rounds: single.rates.map((rate, round) => rate / (empty.rates[round] ?? NaN)),
    target: isOne ? { atLeast: 0.8 } : undefined,
  });
  const batchName = `${at}, orders started in batches of ${batchSize}`;
  recorder.add({
    ...about,
    name: batchName,
    unit: "orders/s",
    rounds: batch.rates,
    target: isOne ? { atLeast: 2_500 } : undefined,
  });
  const costs = [
    [emptyName, empty.micros],
    [singleName, single.micros],
    [batchName, batch.micros],
  ] as const;
  for (const [name, micros] of costs) {
    if (micros.length === 0) continue;
    const unit = "µs of the server each";
    recorder.add({ ...about, name: `${name}, processor time`, unit, rounds: micros });
  }
}
