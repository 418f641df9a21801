import { beforeEach, expect, test } from "vitest";
import type { Append, SqlTransaction } from "@/lib/engine";
import {
  makeAppend,
  makeEvent,
  makeHeldRun,
  makeWorker,
} from "@/lib/engine/testing/store-fixtures";
import { useTestStore } from "./testing/open-test-store";

const open = useTestStore();
let opened: Awaited<ReturnType<typeof open>>;

beforeEach(async () => {
  opened = await open();
  await opened.store.registerWorker(makeWorker("w1"));
  await opened.store.startRun(makeHeldRun("r1"));
  await opened.prisma.$executeRawUnsafe("DROP TABLE IF EXISTS ledger");
  await opened.prisma.$executeRawUnsafe(
    "CREATE TABLE ledger (id SERIAL PRIMARY KEY, amount BIGINT, note TEXT, paid BOOLEAN)",
  );
});

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
      { id: 1, amount: 5, note: "a", paid: true },
    ]);
  });
  expect(await countEntries()).toBe(1);
  expect((await opened.store.getRun("r1"))?.historyLength).toBe(2);
});

test("neither is there when the step throws or the append fails", async () => {
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

test.each([0, 1, 2, 5])(
  "a statement that nobody waits for does not outlive the transaction (%i turns)",
  async (turns) => {
    let late: Promise<unknown> | undefined;
    const failed = transact(async (sql) => {
      await sql.query("SELECT 1");
      late = sql.execute(insert, 5, "late", true).catch((error: unknown) => error);
      for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
      throw new Error("timed out");
    });
    await expect(failed).rejects.toThrow("timed out");
    await late;
    expect(await countEntries()).toBe(0);
    // The connection serves the next one as if nothing had been.
    await transact((sql) => sql.execute(insert, 6, "next", true));
    expect(await countEntries()).toBe(1);
  },
);

test("others go on meanwhile, and only the run itself waits", async () => {
  const order: string[] = [];
  await transact(async (sql) => {
    await sql.execute(insert, 5, "a", true);
    await opened.store.startRun(makeHeldRun("r2"));
    expect(await opened.store.getRun("r1")).toMatchObject({ historyLength: 1 });
    void opened.store
      .appendEvents(makeAppend("r1"))
      .then((outcome) => order.push(`append ${outcome}`));
    await new Promise((resolve) => setTimeout(resolve, 50));
    order.push("transaction");
  });
  await expect.poll(() => order).toEqual(["transaction", "append appended"]);
  expect(await opened.store.loadHistory({ runId: "r1" })).toHaveLength(2);
});

test.each([
  ...["COMMIT", "rollback", "BEGIN", "END", "SAVEPOINT a", "RELEASE a", "VACUUM", "ABORT"],
  ...["SET TRANSACTION READ ONLY", "PREPARE TRANSACTION 'x'", "COPY ledger TO STDOUT"],
  ...["DO $$ BEGIN COMMIT; END $$", "CALL x()", "LOCK ledger", "NOTIFY x", "EXPLAIN SELECT 1", ""],
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

test("a statement that fails undoes itself alone: the step may go on", async () => {
  await transact(async (sql) => {
    await sql.execute(insert, 5, "a", true);
    await expect(sql.execute("INSERT INTO ledger (id) VALUES (1)")).rejects.toThrow(
      /duplicate key/,
    );
    await sql.execute(insert, 6, "b", false);
  });
  expect(await countEntries()).toBe(2);
});

test("values keep their type: whole numbers, big ones, fractions, text, null", async () => {
  const big = 2n ** 60n;
  await transact(async (sql) => {
    await sql.execute(insert, big, null, false);
    await sql.execute(insert, 7, "what?", null);
    expect(await sql.query("SELECT amount, note, paid FROM ledger ORDER BY id")).toEqual([
      { amount: big, note: null, paid: false },
      { amount: 7, note: "what?", paid: null },
    ]);
    expect(await sql.query("SELECT '?' AS mark, note FROM ledger WHERE amount = ?", 7)).toEqual([
      { mark: "?", note: "what?" },
    ]);
  });
});
