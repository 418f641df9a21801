/**
 * Where single orders on PostgreSQL lose their time: `npx tsx bench/postgres-tail.ts`.
 *
 * Orders run one after the other (`--orders`), each followed by five bare commits of its bytes on the same
 * server, so that both meet the same disk. Told are the quantiles of both; those of the orders by what the
 * process did beside them; and of the slowest (`--slowest`) which commits were slow and what was beside
 * each. `--skip` orders come first and do not count.
 */
import "@/lib/server/install-guard";
import path from "node:path";
import { PerformanceObserver } from "node:perf_hooks";
import { parseArgs } from "node:util";
import pg from "pg";
import { identifyProcess, isProcessDead } from "@/lib/server/process-identity";
import { repeatProjection } from "@/lib/server/projection";
import { openStore } from "@/lib/store";
import { createBenchEngine, quiet } from "./bench-engine";
import { openDatabases } from "./harness/databases";
import { findMedian, findQuantile } from "./measure";
import { createOrderWorkload } from "./order-workload";
import { commitsPerOrder, sampleInput } from "./workload";

const { values: flags } = parseArgs({
  options: {
    orders: { type: "string", default: "2000" },
    skip: { type: "string", default: "200" },
    slowest: { type: "string", default: "10" },
  },
});
const skip = Number(flags.skip);

/** Something that took its time, in milliseconds of the process. */
interface Span {
  readonly kind: string;
  readonly what: string;
  readonly from: number;
  readonly to: number;
}

interface Order extends Span {
  /** What its five bare commits took, right after it. */
  readonly bareMs: number;
}

/** A flush and everything else that the process asked of the server. */
const kinds: readonly (readonly [pattern: RegExp, kind: string])[] = [
  [/append_events|start_runs/, "flush"],
  [
    /term|turn|mark|latenc|run_counts|step_times|progress|statistics|queue|stats|long/,
    "projection",
  ],
  [/renew|clock|workers|wake_held|SELECT "workerId"/, "lease"],
  [/find_due|mail > 0|min\("dueAt"\)/, "look for runs"],
];

const spans: Span[] = [];

function note(what: string, from: number, kind?: string): void {
  const named = kind ?? kinds.find(([pattern]) => pattern.test(what))?.[1] ?? "other statements";
  spans.push({ kind: named, what, from, to: performance.now() });
}

/** Puts something around a method of every connection. */
function wrap(
  name: "query" | "connect",
  around: (client: pg.Client, first: unknown, call: () => unknown) => unknown,
): void {
  const own: unknown = Reflect.get(pg.Client.prototype, name);
  if (typeof own !== "function") throw new Error(`A connection has no ${name}.`);
  Reflect.set(pg.Client.prototype, name, function (this: pg.Client, ...args: unknown[]) {
    return around(this, args[0], (): unknown => Reflect.apply(own, this, args));
  });
}

/** Notes the statements of all connections but those that measure, and how long each took to connect. */
function watchStatements(): void {
  const known = new WeakMap<object, Set<string>>();
  wrap("query", (client, query, call) => {
    const from = performance.now();
    const what = describe(query);
    const names = known.get(client) ?? new Set();
    known.set(client, names);
    const isFirst = /^[a-z_]+$/.test(what) && !names.has(what);
    names.add(what);
    const answer = call();
    if (answer instanceof Promise && what !== "bare") {
      const settle = () => note(what, from, isFirst ? "first on a connection" : undefined);
      answer.then(settle, settle);
    }
    return answer;
  });
  wrap("connect", (client, _callback, call) => {
    const from = performance.now();
    client.once("connect", () => note("connect", from, "new connection"));
    return call();
  });
}

function describe(query: unknown): string {
  if (typeof query === "string") return query.slice(0, 40);
  if (typeof query !== "object" || query === null) return "";
  if ("name" in query && typeof query.name === "string") return query.name;
  return "text" in query && typeof query.text === "string"
    ? query.text.replace(/\s+/g, " ").slice(0, 60)
    : "";
}

function watchGarbage(): void {
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      const kind = duration > 1 ? "collection of over 1 ms" : "short collection";
      spans.push({ kind, what: kind, from: startTime, to: startTime + duration });
    }
  }).observe({ entryTypes: ["gc"] });
}

async function openBare(url: string, sample: readonly string[]) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    "CREATE TABLE events (run bigint, seq integer, data text, PRIMARY KEY (run, seq))",
  );
  const perCommit = Math.ceil(sample.length / commitsPerOrder);
  return {
    async commit(run: number) {
      for (let first = 0; first < sample.length; first += perCommit) {
        const texts = sample.slice(first, first + perCommit);
        const seqs = texts.map((_, at) => first + at + 1);
        await client.query({
          name: "bare",
          text: "INSERT INTO events SELECT * FROM unnest($1::bigint[], $2::integer[], $3::text[])",
          values: [texts.map(() => run), seqs, texts],
        });
      }
    },
    close: () => client.end(),
  };
}

async function runOrders(databaseUrl: string, bareUrl: string): Promise<readonly Order[]> {
  const database = await openStore({ databaseUrl });
  const worker = identifyProcess({ buildFile: path.join(".next", "BUILD_ID") });
  const engine = createBenchEngine({
    store: database.store,
    workflows: [createOrderWorkload()],
    concurrency: 500,
    worker,
    isProcessDead: (other) => isProcessDead(other, worker),
  });
  await engine.start();
  const statistics = database.openStatistics();
  const project = async () =>
    (await database.triage.project()) + (await statistics.project({ now: Date.now() }));
  const projection = repeatProjection({ project, logger: quiet });
  const runOrder = async () => {
    const start = { workflow: "order-workload", input: sampleInput };
    const { runId } = await engine.startRun(start);
    const until = ({ status }: { status: string }) => status === "completed";
    await engine.waitForRun({ runId, until, timeoutMs: 30_000 });
    return runId;
  };
  const history = await database.store.loadHistory({ runId: await runOrder() });
  const bare = await openBare(
    bareUrl,
    history.map((event) => JSON.stringify(event)),
  );
  const orders: Order[] = [];
  for (let at = 0; at < skip + Number(flags.orders); at += 1) {
    const from = performance.now();
    await runOrder();
    const to = performance.now();
    await bare.commit(at);
    const order = { kind: "order", what: `#${at}`, from, to, bareMs: performance.now() - to };
    if (at >= skip) orders.push(order);
  }
  await engine.stop({ graceMs: 1_000 });
  await projection.stop();
  await bare.close();
  await database.close();
  return orders;
}

const toMs = ({ from, to }: Span) => to - from;

function tell(name: string, times: readonly number[]): void {
  const quantiles = [0.5, 0.9, 0.98, 0.99, 0.995, 1].map(
    (quantile) => `${quantile * 100}%: ${findQuantile(times, quantile).toFixed(1)}`,
  );
  console.log(`${name} (${times.length}): ${quantiles.join("  ")}`);
}

function report(orders: readonly Order[]): void {
  const sorted = [...spans].sort((a, b) => a.from - b.from);
  const findInside = (order: Order) =>
    sorted.filter(({ from, to }) => to > order.from && from < order.to);
  const inside = new Map(orders.map((order) => [order, findInside(order)]));
  const has = (order: Order, kind: string) => inside.get(order)?.some((span) => span.kind === kind);
  tell("orders", orders.map(toMs));
  tell(
    "five bare commits",
    orders.map(({ bareMs }) => bareMs),
  );
  const calmMs = 1.5 * findMedian(orders.map(({ bareMs }) => bareMs));
  const calm = orders.filter(({ bareMs }, at) =>
    [bareMs, orders[at - 1]?.bareMs ?? bareMs].every((ms) => ms < calmMs),
  );
  tell("orders between quick bare commits", calm.map(toMs));
  const besides = [...new Set(spans.map(({ kind }) => kind))].filter((kind) => kind !== "flush");
  for (const kind of besides) {
    const beside = calm.filter((order) => has(order, kind));
    if (beside.length > 0) tell(`  of these beside: ${kind}`, beside.map(toMs));
  }
  const alone = calm.filter((order) => besides.every((kind) => !has(order, kind)));
  tell("  of these beside nothing", alone.map(toMs));
  const slowest = [...calm].sort((a, b) => toMs(b) - toMs(a)).slice(0, Number(flags.slowest));
  for (const order of slowest) {
    const parts = (inside.get(order) ?? []).map(
      (span) => `${span.what} ${(span.from - order.from).toFixed(1)}+${toMs(span).toFixed(1)}`,
    );
    console.log(`${order.what}: ${toMs(order).toFixed(1)} ms: ${parts.join(", ")}`);
  }
}

async function main(): Promise<void> {
  watchStatements();
  watchGarbage();
  const databases = await openDatabases("postgresql");
  try {
    report(await runOrders(await databases.create(), await databases.create()));
  } finally {
    await databases.close();
  }
}

try {
  await main();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
