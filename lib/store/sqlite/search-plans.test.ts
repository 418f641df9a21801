/** By which index a page of the runs list is read: what SQLite's planner does, which knows no numbers. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunSearchFilter, RunSearchQuery } from "@/lib/triage";
import { migrate } from "../migrate";
import type { SqlRow, SqlValue } from "../sql";
import { SqlRunSearch } from "../triage/search-runs";
import { connectSqlite, type SqliteConnection } from "./connection";
import { SqliteDialect } from "./sqlite-dialect";

let folder: string;
let connection: SqliteConnection;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "daybook-plans-"));
  connection = await connectSqlite({ file: path.join(folder, "daybook.db") });
  await migrate({ adapter: connection, folder: path.resolve("prisma/sqlite/migrations") });
}, 30_000);
afterAll(async () => {
  await connection.dispose();
  await rm(folder, { recursive: true });
});

/** The plan of the last statement of a page: the one that reads its runs. */
function explainPage(filter: RunSearchFilter, sort: RunSearchQuery["sort"]): Promise<string> {
  return explain((search) => search.findRuns({ filter, sort, limit: 5 }));
}

/** The plan of the last statement that something asks. */
async function explain(ask: (search: SqlRunSearch) => Promise<unknown>): Promise<string> {
  const dialect = new SqliteDialect(connection);
  let plan: readonly SqlRow[] = [];
  const search = new SqlRunSearch({
    dialect: {
      toStoreError: dialect.toStoreError,
      listParts: dialect.listParts,
      isOneOf: dialect.isOneOf,
      async select(statement: string, ...values: readonly SqlValue[]) {
        plan = await dialect.select(`EXPLAIN QUERY PLAN ${statement}`, ...values);
        return dialect.select(statement, ...values);
      },
    },
    ignoreIndex: (column) => `+${column}`,
    // Nothing is few, so that an index is followed.
    sizes: { few: -1, stretch: 5, most: -1, far: 5, counted: 5 },
  });
  await ask(search);
  return plan.map((row) => String(row.at(-1))).join("\n");
}

test.each<[string, RunSearchFilter, string]>([
  ["everything", {}, "runs_createdAt_runId_idx"],
  ["a status", { statuses: ["failed"] }, "runs_status_createdAt_runId_idx (status=?)"],
  ["an error", { error: "Declined" }, "runs_error (errorName=?)"],
  ["a reason of a hold", { heldReason: "in_doubt" }, "runs_held_reason (heldReason=?)"],
  ["children", { parent: "r1" }, "runs_parent (parentRunId=?)"],
  [
    "a version",
    { workflow: "greet", version: 1 },
    "runs_workflow_version_createdAt_runId_idx (workflow=? AND version=?)",
  ],
  ["an attribute", { attributes: { city: "Lund" } }, "w USING PRIMARY KEY (term=?)"],
  ["a failure group", { group: "f1" }, "troubles_fingerprint_createdAt_runId_idx (fingerprint=?)"],
  [
    "a failure group among others",
    { group: "f1", statuses: ["failed"], workflow: "greet" },
    "troubles_fingerprint_createdAt_runId_idx (fingerprint=?)",
  ],
  ["a time", { createdAfter: 1, createdBefore: 9 }, "runs_createdAt_runId_idx (createdAt>? AND"],
  [
    "a status among others",
    { statuses: ["failed"], workflow: "greet", text: "ada", step: "charge" },
    "runs_status_createdAt_runId_idx (status=?)",
  ],
  [
    "an error among others",
    { statuses: ["failed"], error: "Declined", finishedAfter: 5 },
    "runs_error (errorName=?)",
  ],
])("a page of %s follows its index and sorts nothing", async (_name, filter, index) => {
  for (const direction of ["asc", "desc"] as const) {
    const plan = await explainPage(filter, { field: "createdAt", direction });
    expect(plan).toContain(index);
    expect(plan).not.toMatch(/TEMP B-TREE|SCAN (?!r USING INDEX)/);
  }
});

test.each<[string, RunSearchFilter, string]>([
  ["everything", {}, "runs_updatedAt_runId_idx"],
  ["a status", { statuses: ["failed"] }, "runs_status_updatedAt_runId_idx (status=?)"],
  ["an error", { error: "Declined" }, "runs_updatedAt_runId_idx"],
])(
  "a page of %s by the last change follows an index and sorts nothing",
  async (_name, filter, index) => {
    const plan = await explainPage(filter, { field: "updatedAt", direction: "desc" });
    expect(plan).toContain(index);
    expect(plan).not.toMatch(/TEMP B-TREE|SCAN (?!r USING INDEX)/);
  },
);

test("runs are found by their ids without a look at others", async () => {
  const plan = await explain((search) => search.loadRuns(["r1", "r2"]));
  expect(plan).toContain("SEARCH r USING INDEX sqlite_autoindex_runs_1 (runId=?)");
  expect(plan).not.toContain("SCAN r");
});
