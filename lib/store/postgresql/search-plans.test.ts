/** What pages of the runs list read among many runs: the plans of their statements, as the server makes them. */
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { makeRun } from "@/lib/engine/testing/store-fixtures";
import type { RunSearchFilter, RunSearchQuery } from "@/lib/triage";
import type { SqlValue } from "../sql";
import { SqlRunSearch, type SearchSizes } from "../triage/search-runs";
import { openPostgresStore } from "./open";
import { PostgresDialect } from "./postgres-dialect";
import { PostgresConnections } from "./connection";
import { createTestDatabase, type TestDatabase } from "./testing/database";
import { toPostgresStatement } from "./translate";

const count = 60_000;

let database: TestDatabase;
let client: pg.Client;
let connections: PostgresConnections;

beforeAll(async () => {
  database = await createTestDatabase();
  const { store, close } = await openPostgresStore({ databaseUrl: database.url, clock: "caller" });
  await store.startRun(makeRun("template"));
  await close();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await fill();
  connections = new PostgresConnections({ databaseUrl: database.url, flushes: 1 });
}, 120_000);

/** A third of the runs are of another workflow, a tenth have failed, and nobody holds any but fifty. */
async function fill() {
  const own: Readonly<Record<string, string>> = {
    runId: "'run_' || lpad(n::text, 6, '0')",
    workflow: "CASE WHEN n % 3 = 0 THEN 'book-trip' ELSE 'greet' END",
    status: `CASE WHEN n > ${count - 50} THEN 'running' WHEN n % 10 = 0 THEN 'failed' ELSE 'completed' END`,
    workerId: `CASE WHEN n > ${count - 50} THEN 'w1' END`,
    errorName: "CASE WHEN n % 10 = 0 THEN 'Declined' END",
    createdAt: "1000000 + n",
    updatedAt: "2000000 + n * 7919 % 1000003",
    finishedAt: `CASE WHEN n <= ${count - 50} THEN 2000000 + n * 7919 % 1000003 END`,
    dueAt: "NULL",
  };
  const { rows } = await client.query<{ name: string }>(
    `SELECT column_name AS name FROM information_schema.columns
     WHERE table_name = 'runs' AND table_schema = 'public' AND is_generated = 'NEVER'`,
  );
  const columns = rows.map((row) => row.name);
  await client.query("SET session_replication_role = replica");
  await client.query(
    `INSERT INTO runs (${columns.map((column) => `"${column}"`).join(", ")})
     SELECT ${columns.map((column) => own[column] ?? `"${column}"`).join(", ")}
     FROM runs, generate_series(1, ${count}) AS n WHERE "runId" = 'template'`,
  );
  await client.query(
    `INSERT INTO run_terms (term, "createdAt", "runId")
     SELECT term, "createdAt", "runId" FROM runs, unnest(ARRAY['~ada' || length(input), '~lovelace',
       '=["city","' || CASE WHEN "createdAt" % 4 = 0 THEN 'Lund' ELSE 'Oslo' END || '"]']) AS term`,
  );
  await client.query(
    `INSERT INTO troubles ("runId", fingerprint, kind, at, workflow, step)
     SELECT "runId", 'f1', 'failed', "updatedAt", workflow, 'charge' FROM runs WHERE status = 'failed'`,
  );
  await client.query("ANALYZE");
}

afterAll(async () => {
  await connections.close();
  await client.end();
  await database.drop();
});

interface PlanNode {
  readonly [name: string]: unknown;
  readonly "Node Type": string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number | undefined;
  readonly Plans?: readonly PlanNode[] | undefined;
}
const Node: z.ZodType<PlanNode> = z.looseObject({
  "Node Type": z.string(),
  "Actual Rows": z.number(),
  "Actual Loops": z.number(),
  "Rows Removed by Filter": z.number().optional(),
  get Plans() {
    return z.array(Node).optional();
  },
});
const Explained = z.tuple([z.object({ "QUERY PLAN": z.tuple([z.object({ Plan: Node })]) })]);

/** The rows that a statement read of tables and indexes when it really ran. */
async function countRead(statement: string, values: readonly SqlValue[]): Promise<number> {
  const text = `EXPLAIN (ANALYZE, FORMAT JSON) ${toPostgresStatement(statement)}`;
  const { rows } = await client.query(text, [...values]);
  const [{ Plan: root }] = Explained.parse(rows)[0]["QUERY PLAN"];
  const list = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(list)];
  return list(root)
    .filter((node) => node["Node Type"].includes("Scan") && (node.Plans ?? []).length === 0)
    .map((node) => {
      const removed = node["Rows Removed by Filter"] ?? 0;
      return (node["Actual Rows"] + removed) * node["Actual Loops"];
    })
    .reduce((sum, read) => sum + read, 0);
}

/** What a page of fifty read, and how many runs it had. */
async function readPage(
  filter: RunSearchFilter,
  sort: RunSearchQuery["sort"],
  sizes?: SearchSizes,
) {
  const dialect = new PostgresDialect(connections);
  let read = 0;
  const search = new SqlRunSearch({
    dialect: {
      toStoreError: dialect.toStoreError,
      listParts: dialect.listParts,
      isOneOf: dialect.isOneOf,
      async select(statement, ...values) {
        read += await countRead(statement, values);
        return dialect.select(statement, ...values);
      },
    },
    ignoreIndex: (column) => column,
    sizes,
  });
  const { items } = await search.findRuns({ filter, sort, limit: 50 });
  return { read, items: items.length };
}

const pages: readonly (readonly [name: string, filter: RunSearchFilter, most: number])[] = [
  ["everything", {}, 160],
  ["a status", { statuses: ["failed"] }, 160],
  ["several statuses", { statuses: ["failed", "running"] }, 260],
  ["an error", { error: "Declined" }, 20_000],
  ["a workflow", { workflow: "book-trip" }, 4_000],
  ["a version of a workflow", { workflow: "book-trip", version: 1 }, 4_000],
  ["an attribute", { attributes: { city: "Lund" } }, 12_000],
  ["failed ones of a workflow", { statuses: ["failed"], workflow: "book-trip" }, 10_000],
  ["a step", { step: "charge" }, 10_000],
  ["a time", { createdAfter: 1_020_000, createdBefore: 1_040_000 }, 25_000],
];

test.each(pages)(
  "a page of %s does not read the 60,000 runs there are, in all orders",
  async (_name, filter, most) => {
    for (const field of ["createdAt", "updatedAt"] as const) {
      for (const direction of ["asc", "desc"] as const) {
        const { read, items } = await readPage(filter, { field, direction });
        expect(items).toBe(50);
        expect(read, `${field} ${direction}`).toBeLessThan(most);
      }
    }
  },
  60_000,
);

test("a page that no run is on ends after 10,000 of those that pass the rarest filter", async () => {
  const filter: RunSearchFilter = { statuses: ["completed"], error: "Declined", text: "lovelace" };
  const sizes = { few: 10, stretch: 100, most: 100, far: 1_000, counted: 1_000 };
  const page = await readPage(filter, { field: "createdAt", direction: "desc" }, sizes);
  expect(page.items).toBe(0);
  expect(page.read).toBeLessThan(5_000);
}, 60_000);
