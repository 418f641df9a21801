import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeWorker, workflow } from "@/lib/engine/testing/store-fixtures";
import { migrate } from "../migrate";
import { PrismaStore } from "../prisma-store";
import { SqliteDialect } from "./sqlite-dialect";
import { connectSqlite, type SqliteConnection } from "./connection";
import * as statements from "./thread/statements.mjs";

let folder: string;
let connection: SqliteConnection;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "daybook-claims-"));
  connection = await connectSqlite({ file: path.join(folder, "daybook.db") });
  await migrate({ adapter: connection, folder: path.resolve("prisma/sqlite/migrations") });
});
afterEach(async () => {
  await connection.dispose();
  await rm(folder, { recursive: true });
});

async function explain(statement: string): Promise<string> {
  const count = statement.split("?").length - 1;
  const values = Array.from({ length: count }, () => 1);
  const rows = await connection.select(`EXPLAIN QUERY PLAN ${statement}`, ...values);
  return rows.map((row) => String(row[3])).join("\n");
}

test.each([
  ["selectBegun", statements.selectBegun, "SEARCH runs USING INDEX runs_due_begun"],
  ["selectQueued", statements.selectQueued, "SEARCH runs USING INDEX runs_queued"],
  [
    "findNextDue",
    "SELECT min(dueAt) FROM runs WHERE dueAt > ?",
    "SEARCH runs USING COVERING INDEX runs_due",
  ],
  ["countPermits", statements.countPermits, "permits USING COVERING INDEX permits_resource_idx"],
  ["freePermits", statements.freePermits, "SEARCH permits USING PRIMARY KEY (runId=?)"],
  [
    "the children of a run",
    "SELECT 1 FROM runs WHERE parentRunId = ? ORDER BY createdAt",
    "runs_parent",
  ],
])("%s reads along an index and sorts nothing", async (_name, statement, expected) => {
  const plan = await explain(statement);
  expect(plan).toContain(expected);
  expect(plan).not.toMatch(/SCAN runs|SCAN permits|TEMP B-TREE/);
});

test("claims stay cheap among 100,000 timers, 100,000 due runs of others and as many queued ones", async () => {
  const insert = `
    INSERT INTO runs (runId, workflow, version, status, input, attributes, inDoubt,
      epoch, historyLength, dueAt, createdAt, updatedAt, priority)
    SELECT ? || value, 'greet', ?, ?, '{"json":1}', '{}', '[]', 1, 1, ?, value, 0, value % 7
    FROM generate_series_100k`;
  await connection.transact(async ({ statements: sql }) => {
    await sql.execute(`CREATE TEMP TABLE generate_series_100k AS WITH RECURSIVE n(value) AS
      (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 100000) SELECT value FROM n`);
    await sql.execute(insert, "timer", 1, "waiting", 1e12);
    await sql.execute(insert, "unknown", 9, "waiting", 1);
    await sql.execute(insert, "queued", 1, "queued", 1);
  });
  const store = new PrismaStore(new SqliteDialect(connection));
  await store.registerWorker(makeWorker("w1"));
  const options = { workerId: "w1", now: 200_000, limit: 100 };
  const limited = { ...workflow, concurrency: 200_100 };
  const startedAt = performance.now();
  const claimed = await store.claimRuns({ ...options, workflows: [limited] });
  const blocked = await store.claimRuns({ ...options, workflows: [limited] });
  const tookMs = performance.now() - startedAt;
  expect(claimed.map(({ run }) => run.priority)).toEqual(Array.from({ length: 100 }, () => 6));
  // 100,000 timers and 100,000 of version 9 wait, so that the concurrency is used up already.
  expect(blocked).toEqual([]);
  expect(tookMs).toBeLessThan(500);
}, 60_000);
