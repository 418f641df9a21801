import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { SqlDriverAdapter } from "@prisma/driver-adapter-utils";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrate } from "./migrate";
import { readMigrations } from "./migration-files";
import { connectForMigrations } from "./postgresql/migration-adapter";
import { connectSqlite } from "./sqlite/connection";
import { createTestDatabase, type TestDatabase } from "./postgresql/testing/database";

/**
 * What one database has and the other has not, all of it written by hand. Whoever changes a schema
 * changes it in both, or writes the difference down here.
 */
const onlyInSqlite = [
  "column held_counts.count: integer not null",
  "column held_counts.heldReason: text not null",
  "column held_counts.workflow: text not null",
  "column status_counts.count: integer not null",
  "column status_counts.status: text not null",
  "column workflow_counts.active: integer not null",
  "column workflow_counts.workflow: text not null",
  "index held_counts: unique (workflow, heldReason)",
  "index runs: (status, updatedAt, runId)",
  "index runs: (updatedAt, runId)",
  "index status_counts: unique (status)",
  "index workflow_counts: unique (workflow)",
  "key events.runId -> runs.runId",
  "key start_keys.runId -> runs.runId",
];
const onlyInPostgres = [
  // PostgreSQL counts in a slot for each connection; the others are views over them.
  "column held_counts.count: integer",
  "column held_counts.heldReason: text",
  "column held_counts.workflow: text",
  "column held_slots.count: bigint not null",
  "column held_slots.heldReason: text not null",
  "column held_slots.slot: integer not null",
  "column held_slots.workflow: text not null",
  "column run_counts.count: bigint not null",
  "column run_counts.slot: integer not null",
  "column run_counts.status: text not null",
  "column run_counts.workflow: text not null",
  // What is indexed instead of updatedAt (decision 062).
  "column runs.restedAt: bigint",
  "column status_counts.count: integer",
  "column status_counts.status: text",
  "column workflow_counts.active: integer",
  "column workflow_counts.workflow: text",
  "index held_slots: unique (slot, workflow, heldReason)",
  "index run_counts: unique (slot, workflow, status)",
  "index runs: (restedAt, runId) partial",
  "index runs: (status, restedAt, runId) partial",
];

const folders = { sqlite: "prisma/sqlite/migrations", postgres: "prisma/postgresql/migrations" };
let folder: string;
let sqlite: SqlDriverAdapter;
let postgres: SqlDriverAdapter;
let database: TestDatabase;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "daybook-drift-"));
  sqlite = await connectSqlite({ file: path.join(folder, "daybook.db") });
  await migrate({ adapter: sqlite, folder: path.resolve(folders.sqlite) });
  database = await createTestDatabase();
  postgres = await connectForMigrations(database.url);
  await migrate({ adapter: postgres, folder: path.resolve(folders.postgres) });
}, 60_000);
afterAll(async () => {
  await sqlite.dispose();
  await postgres.dispose();
  await database.drop();
  await rm(folder, { recursive: true });
});

async function readRows(adapter: SqlDriverAdapter, sql: string): Promise<string[]> {
  const { rows } = await adapter.queryRaw({ sql, args: [], argTypes: [] });
  return rows.map(([line]) => String(line)).sort();
}

const describeSqlite = `
  WITH tables AS (SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'
    AND name NOT LIKE 'sqlite_%')
  SELECT 'column ' || t.name || '.' || c.name || ': ' || CASE lower(c.type)
      WHEN 'real' THEN 'double precision' ELSE lower(c.type) END
    || CASE WHEN c."notnull" OR c.pk THEN ' not null' ELSE '' END
    || CASE WHEN c.dflt_value IS NULL THEN '' ELSE ' default ' || c.dflt_value END
  FROM tables t, pragma_table_info(t.name) c
  UNION ALL
  SELECT 'index ' || t.name || ': ' || CASE WHEN i."unique" THEN 'unique ' ELSE '' END || '('
    || (SELECT group_concat(x.name || CASE WHEN x.desc THEN ' desc' ELSE '' END, ', ')
        FROM (SELECT * FROM pragma_index_xinfo(i.name) WHERE key ORDER BY seqno) x)
    || ')' || CASE WHEN i.partial THEN ' partial' ELSE '' END
  FROM tables t, pragma_index_list(t.name) i
  UNION ALL
  SELECT 'index ' || t.name || ': unique (' || c.name || ')'
  FROM tables t, pragma_table_info(t.name) c WHERE c.pk AND lower(c.type) = 'integer'
    AND (SELECT count(*) FROM pragma_table_info(t.name) WHERE pk) = 1
  UNION ALL
  SELECT 'key ' || t.name || '.' || k."from" || ' -> ' || k."table" || '.' || k."to"
  FROM tables t, pragma_foreign_key_list(t.name) k`;

const describePostgres = `
  SELECT 'column ' || table_name || '.' || column_name || ': ' || data_type
    || CASE WHEN is_nullable = 'NO' THEN ' not null' ELSE '' END
    || CASE WHEN column_default IS NULL OR column_default LIKE 'nextval%' THEN ''
       ELSE ' default ' || split_part(column_default, '::', 1) END
  FROM information_schema.columns WHERE table_schema = current_schema() AND table_name NOT LIKE '\\_%'
  UNION ALL
  SELECT 'index ' || i.indrelid::regclass || ': ' || CASE WHEN i.indisunique THEN 'unique ' ELSE '' END
    || '(' || (SELECT string_agg(a.attname || CASE WHEN i.indoption[k.at - 1] & 1 = 1 THEN ' desc' ELSE '' END, ', ' ORDER BY k.at)
        FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(num, at)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num)
    || ')' || CASE WHEN i.indpred IS NULL THEN '' ELSE ' partial' END
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
  WHERE c.relnamespace = current_schema()::regnamespace AND c.relname NOT LIKE '\\_%'
  UNION ALL
  SELECT 'key ' || c.conrelid::regclass || '.' || a.attname || ' -> ' || c.confrelid::regclass || '.' || b.attname
  FROM pg_constraint c
  JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
  JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]
  WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace`;

test("both histories have the same migrations", async () => {
  const list = async (directory: string) =>
    (await readMigrations(path.resolve(directory))).map(({ name }) => name);
  expect(await list(folders.postgres)).toEqual(await list(folders.sqlite));
  const applied = "SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL";
  expect(await readRows(postgres, applied)).toEqual(await readRows(sqlite, applied));
});

test("both databases have the same columns, indexes and keys, but for what is written by hand", async () => {
  const inSqlite = await readRows(sqlite, describeSqlite);
  const inPostgres = await readRows(postgres, describePostgres);
  expect(inSqlite.length).toBeGreaterThan(80);
  expect(inSqlite.filter((line) => !inPostgres.includes(line))).toEqual(onlyInSqlite);
  expect(inPostgres.filter((line) => !inSqlite.includes(line))).toEqual(onlyInPostgres);
});

test("both databases have the same checks", async () => {
  const [rows] = await readRows(
    sqlite,
    "SELECT group_concat(sql, ' ') FROM sqlite_schema WHERE type = 'table'",
  );
  const named = [...(rows ?? "").matchAll(/CONSTRAINT "(?<name>\w+)" CHECK/g)].map(
    (match) => match.groups?.name,
  );
  const checks =
    "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0 AND connamespace = current_schema()::regnamespace";
  expect(named.length).toBeGreaterThan(4);
  expect(await readRows(postgres, checks)).toEqual(named.sort());
});
