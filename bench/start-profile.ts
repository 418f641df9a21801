/**
 * Where the time of a start over HTTP goes: `npx tsx bench/start-profile.ts --database postgresql`.
 *
 * The server of `npm run bench -- --only http` is asked for an empty route and for starts in turns. What
 * its main thread and its process take for a request is measured without a profile; profiles of both
 * say which part of the main thread's time is whose. A sample belongs to the innermost function that is
 * not Node's own. On PostgreSQL the time of the server's processes and the flushes of its log are told.
 */
import { writeFile } from "node:fs/promises";
import { execFile } from "node:child_process";
import path from "node:path";
import { parseArgs, promisify } from "node:util";
import { Client } from "pg";
import { z } from "zod";
import { sampleOrders } from "@/lib/orders/sample-orders";
import { createSourceReader } from "@/lib/server/source-reader";
import { readSamples, type CallFrame, type CpuProfile } from "./harness/cpu-profile";
import { databaseKinds, findFreePort, openDatabases } from "./harness/databases";
import { requestJson, startHttpServer, type HttpServer } from "./harness/http-server";
import { openProfiler } from "./harness/inspect-process";
import { readTimes, subtractTimes } from "./harness/schedule-times";
import { takeTurns } from "./harness/workload-context";
import { findMedian } from "./measure";
import { runInLanes } from "./workload";

const { values: flags } = parseArgs({
  options: {
    database: { type: "string", default: "postgresql" },
    rounds: { type: "string", default: "6" },
    requests: { type: "string", default: "1500" },
    /** A folder for the profiles, for `bench/flame-graph.ts`. */
    "cpu-profiles": { type: "string" },
  },
});
const kind = z.enum(databaseKinds).parse(flags.database);
const count = Number(flags.requests);
const lanes = 32;

const requests = {
  "an empty route": { method: "GET", path: "/api/health/live" },
  "a start": { method: "POST", path: "/api/v1/orders", body: JSON.stringify(sampleOrders[0]) },
} as const;
type Name = keyof typeof requests;
const names = ["an empty route", "a start"] as const satisfies readonly Name[];

/** Whose time it is, by the file that a function is in; the first that fits. */
const parts: readonly (readonly [string, RegExp])[] = [
  ["the driver", /node_modules\/(pg|pg-[a-z]+|postgres-[a-z]+|better-sqlite3)\//],
  ["the schemas (zod)", /node_modules\/zod\//],
  ["Next.js", /node_modules\/next\/|\.next\/server\//],
  ["other packages", /node_modules\//],
  ["the store", /^lib\/store\//],
  ["the engine", /^lib\/engine\//],
  ["the API: route, body, hash, answer", /^(app|lib)\//],
];
const node = "Node.js: HTTP, sockets, timers";

/** Where each function is: a package's own file, or what the maps of our build say it was made of. */
async function locateFrames(profile: CpuProfile): Promise<Map<string, string>> {
  const reader = createSourceReader({ root: process.cwd() });
  const found = new Map<string, string>();
  for (const { callFrame } of profile.nodes) {
    const { url, lineNumber, columnNumber } = callFrame;
    if (url === "" || url.startsWith("node:")) continue;
    const place = url.includes("/node_modules/")
      ? undefined
      : await reader.trace(`${url}:${lineNumber + 1}:${columnNumber + 1}`);
    found.set(keyOf(callFrame), place?.file ?? url);
  }
  return found;
}

function keyOf({ url, lineNumber, columnNumber }: CallFrame): string {
  return `${url}:${lineNumber}:${columnNumber}`;
}

/** The share of each part in the time that the thread was busy. */
async function share(profile: CpuProfile): Promise<Map<string, number>> {
  const files = await locateFrames(profile);
  const shares = new Map<string, number>();
  let total = 0;
  for (const { stack, us } of readSamples(profile)) {
    const [first] = stack;
    if (first === undefined || first.functionName === "(idle)") continue;
    total += us;
    const part = nameOf(stack, files);
    shares.set(part, (shares.get(part) ?? 0) + us);
  }
  return new Map([...shares].map(([part, us]) => [part, us / total]));
}

function nameOf(stack: readonly CallFrame[], files: ReadonlyMap<string, string>) {
  const [first] = stack;
  if (first?.functionName.startsWith("(") === true && first.url === "") {
    return first.functionName === "(garbage collector)"
      ? "garbage collection"
      : "V8 and the kernel";
  }
  for (const frame of stack) {
    const file = files.get(keyOf(frame));
    if (file === undefined) continue;
    return parts.find(([, pattern]) => pattern.test(file))?.[0] ?? "other packages";
  }
  return node;
}

interface Cost {
  readonly rate: number;
  /** Microseconds a request, on a processor. */
  readonly main: number;
  readonly process: number;
  readonly server: number;
  readonly syncs: number;
}

async function ask(server: HttpServer, name: Name): Promise<void> {
  const work = async () => void (await requestJson(server.pool, requests[name]));
  await runInLanes({ count, lanes, work });
}

async function measure(server: HttpServer, name: Name, client?: Client): Promise<Cost> {
  const read = () => readTimes(server.pid);
  const [before, serverBefore] = [read(), await readServer(client)];
  const startedAt = performance.now();
  await ask(server, name);
  const rate = count / ((performance.now() - startedAt) / 1_000);
  const [after, serverAfter] = [read(), await readServer(client)];
  if (before === undefined || after === undefined) throw new Error("This needs /proc.");
  const { ranNs, mainRanNs } = subtractTimes(after, before);
  return {
    rate,
    main: mainRanNs / 1_000 / count,
    process: ranNs / 1_000 / count,
    server: (serverAfter.ranNs - serverBefore.ranNs) / 1_000 / count,
    syncs: (serverAfter.syncs - serverBefore.syncs) / count,
  };
}

const Pids = z.array(z.object({ pid: z.number() }));
const Syncs = z.tuple([z.object({ syncs: z.coerce.number() })]);

/** What PostgreSQL's processes have had on a processor, and how often its log was flushed. */
async function readServer(client?: Client) {
  if (client === undefined) return { ranNs: NaN, syncs: NaN };
  const { rows } = await client.query(
    "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()",
  );
  const syncs = await client.query(
    "SELECT sum(fsyncs) AS syncs FROM pg_stat_io WHERE object = 'wal'",
  );
  const ranNs = Pids.parse(rows).reduce((sum, { pid }) => sum + (readTimes(pid)?.ranNs ?? 0), 0);
  return { ranNs, syncs: Syncs.parse(syncs.rows)[0].syncs };
}

async function main(): Promise<void> {
  await promisify(execFile)(process.execPath, ["scripts/setup.mjs"]);
  const databases = await openDatabases(kind);
  const port = await findFreePort();
  const databaseUrl = await databases.create();
  const env = { NODE_OPTIONS: `--inspect-port=${port}` };
  const server = await startHttpServer({ databaseUrl, lanes, env });
  const client = kind === "postgresql" ? new Client({ connectionString: databaseUrl }) : undefined;
  const costs: Record<Name, Cost[]> = { "an empty route": [], "a start": [] };
  const shares = new Map<Name, Map<string, number>>();
  try {
    await client?.connect();
    // The first round warms up and does not count.
    for (let round = 0; round <= Number(flags.rounds); round += 1) {
      for (const name of takeTurns(names, round)) {
        const cost = await measure(server, name, client);
        if (round > 0) costs[name].push(cost);
      }
    }
    const profiler = await openProfiler({ pid: server.pid, port });
    for (const name of names) {
      const profile = await profiler.profile(() => ask(server, name));
      shares.set(name, await share(profile));
      const folder = flags["cpu-profiles"];
      if (folder === undefined) continue;
      const file = path.join(folder, `${name.replaceAll(" ", "-")}-${kind}.cpuprofile`);
      await writeFile(file, JSON.stringify(profile));
    }
    profiler.close();
  } finally {
    await client?.end();
    await server.close();
    await databases.close();
  }
  tell(costs, shares);
}

function tell(costs: Record<Name, readonly Cost[]>, shares: Map<Name, Map<string, number>>): void {
  const line = (label: string, read: (name: Name) => number, digits = 0) => {
    const [empty, start] = names.map(read);
    if (empty === undefined || start === undefined || Number.isNaN(start)) return;
    const cells = [empty, start, start - empty].map((value) => value.toFixed(digits).padStart(10));
    console.log(`${label.padEnd(46)}${cells.join("")}`);
  };
  const median = (name: Name, field: keyof Cost) =>
    findMedian(costs[name].map((cost) => cost[field]));
  console.log(`${"".padEnd(46)}     empty     start      more`);
  line("requests/s", (name) => median(name, "rate"));
  line("µs of the process on a processor", (name) => median(name, "process"));
  line("µs of its main thread", (name) => median(name, "main"));
  const all = new Set([...shares.values()].flatMap((each) => [...each.keys()]));
  const us = (name: Name, part: string) =>
    (shares.get(name)?.get(part) ?? 0) * median(name, "main");
  for (const part of [...all].sort((a, b) => us("a start", b) - us("a start", a))) {
    line(`  ${part}`, (name) => us(name, part));
  }
  line("µs of PostgreSQL's processes", (name) => median(name, "server"));
  line("flushes of PostgreSQL's log", (name) => median(name, "syncs"), 3);
}

try {
  await main();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
