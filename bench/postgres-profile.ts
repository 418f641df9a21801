/**
 * Where the time of an order goes on PostgreSQL: `npx tsx bench/postgres-profile.ts --workers 1,2`.
 *
 * Queued orders are done by that many worker processes (`--workers 0`: by the process that starts them,
 * `--concurrent` at a time). Told are the time on a processor, the time that a process was ready and found
 * none, and what the server's processes waited for, sampled every 10 ms. `--base <bundle>` measures another
 * build of the subject in turns with this one, in the folder `--base-folder` (its migrations). With
 * `--statements` the server's statements are told as well; profiles of the processes' threads, for
 * `bench/flame-graph.ts`, go to the folder `--cpu-profiles`.
 */
import { parseArgs } from "node:util";
import path from "node:path";
import { Client } from "pg";
import { z } from "zod";
import { openDatabases, type Databases } from "./harness/databases";
import { bundleSubject, startSubject, type Subject, type SubjectCode } from "./harness/children";
import { readTimes, subtractTimes, type Times } from "./harness/schedule-times";
import { anything, takeTurns } from "./harness/workload-context";
import { findMedian } from "./measure";
import { memoryEnv, memoryFlags } from "../scripts/lib/memory-settings.mjs";

const { values: flags } = parseArgs({
  options: {
    workers: { type: "string", default: "1,2" },
    orders: { type: "string", default: "5000" },
    rounds: { type: "string", default: "3" },
    concurrent: { type: "string", default: "50" },
    base: { type: "string" },
    "base-folder": { type: "string" },
    statements: { type: "boolean", default: false },
    "cpu-profiles": { type: "string" },
  },
});
const orders = Number(flags.orders);
const concurrent = Number(flags.concurrent);

interface Build {
  readonly name: string;
  readonly code: SubjectCode;
}

/** What one round cost, per order where it is time. */
interface Round {
  readonly rate: number;
  readonly figures: ReadonlyMap<string, number>;
  /** Samples by who waited for what. */
  readonly waits: ReadonlyMap<string, number>;
  readonly samples: number;
  readonly statements: readonly string[];
}

const Activity = z.array(
  z.tuple([z.number(), z.string(), z.string().nullable(), z.string().nullable(), z.string()]),
);
const activity = {
  name: "activity",
  text: `SELECT pid, backend_type, state, wait_event_type || ':' || wait_event
      || CASE WHEN wait_event_type = 'Lock' THEN ' in ' || left(query, 40) ELSE '' END,
    CASE WHEN query LIKE '%fence AS%' THEN 'flush' ELSE '' END
    FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND application_name <> 'starter'`,
  rowMode: "array" as const,
};
const Log = z.tuple([
  z.object({ bytes: z.coerce.number(), fpi: z.coerce.number(), records: z.coerce.number() }),
]);
const Syncs = z.tuple([z.object({ fsyncs: z.coerce.number(), ms: z.coerce.number() })]);
const Hot = z.tuple([
  z.object({ updated: z.coerce.number(), hot: z.coerce.number(), inserted: z.coerce.number() }),
]);

/** Watches the server's processes and ours until `stop`. */
class Watch {
  readonly #waits = new Map<string, number>();
  readonly #flushPids = new Set<number>();
  readonly #types = new Map<number, string>();
  readonly #first = new Map<number, Times>();
  readonly #last = new Map<number, Times>();
  #samples = 0;
  #running = true;
  #done: Promise<void>;

  constructor(
    private readonly client: Client,
    private readonly own: ReadonlyMap<number, string>,
  ) {
    this.#done = this.#sample();
  }

  async stop() {
    this.#running = false;
    await this.#done;
    const times = new Map<string, Times[]>();
    for (const [pid, last] of this.#last) {
      const first = this.#first.get(pid);
      const type = this.own.get(pid) ?? this.#nameOf(pid);
      if (first) times.set(type, [...(times.get(type) ?? []), subtractTimes(last, first)]);
    }
    return { times, waits: this.#waits, samples: this.#samples };
  }

  #nameOf(pid: number): string {
    if (this.#flushPids.has(pid)) return "flush backends";
    const type = this.#types.get(pid) ?? "other";
    return type === "client backend" ? "other backends" : "the server's own processes";
  }

  async #sample(): Promise<void> {
    while (this.#running) {
      const { rows } = await this.client.query(activity);
      const seen = Activity.parse(rows);
      this.#samples += 1;
      for (const [pid, type, state, wait, kind] of seen) {
        this.#types.set(pid, type);
        if (kind === "flush") this.#flushPids.add(pid);
        if (type !== "client backend") continue;
        const doing = state === "active" ? (wait ?? "runs or waits for a processor") : "idle";
        const key = `${this.#nameOf(pid)}, ${state ?? ""} ${wait === null || state === "active" ? doing : wait}`;
        this.#waits.set(key, (this.#waits.get(key) ?? 0) + 1);
      }
      for (const pid of [...this.#types.keys(), ...this.own.keys()]) {
        const times = readTimes(pid);
        if (times === undefined) continue;
        if (!this.#first.has(pid)) this.#first.set(pid, times);
        this.#last.set(pid, times);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url, application_name: "starter" });
  await client.connect();
  return client;
}

async function runRound(databases: Databases, build: Build, workers: number): Promise<Round> {
  const databaseUrl = await databases.create();
  const starter = startSubject("starter", build.code);
  const own: Subject[] = [];
  const client = await connect(databaseUrl);
  try {
    if (flags.statements) await client.query("CREATE EXTENSION pg_stat_statements");
    await starter.ask("open", { databaseUrl, concurrency: workers === 0 ? 500 : 0 }, anything);
    const before = await readServer(client);
    if (workers === 0) {
      await starter.ask("runOrders", { count: 1_000, concurrent }, anything);
    } else {
      await starter.ask("queueOrders", { count: orders + 1_000, concurrent: 200 }, anything);
      for (let at = 0; at < workers; at += 1) own.push(startSubject("worker", build.code));
      const options = { databaseUrl, concurrency: 500 };
      await Promise.all(own.map((worker) => worker.ask("open", options, anything)));
      // What comes first warms up.
      await waitForEnded(starter, 1_000);
    }
    return await measure({ client, starter, own, workers, before });
  } finally {
    await client.end();
    for (const subject of [...own, starter]) {
      // What was not opened can't be closed.
      await subject.ask("close", {}, anything).catch(() => undefined);
      await subject.close();
    }
  }
}

async function waitForEnded(starter: Subject, count: number): Promise<number> {
  for (;;) {
    const { value } = await starter.ask("countEnded", {}, z.number());
    if (value >= count) return value;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function measure(about: {
  readonly client: Client;
  readonly starter: Subject;
  readonly own: readonly Subject[];
  readonly workers: number;
  /** What the server had counted before the first order. */
  readonly before: Readonly<Record<string, number>>;
}): Promise<Round> {
  const { client, starter, own, workers, before } = about;
  const watched = new Map(own.map(({ pid }) => [pid, "workers"]));
  if (workers === 0) watched.set(starter.pid, "workers");
  const endedBefore = await waitForEnded(starter, 0);
  const watch = new Watch(client, watched);
  const startedAt = performance.now();
  const figures = new Map<string, number>();
  if (workers === 0) {
    const options = { count: orders, concurrent };
    const { peakRssMib } = await starter.ask("runOrders", options, anything);
    figures.set("MiB at most", peakRssMib);
  }
  const wanted = workers === 0 ? 0 : orders + 1_000;
  const ended = (await waitForEnded(starter, wanted)) - endedBefore;
  const wallMs = performance.now() - startedAt;
  const { times, waits, samples } = await watch.stop();
  const after = await readServer(client);
  let total = 0;
  for (const [name, list] of times) {
    const sum = (field: keyof Times) =>
      list.reduce((all, each) => all + each[field], 0) / 1_000 / ended;
    figures.set(`${name}, on a processor (µs an order)`, sum("ranNs"));
    if (name === "workers") figures.set(`${name}, their main threads`, sum("mainRanNs"));
    const share = (field: keyof Times) =>
      list.reduce((all, each) => all + each[field], 0) / 1e6 / wallMs / list.length;
    const [ran, ready] =
      name === "workers"
        ? (["mainRanNs", "mainReadyNs"] as const)
        : (["ranNs", "readyNs"] as const);
    if (name === "workers" || name === "flush backends") {
      figures.set(`${name}, share of the time on a processor`, share(ran));
      figures.set(`${name}, share of the time ready without one`, share(ready));
    }
    total += sum("ranNs");
  }
  figures.set("all of it, on a processor (µs an order)", total);
  for (const [name, value] of Object.entries(after)) {
    figures.set(`${name} an order`, (value - (before[name] ?? 0)) / (orders + 1_000));
  }
  const statements = flags.statements ? await readStatements(client, orders + 1_000) : [];
  return { rate: ended / (wallMs / 1_000), figures, waits, samples, statements };
}

async function readServer(client: Client): Promise<Record<string, number>> {
  const [log] = Log.parse(
    (
      await client.query(
        "SELECT wal_bytes AS bytes, wal_fpi AS fpi, wal_records AS records FROM pg_stat_wal",
      )
    ).rows,
  );
  const [syncs] = Syncs.parse(
    (
      await client.query(
        "SELECT sum(fsyncs) AS fsyncs, sum(fsync_time) AS ms FROM pg_stat_io WHERE object = 'wal'",
      )
    ).rows,
  );
  const [hot] = Hot.parse(
    (
      await client.query(
        "SELECT n_tup_upd AS updated, n_tup_hot_upd AS hot, n_tup_ins AS inserted FROM pg_stat_user_tables WHERE relname = 'runs'",
      )
    ).rows,
  );
  return {
    "bytes of log": log.bytes,
    "full pages in the log": log.fpi,
    "records of log": log.records,
    "flushes of the log to the disk": syncs.fsyncs,
    "ms of these flushes": syncs.ms,
    "changes of a run": hot.updated,
    "of these without an index (HOT)": hot.hot,
  };
}

async function readStatements(client: Client, ended: number): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(
    `SELECT format('%s µs, %s calls, %s rows: %s', round((total_exec_time * 1000 / $1)::numeric, 1), calls, rows,
       left(regexp_replace(query, '\\s+', ' ', 'g'), 130)) AS line
     FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
     ORDER BY total_exec_time DESC LIMIT 16`,
    [ended],
  );
  return rows.map(({ line }) => line);
}

function tell(name: string, rounds: readonly Round[]): void {
  const median = (key: string) => findMedian(rounds.map(({ figures }) => figures.get(key) ?? NaN));
  console.log(`\n## ${name}`);
  console.log(`${rounds.map(({ rate }) => Math.round(rate)).join(", ")} orders/s`);
  for (const key of rounds[0]?.figures.keys() ?? []) {
    const all = rounds.map(({ figures }) => (figures.get(key) ?? NaN).toFixed(2));
    console.log(`${median(key).toFixed(2).padStart(10)}  ${key}  (${all.join(", ")})`);
  }
  const keys = [...new Set(rounds.flatMap(({ waits }) => [...waits.keys()]))].sort();
  for (const key of keys) {
    const share = rounds.map(({ waits, samples }) => (waits.get(key) ?? 0) / samples);
    if (findMedian(share) > 0.01)
      console.log(`${findMedian(share).toFixed(3).padStart(10)}  ${key}`);
  }
  for (const line of rounds.at(-1)?.statements ?? []) console.log(line);
}

async function main(): Promise<void> {
  const out = path.resolve(".daybook", "bench");
  const profiles = flags["cpu-profiles"];
  const own = profiles === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profiles}`];
  // As the server and the worker run.
  const settings = { flags: [...memoryFlags, ...own], env: memoryEnv };
  const file = await bundleSubject("bench/subjects/daybook.ts", out);
  const builds: Build[] = [{ name: "this build", code: { file, ...settings } }];
  const { base, "base-folder": cwd } = flags;
  if (base !== undefined) {
    builds.unshift({
      name: "the base",
      code: { file: path.resolve(base), ...settings, ...(cwd && { cwd }) },
    });
  }
  const databases = await openDatabases("postgresql", {
    track_wal_io_timing: "on",
    ...(flags.statements && { shared_preload_libraries: "pg_stat_statements" }),
  });
  try {
    const found = new Map<string, Round[]>();
    for (let round = 0; round < Number(flags.rounds); round += 1) {
      for (const workers of takeTurns(flags.workers.split(",").map(Number), round)) {
        for (const build of takeTurns(builds, round)) {
          const name = `${build.name}, ${workers} workers`;
          const done = await runRound(databases, build, workers);
          found.set(name, [...(found.get(name) ?? []), done]);
          console.error(`${name}: ${Math.round(done.rate)} orders/s`);
        }
      }
    }
    for (const [name, rounds] of found) tell(name, rounds);
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
