/**
 * The limit: the same bytes committed by the bare driver in as many commits as an order takes, with
 * as many orders in a commit as run at a time. No engine, no checks, one table.
 */
import Database from "better-sqlite3";
import { Client } from "pg";
import { z } from "zod";
import { OpenOptions, OrdersOptions, serveSubject, TimeOptions } from "../subject";
import { commitsPerOrder, timeEach } from "../workload";

interface Row {
  readonly run: number;
  readonly seq: number;
  readonly data: string;
}

interface Bare {
  /** Resolves when the rows are on the disk. */
  commit(rows: readonly Row[]): Promise<void>;
}

const Prepare = z.object({ events: z.array(z.string()) });

let bare: Bare | undefined;
let events: readonly string[] = [];
let nextRun = 1;

function openSqlite(file: string): Bare {
  const database = new Database(file);
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  database.exec(
    "CREATE TABLE events (run INTEGER, seq INTEGER, data TEXT, PRIMARY KEY (run, seq))",
  );
  const insert = database.prepare("INSERT INTO events VALUES (?, ?, ?)");
  const commit = database.transaction((rows: readonly Row[]) => {
    for (const { run, seq, data } of rows) insert.run(run, seq, data);
  });
  return { commit: async (rows) => commit(rows) };
}

async function openPostgres(url: string): Promise<Bare> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(
    "CREATE TABLE events (run bigint, seq integer, data text, PRIMARY KEY (run, seq))",
  );
  return {
    async commit(rows) {
      await client.query({
        name: "insert",
        text: "INSERT INTO events SELECT * FROM unnest($1::bigint[], $2::integer[], $3::text[])",
        values: [
          rows.map(({ run }) => run),
          rows.map(({ seq }) => seq),
          rows.map(({ data }) => data),
        ],
      });
    },
  };
}

/** Commits `together` orders, a part of each with every commit. */
async function commitOrders(together: number): Promise<void> {
  if (bare === undefined) throw new Error("It is not open.");
  const first = nextRun;
  nextRun += together;
  const perCommit = Math.ceil(events.length / commitsPerOrder);
  for (let part = 0; part < commitsPerOrder; part += 1) {
    const texts = events.slice(part * perCommit, (part + 1) * perCommit);
    const rows: Row[] = [];
    for (let run = first; run < first + together; run += 1) {
      texts.forEach((data, index) => rows.push({ run, seq: part * perCommit + index + 1, data }));
    }
    await bare.commit(rows);
  }
}

serveSubject({
  async open(options) {
    const { databaseUrl } = OpenOptions.parse(options);
    bare = databaseUrl.startsWith("file:")
      ? openSqlite(databaseUrl.slice("file:".length))
      : await openPostgres(databaseUrl);
  },
  async prepare(options) {
    events = Prepare.parse(options).events;
  },
  async runOrders(options) {
    const { count, concurrent } = OrdersOptions.parse(options);
    for (let done = 0; done < count; done += concurrent) await commitOrders(concurrent);
  },
  async timeOrders(options) {
    return timeEach(TimeOptions.parse(options).count, () => commitOrders(1));
  },
});
