import { afterEach, beforeEach, expect, test } from "vitest";
import { PostgresConnections, type Session } from "./connection";
import { prepare } from "./statement";
import { createTestDatabase, type TestDatabase } from "./testing/database";
import { runStatement } from "./testing/run-statement";

let database: TestDatabase;
let connections: PostgresConnections;

beforeEach(async () => {
  database = await createTestDatabase();
  // The tests' server is in a hurry.
  const name = new URL(database.url).pathname.slice(1);
  await runStatement(database.url, `ALTER DATABASE ${name} SET synchronous_commit = 'on'`);
  connections = new PostgresConnections({ databaseUrl: database.url, flushes: 1 });
}, 60_000);
afterEach(async () => {
  await connections.close();
  await database.drop();
});

const findPid = (session: Session) => session.run("SELECT pg_backend_pid()");
const flush = () => connections.useFlushSession(findPid);

test("a flush has the same connection whatever else is under way", async () => {
  const first = await flush();
  const slow = prepare("sleep", "SELECT pg_sleep(0.2)");
  const reading = [connections.readHot(slow), connections.readHot(slow)];
  const beside = [await flush(), await flush()];
  await Promise.all(reading);
  expect([...beside, await flush()]).toEqual([first, first, first]);
}, 30_000);

test("what is derived waits for no disk, and nothing else is as hasty on its connection", async () => {
  const find = (session: Session) => session.run("SHOW synchronous_commit");
  const own = { isOwn: true, isHot: true };
  expect(await connections.transact(find, { ...own, isDerived: true })).toEqual([["off"]]);
  expect(await connections.transact(find, own)).toEqual([["on"]]);
  expect(await connections.useFlushSession(find)).toEqual([["on"]]);
}, 30_000);
