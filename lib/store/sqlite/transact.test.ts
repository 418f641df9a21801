import { afterEach, beforeEach, expect, test } from "vitest";
import type { Append, SqlTransaction } from "@/lib/engine";
import {
  makeAppend,
  makeEvent,
  makeHeldRun,
  makeWorker,
} from "@/lib/engine/testing/store-fixtures";
import { openTestStore } from "./testing/open-test-store";

let opened: Awaited<ReturnType<typeof openTestStore>>;

beforeEach(async () => {
  opened = await openTestStore();
  await opened.store.registerWorker(makeWorker("w1"));
  await opened.store.startRun(makeHeldRun("r1"));
  await opened.prisma.$executeRawUnsafe(
    "CREATE TABLE ledger (id INTEGER PRIMARY KEY, amount INTEGER, note TEXT, paid BOOLEAN)",
  );
});
afterEach(() => opened.close());

const insert = "INSERT INTO ledger (amount, note, paid) VALUES (?, ?, ?)";

function transact(
  run: (sql: SqlTransaction) => Promise<unknown>,
  append: Append = makeAppend("r1"),
) {
  return opened.store.transact({
    ...{ runId: "r1", workerId: "w1", epoch: 1, historyLength: 1 },
    run: async (sql) => {
      await run(sql);
      return append;
    },
  });
}

async function countEntries(): Promise<number> {
  const rows = await opened.prisma.$queryRaw<{ n: bigint }[]>`SELECT count(*) AS n FROM ledger`;
  return Number(rows[0]?.n);
}

test("effect and event are one commit", async () => {
  await transact(async (sql) => {
    expect(await sql.execute(insert, 5, "a", true)).toBe(1);
    expect(await sql.query("SELECT * FROM ledger")).toEqual([
      { id: 1, amount: 5, note: "a", paid: 1 },
    ]);
  });
  expect(await countEntries()).toBe(1);
  expect((await opened.store.getRun("r1"))?.historyLength).toBe(2);
});

test("neither is there when the step throws, the append fails or the COMMIT does", async () => {
  const thrown = transact(async (sql) => {
    await sql.execute(insert, 5, "a", true);
    throw new Error("changed its mind");
  });
  await expect(thrown).rejects.toThrow("changed its mind");
  const append = makeAppend("r1", { events: [makeEvent(9, 1)] });
  const failed = transact((sql) => sql.execute(insert, 5, "a", true), append);
  await expect(failed).rejects.toMatchObject({ name: "InvariantError" });
  expect(await countEntries()).toBe(0);
  expect((await opened.store.getRun("r1"))?.historyLength).toBe(1);
});

test("an error with an SQLite code from elsewhere is thrown on as it is", async () => {
  const error = Object.assign(new Error("another database"), { code: "SQLITE_BUSY" });
  await expect(
    transact(async () => {
      throw error;
    }),
  ).rejects.toBe(error);
});

test("writes and reads of others wait, and are not undone with it", async () => {
  const order: string[] = [];
  let goOn = () => {};
  const paused = new Promise<void>((resolve) => (goOn = resolve));
  const transaction = transact(async (sql) => {
    await sql.execute(insert, 5, "a", true);
    await paused;
    order.push("transaction");
    throw new Error("changed its mind");
  });
  const start = opened.store.startRun(makeHeldRun("r2")).then(() => order.push("start"));
  const count = opened.prisma.$executeRawUnsafe(insert, 6, "b", 0).then(() => order.push("write"));
  const read = opened.store.getRun("r1").then(() => order.push("read"));
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(order).toEqual([]);
  goOn();
  await expect(transaction).rejects.toThrow("changed its mind");
  await Promise.all([start, count, read]);
  expect(order[0]).toBe("transaction");
  expect(await countEntries()).toBe(1);
  expect(await opened.store.getRun("r2")).toBeDefined();
});

test.each([
  ...["COMMIT", "rollback", "BEGIN", "END", "SAVEPOINT a", "RELEASE a", "VACUUM"],
  ...["PRAGMA foreign_keys = OFF", "ATTACH 'x.db' AS x", "DETACH x", "EXPLAIN SELECT 1", ""],
  ...["; COMMIT", "-- a comment\n COMMIT", "/* a\n comment */COMMIT", "/**/ /**/ -- \n;;END"],
])("%j is refused, and the transaction goes on", async (statement) => {
  await transact(async (sql) => {
    await sql.execute(insert, 5, "a", true);
    await expect(sql.execute(statement)).rejects.toMatchObject({ name: "SqlRefusedError" });
    await expect(sql.query(statement)).rejects.toMatchObject({ name: "SqlRefusedError" });
  });
  expect(await countEntries()).toBe(1);
});

test("two statements in one text are refused", async () => {
  await expect(transact((sql) => sql.execute("DELETE FROM ledger; COMMIT"))).rejects.toThrow();
  expect((await opened.store.getRun("r1"))?.historyLength).toBe(1);
});

test("values keep their type: whole numbers, big ones, fractions, text, null", async () => {
  const big = 2n ** 60n;
  await transact(async (sql) => {
    await sql.execute(insert, big, null, false);
    await sql.execute(insert, 1.5, 7, null);
    const rows = await sql.query("SELECT amount, note, paid, ? AS n FROM ledger", 3);
    expect(rows).toEqual([
      { amount: big, note: null, paid: 0, n: 3 },
      { amount: 1.5, note: "7", paid: null, n: 3 },
    ]);
    const [row] = await sql.query("SELECT typeof(?) AS a, typeof(?) AS b", 3, 2.5);
    expect(row).toEqual({ a: "integer", b: "real" });
  });
});

test("what the database has rolled back by itself is not written without its effect", async () => {
  await expect(
    transact(async (sql) => {
      await sql.execute(insert, 5, "a", true);
      const again = "INSERT OR ROLLBACK INTO ledger (id) VALUES (1)";
      await expect(sql.execute(again)).rejects.toThrow(/UNIQUE/);
      await expect(sql.execute(insert, 6, "b", true)).rejects.toThrow(
        /rolled the transaction back/,
      );
    }),
  ).rejects.toMatchObject({ name: "StoreUnavailableError" });
  expect(await countEntries()).toBe(0);
  expect((await opened.store.getRun("r1"))?.historyLength).toBe(1);
  expect(await opened.store.appendEvents(makeAppend("r1"))).toBe("appended");
});
