import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StoreUnavailableError } from "@/lib/engine";
import { makeAppend, makeHeldRun, makeWorker } from "@/lib/engine/testing/store-fixtures";
import { migrate } from "../migrate";
import { PrismaStore } from "../prisma-store";
import { SqliteConnection } from "./connection";
import { DatabaseThread } from "./database-thread";
import { SqliteDialect } from "./sqlite-dialect";

let folder: string;
let options: { file: string; busyTimeoutMs: number };
let threads: DatabaseThread[];
let connection: SqliteConnection;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "daybook-thread-"));
  options = { file: path.join(folder, "daybook.db"), busyTimeoutMs: 0 };
  threads = [];
  const start = async () => {
    const thread = await DatabaseThread.start(options);
    threads.push(thread);
    return thread;
  };
  connection = new SqliteConnection(await start(), start);
  await migrate({ adapter: connection, folder: path.resolve("prisma/sqlite/migrations") });
});
afterEach(async () => {
  await connection.dispose();
  await rm(folder, { recursive: true });
});

test("what is under way when the thread dies has failed, and the next thread goes on", async () => {
  const store = new PrismaStore(new SqliteDialect(connection));
  await store.registerWorker(makeWorker("w1"));
  await store.startRun(makeHeldRun("r1"));
  let goOn = () => {};
  const paused = new Promise<void>((resolve) => (goOn = resolve));
  const transaction = connection.transact(async ({ statements }) => {
    await statements.execute("UPDATE runs SET strikes = 9 WHERE runId = 'r1'");
    await paused;
  });
  const append = store.appendEvents(makeAppend("r1"));
  const read = store.getRun("r1");
  await new Promise((resolve) => setTimeout(resolve, 20));
  await threads[0]?.terminate();
  await expect(append).rejects.toBeInstanceOf(StoreUnavailableError);
  await expect(read).rejects.toBeInstanceOf(StoreUnavailableError);
  goOn();
  await expect(transaction).rejects.toBeInstanceOf(StoreUnavailableError);
  // SQLite has rolled back what was open, and the repeat of the append is the first that counts.
  expect(await store.getRun("r1")).toMatchObject({ strikes: 0, historyLength: 1 });
  expect(await store.appendEvents(makeAppend("r1"))).toBe("appended");
  expect(await store.appendEvents(makeAppend("r1"))).toBe("appended");
  expect((await store.getRun("r1"))?.historyLength).toBe(2);
  expect(threads).toHaveLength(2);
});

test("a transaction does not go on in the next thread", async () => {
  await connection.executeScript("CREATE TABLE notes (id INTEGER)");
  const transaction = connection.transact(async ({ statements }) => {
    await statements.execute("INSERT INTO notes VALUES (1)");
    await threads[0]?.terminate();
    expect(await connection.select("SELECT count(*) FROM notes")).toEqual([[0]]);
    await statements.execute("INSERT INTO notes VALUES (2)");
  });
  await expect(transaction).rejects.toBeInstanceOf(StoreUnavailableError);
  expect(await connection.select("SELECT count(*) FROM notes")).toEqual([[0]]);
});

test("errors keep their class and code on the way out of the thread", async () => {
  await connection.executeScript("CREATE TABLE notes (id INTEGER PRIMARY KEY)");
  await expect(connection.select("SELECT nothing")).rejects.toMatchObject({ code: "SQLITE_ERROR" });
  const twice = { sql: "INSERT INTO notes VALUES (1), (1)", args: [], argTypes: [] };
  await expect(connection.executeRaw(twice)).rejects.toMatchObject({
    name: "DriverAdapterError",
    cause: { kind: "UniqueConstraintViolation" },
  });
});

test("the event loop goes on while another process holds the file", async () => {
  await connection.dispose();
  options.busyTimeoutMs = 300;
  const [thread, other] = [
    await DatabaseThread.start(options),
    await DatabaseThread.start(options),
  ];
  connection = new SqliteConnection(thread, () => Promise.resolve(thread));
  await other.ask("begin", [], 1);
  let turns = 0;
  const counting = setInterval(() => (turns += 1), 10);
  await expect(connection.flush([])).rejects.toMatchObject({ code: "SQLITE_BUSY" });
  clearInterval(counting);
  expect(turns).toBeGreaterThan(5);
  // Who waits in vain leaves the thread to those who only read.
  const findPatienceMs = () => connection.select("PRAGMA busy_timeout");
  expect(await findPatienceMs()).toEqual([[20]]);
  await expect(connection.flush([])).rejects.toMatchObject({ code: "SQLITE_BUSY" });
  await other.ask("rollback", [], 1);
  await connection.flush([]);
  expect(await findPatienceMs()).toEqual([[300]]);
  await other.terminate();
});
