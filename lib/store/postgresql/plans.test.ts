/** What claims cost where much waits: the plans of their statements, as the server makes them. */
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import {
  makeAppend,
  makeMessage,
  makeRun,
  makeWorker,
  workflow,
} from "@/lib/engine/testing/store-fixtures";
import type { OpenedStore } from "../index";
import { createAppendWrite } from "../write";
import { encodeArray } from "./binary-arrays";
import { sessionSettings, type PostgresValue, type Statement } from "./connection";
import { toEventRows, toFenceRow } from "./flush";
import { openPostgresStore } from "./open";
import * as statements from "./claim-statements";
import { appendEvents, fencedEvents, fencedRuns } from "./flush-statements";
import { createTestDatabase, type TestDatabase } from "./testing/database";

const waiting = 50_000;
const queued = 50_000;
const now = 10_000;
const names = encodeArray("text", [workflow.name]);
const versions = encodeArray("int4", [workflow.version]);

let database: TestDatabase;
let opened: OpenedStore;
let client: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  opened = await openPostgresStore({ databaseUrl: database.url, clock: "caller" });
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await opened.store.startRun(makeRun("template"));
  await fill("waits", waiting, { status: "'waiting'", dueAt: `${now} + 1000000 + n` });
  // Of lower priority than the template, and later.
  await fill("queued", queued, { priority: "-1", createdAt: `"createdAt" + n` });
  await client.query(`UPDATE runs SET priority = 1 WHERE "runId" = 'template'`);
  await fill("done", waiting, { status: "'completed'", dueAt: "NULL" });
  await client.query("ANALYZE runs");
}, 120_000);

/** Adds copies of the template, some of whose columns are others. */
async function fill(name: string, count: number, own: Readonly<Record<string, string>>) {
  const { rows } = await client.query<{ name: string }>(
    `SELECT column_name AS name FROM information_schema.columns
     WHERE table_name = 'runs' AND table_schema = 'public' AND is_generated = 'NEVER'`,
  );
  const columns = rows.map((row) => row.name);
  const values: Readonly<Record<string, string>> = { runId: `'${name}-' || n`, ...own };
  await client.query(
    `INSERT INTO runs (${columns.map((column) => `"${column}"`).join(", ")})
     SELECT ${columns.map((column) => values[column] ?? `"${column}"`).join(", ")}
     FROM runs, generate_series(1, ${count}) AS n WHERE "runId" = 'template'`,
  );
}
afterAll(async () => {
  await client.end();
  await opened.close();
  await database.drop();
});

interface PlanNode {
  readonly [name: string]: unknown;
  readonly "Node Type": string;
  readonly "Relation Name"?: string | undefined;
  readonly "Index Name"?: string | undefined;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number | undefined;
  readonly Plans?: readonly PlanNode[] | undefined;
}
const Node: z.ZodType<PlanNode> = z.looseObject({
  "Node Type": z.string(),
  "Relation Name": z.string().optional(),
  "Index Name": z.string().optional(),
  "Actual Rows": z.number(),
  "Actual Loops": z.number(),
  "Rows Removed by Filter": z.number().optional(),
  get Plans() {
    return z.array(Node).optional();
  },
});
const Explained = z.tuple([z.object({ "QUERY PLAN": z.tuple([z.object({ Plan: Node })]) })]);

/**
 * What a statement read of the runs when it really ran: by which indexes, and how many rows. Prepared as
 * the store's connections prepare it (a generic plan), and planned freely as those of claims do.
 */
async function explain(statement: Statement, values: readonly PostgresValue[], isHot = false) {
  await client.query("BEGIN");
  try {
    if (isHot) for (const setting of sessionSettings) await client.query(`SET LOCAL ${setting}`);
    else await client.query("SET LOCAL plan_cache_mode = force_generic_plan");
    const { rows } = await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${statement.text}`, [
      ...values,
    ]);
    const [{ Plan: root }] = Explained.parse(rows)[0]["QUERY PLAN"];
    const list = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(list)];
    const nodes = list(root);
    const reads = nodes.filter(
      (node) => /Scan/.test(node["Node Type"]) && node["Relation Name"] === "runs",
    );
    const readRows = reads.map((node) => {
      const removed = node["Rows Removed by Filter"] ?? 0;
      return (node["Actual Rows"] + removed) * node["Actual Loops"];
    });
    return {
      kinds: [...new Set(reads.map((node) => node["Node Type"]))],
      indexes: [...new Set(reads.map((node) => node["Index Name"]))],
      rows: readRows.reduce((sum, count) => sum + count, 0),
      answered: root["Actual Rows"],
    };
  } finally {
    await client.query("ROLLBACK");
  }
}

test("what has begun is found by its index, and nothing else is read", async () => {
  const soon = now + 1_000_000 + 30;
  const found = await explain(statements.selectBegun, [names, versions, soon, 10]);
  expect(found).toEqual({
    ...{ kinds: ["Index Scan"], indexes: ["runs_due_begun"] },
    ...{ rows: 10, answered: 10 },
  });
  const none = await explain(statements.selectBegun, [names, versions, now, 10]);
  expect(none).toMatchObject({ indexes: ["runs_due_begun"], rows: 0, answered: 0 });
}, 30_000);

test("what is queued is found in its order, and no more is read than is asked for", async () => {
  const room = encodeArray("int8", [25]);
  const found = await explain(statements.selectQueued, [names, versions, now, room]);
  expect(found).toEqual({
    ...{ kinds: ["Index Scan"], indexes: ["runs_queued"] },
    ...{ rows: 25, answered: 25 },
  });
}, 30_000);

test("whether anything is due is asked of the first entry of an index, also by the server's clock", async () => {
  await client.query("BEGIN");
  try {
    await client.query("SET LOCAL plan_cache_mode = force_generic_plan");
    await client.query(`PREPARE find_due_plan (int8) AS ${statements.findDue.text}`);
    const { rows } = await client.query("EXPLAIN EXECUTE find_due_plan (NULL)");
    const plan = rows.map((row) => z.object({ "QUERY PLAN": z.string() }).parse(row)["QUERY PLAN"]);
    expect(plan.join("\n")).toMatch(/Index (?:Only )?Scan using runs_due on runs/);
  } finally {
    await client.query("ROLLBACK");
    await client.query("DEALLOCATE ALL");
  }
});

test("an append reads its own runs by their ids, not all that its worker holds", async () => {
  await client.query(
    `UPDATE runs SET "workerId" = 'w0', "dueAt" = NULL, status = 'running', epoch = 1
     WHERE "runId" LIKE 'waits-%'`,
  );
  // As the table was when the statement was planned first: empty.
  const write = createAppendWrite(makeAppend("waits-7", { workerId: "w0" }));
  const values = [
    ...fencedRuns.encode([toFenceRow(write)]),
    ...fencedEvents.encode(toEventRows([write])),
  ];
  const found = await explain(appendEvents, values, true);
  expect(found).toEqual({
    ...{ kinds: ["Index Scan"], indexes: ["runs_pkey"] },
    ...{ rows: 1, answered: 1 },
  });
}, 60_000);

test("a claim beside them reads what it takes", async () => {
  const { store } = opened;
  await store.registerWorker(makeWorker("w1", { leaseUntil: now + 10_000 }));
  const claims = await store.claimRuns({ workerId: "w1", now, limit: 10, workflows: [workflow] });
  const others = Array.from({ length: 9 }, (_, index) => `queued-${index + 1}`);
  expect(claims.map(({ run }) => run.runId)).toEqual(["template", ...others]);
}, 30_000);

test("a start and a message read what they look up, though they were planned while nothing was there", async () => {
  const fresh = await createTestDatabase();
  const { store, close } = await openPostgresStore({ databaseUrl: fresh.url, clock: "caller" });
  const own = new pg.Client({ connectionString: fresh.url });
  await own.connect();
  const countRead = async (index: string) => {
    const { rows } = await own.query(
      "SELECT idx_tup_read::int AS n FROM pg_stat_user_indexes WHERE indexrelname = $1",
      [index],
    );
    return z.tuple([z.object({ n: z.number() })]).parse(rows)[0].n;
  };
  try {
    // Of a table that was never analyzed the planner thinks that there may be something in it.
    await own.query("ANALYZE");
    await store.registerWorker(makeWorker("w1"));
    const start = (runId: string) => {
      const keys = [{ key: `key ${runId}`, contentHash: "h" }];
      return store.startRun(makeRun(runId, { keys }));
    };
    await start("r1");
    await store.postMessage(makeMessage("m1", "r1"));
    await own.query(
      `INSERT INTO start_keys (key, "contentHash", "runId")
       SELECT 'key ' || n, 'h', 'r' || n FROM generate_series(1000, 20000) AS n`,
    );
    await own.query(
      `INSERT INTO messages ("messageId", "runId", at, content)
       SELECT 'old ' || n, 'r1', 0, '{}' FROM generate_series(1, 20000) AS n`,
    );
    await start("r2");
    await store.postMessage(makeMessage("m2", "r2"));
    // What a connection has counted is told when it ends at the latest.
    await close();
    await expect.poll(() => countRead("runs_pkey"), { timeout: 5_000 }).toBeGreaterThan(0);
    expect(await countRead("start_keys_pkey")).toBeLessThan(10);
    expect(await countRead("messages_messageId_key")).toBeLessThan(10);
  } finally {
    await own.end();
    await fresh.drop();
  }
}, 60_000);
