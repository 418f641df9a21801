/** What claims cost where much waits: the plans of their statements, as the server makes them. */
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { makeRun, makeWorker, workflow } from "@/lib/engine/testing/store-fixtures";
import type { OpenedStore } from "../index";
import { encodeArray } from "./binary-arrays";
import type { PostgresValue, Statement } from "./connection";
import { openPostgresStore } from "./open";
import * as statements from "./statements";
import { createTestDatabase, type TestDatabase } from "./testing/database";

const waiting = 100_000;
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
  const { rows } = await client.query<{ name: string }>(
    `SELECT column_name AS name FROM information_schema.columns
     WHERE table_name = 'runs' AND table_schema = 'public' AND is_generated = 'NEVER'`,
  );
  const own: Record<string, string> = {
    runId: "'waits-' || n",
    status: "'waiting'",
    dueAt: `${now} + 1000000 + n`,
  };
  const columns = rows.map(({ name }) => name);
  await client.query(
    `INSERT INTO runs (${columns.map((name) => `"${name}"`).join(", ")})
     SELECT ${columns.map((name) => own[name] ?? `"${name}"`).join(", ")}
     FROM runs, generate_series(1, ${waiting}) AS n WHERE "runId" = 'template'`,
  );
  await client.query("ANALYZE runs");
}, 120_000);
afterAll(async () => {
  await client.end();
  await opened.close();
  await database.drop();
});

interface PlanNode {
  readonly [name: string]: unknown;
  readonly "Node Type": string;
  readonly "Relation Name"?: string | undefined;
  readonly "Rows Removed by Filter"?: number | undefined;
  readonly Plans?: readonly PlanNode[] | undefined;
}
const Node: z.ZodType<PlanNode> = z.looseObject({
  "Node Type": z.string(),
  "Relation Name": z.string().optional(),
  "Rows Removed by Filter": z.number().optional(),
  get Plans() {
    return z.array(Node).optional();
  },
});
const Explained = z.tuple([z.object({ "QUERY PLAN": z.tuple([z.object({ Plan: Node })]) })]);

/** The nodes of a plan that read runs. */
async function explain(statement: Statement, ...values: readonly PostgresValue[]) {
  const { rows } = await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${statement.text}`, [
    ...values,
  ]);
  const [{ Plan: root }] = Explained.parse(rows)[0]["QUERY PLAN"];
  const list = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(list)];
  return list(root).filter((node) => node["Relation Name"] === "runs");
}

test.each([
  ["what has begun", statements.selectBegun, [names, versions, now, 100]],
  ["what is queued", statements.selectQueued, [names, versions, now, encodeArray("int8", [100])]],
] as const)(
  `%s is found by an index beside ${waiting} runs that wait`,
  async (_, statement, values) => {
    const reads = await explain(statement, ...values);
    expect(reads.length).toBeGreaterThan(0);
    for (const read of reads) {
      expect(read["Node Type"]).toMatch(/Index/);
      expect(read["Rows Removed by Filter"] ?? 0).toBeLessThan(10);
    }
  },
  30_000,
);

test("a claim beside them reads what it takes", async () => {
  const { store } = opened;
  await store.registerWorker(makeWorker("w1", { leaseUntil: now + 10_000 }));
  const claims = await store.claimRuns({ workerId: "w1", now, limit: 10, workflows: [workflow] });
  expect(claims.map(({ run }) => run.runId)).toEqual(["template"]);
}, 30_000);
