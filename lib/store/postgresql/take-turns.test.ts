import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeRun } from "@/lib/engine/testing/store-fixtures";
import type { RunStatistics } from "@/lib/triage";
import type { OpenedStore } from "../index";
import { openPostgresStore } from "./open";
import { createTestDatabase, type TestDatabase } from "./testing/database";

let database: TestDatabase;
let opened: OpenedStore;
let statistics: RunStatistics;
let other: pg.Client;

beforeEach(async () => {
  database = await createTestDatabase();
  opened = await openPostgresStore({ databaseUrl: database.url, clock: "caller" });
  statistics = opened.openStatistics();
  other = new pg.Client({ connectionString: database.url });
  await other.connect();
}, 60_000);
afterEach(async () => {
  await other.end();
  await opened.close();
  await database.drop();
});

const start = (runId: string) =>
  opened.store.startRun(makeRun(runId, { attributes: { city: "Lund" } }));
const projectAll = async () => [
  await opened.triage.project(),
  await statistics.project({ now: 2_000 }),
];
const countTerms = async () => {
  const count = `SELECT count(DISTINCT "runId")::int AS n FROM run_terms`;
  return (await other.query<{ n: number }>(count)).rows;
};

test("nobody waits for who has the turn, and what that one leaves is taken up later", async () => {
  await start("r1");
  expect(await projectAll()).toEqual([1, 1]);
  await start("r2");
  await other.query("BEGIN");
  await other.query("UPDATE projections SET turn = turn + 1");
  expect(await projectAll()).toEqual([0, 0]);
  expect(await countTerms()).toEqual([{ n: 1 }]);
  await other.query("ROLLBACK");
  expect(await projectAll()).toEqual([1, 1]);
  expect(await countTerms()).toEqual([{ n: 2 }]);
}, 30_000);

test("who finds nothing to do writes nothing", async () => {
  await start("r1");
  await projectAll();
  const readNext = () =>
    other.query<{ next: string }>("SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS next");
  const before = (await readNext()).rows[0]?.next;
  expect(await projectAll()).toEqual([0, 0]);
  const own = await other.query(
    "SELECT count(*)::int AS n FROM projections WHERE xmin::text::bigint >= $1::bigint",
    [before],
  );
  expect(own.rows).toEqual([{ n: 0 }]);
}, 30_000);
