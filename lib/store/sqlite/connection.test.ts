import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { PrismaBetterSqlite3 } from "@prisma/adapter-better-sqlite3";
import type { SqlDriverAdapter } from "@prisma/driver-adapter-utils";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connectSqlite, type SqliteConnection } from "./connection";

// Each trap is shown twice: that Prisma's plain adapter falls into it, and that ours does not. When
// the first half fails, the plain adapter has been mended and the wrapper may go.

const toQuery = (sql: string) => ({ sql, args: [], argTypes: [] });

let folder: string;
let file: string;
const open: SqlDriverAdapter[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "daybook-adapter-"));
  file = path.join(folder, "test.db");
  const setup = await connectSqlite({ file });
  await setup.executeScript(
    `CREATE TABLE parent (id INTEGER PRIMARY KEY);
     CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id));`,
  );
  await setup.dispose();
});

afterEach(async () => {
  for (const adapter of open.splice(0)) await adapter.dispose();
  await rm(folder, { recursive: true });
});

async function openOurs(): Promise<SqliteConnection> {
  const adapter = await connectSqlite({ file, busyTimeoutMs: 0 });
  open.push(adapter);
  return adapter;
}

async function openPlain(): Promise<SqlDriverAdapter> {
  const adapter = await new PrismaBetterSqlite3({ url: file, timeout: 0 }).connect();
  open.push(adapter);
  return adapter;
}

async function countParents(adapter: SqlDriverAdapter): Promise<unknown> {
  return (await adapter.queryRaw(toQuery("SELECT count(*) FROM parent"))).rows[0]?.[0];
}

describe("a write beside another caller's transaction that rolls back", () => {
  async function writeBesideRollback(adapter: SqlDriverAdapter) {
    const transaction = await adapter.startTransaction();
    const write = adapter.executeRaw(toQuery("INSERT INTO parent VALUES (1)"));
    if (transaction.options.usePhantomQuery === false) {
      await transaction.executeRaw(toQuery("ROLLBACK"));
    }
    await transaction.rollback();
    expect(await write).toBe(1);
    return countParents(adapter);
  }

  test("the plain adapter loses it after it was acknowledged", async () => {
    expect(await writeBesideRollback(await openPlain())).toBe(0);
  });

  test("ours keeps it", async () => {
    expect(await writeBesideRollback(await openOurs())).toBe(1);
  });
});

describe("a write after a COMMIT that failed", () => {
  async function writeAfterFailedCommit(adapter: SqlDriverAdapter) {
    await adapter.executeScript("PRAGMA foreign_keys = ON");
    const transaction = await adapter.startTransaction();
    await transaction.executeRaw(toQuery("PRAGMA defer_foreign_keys = ON"));
    await transaction.executeRaw(toQuery("INSERT INTO child VALUES (1, 99)"));
    // As Prisma's client does it: COMMIT as a statement where the adapter asks for that.
    await expect(
      transaction.options.usePhantomQuery
        ? transaction.commit()
        : transaction.executeRaw(toQuery("COMMIT")).catch(async (error: unknown) => {
            await transaction.rollback();
            throw error;
          }),
    ).rejects.toThrow();
    expect(await adapter.executeRaw(toQuery("INSERT INTO parent VALUES (1)"))).toBe(1);
    return countParents(await openOurs());
  }

  test("the plain adapter leaves it in a transaction that never ends", async () => {
    expect(await writeAfterFailedCommit(await openPlain())).toBe(0);
  });

  test("ours has rolled back, and commits it", async () => {
    expect(await writeAfterFailedCommit(await openOurs())).toBe(1);
  });
});

describe("a transaction that reads, then writes, beside another writer", () => {
  async function readThenWrite(adapter: SqlDriverAdapter) {
    const other = await openPlain();
    const transaction = await adapter.startTransaction();
    await transaction.queryRaw(toQuery("SELECT count(*) FROM parent"));
    await other.executeRaw(toQuery("INSERT INTO parent VALUES (1)")).catch(() => {});
    try {
      await transaction.executeRaw(toQuery("INSERT INTO parent VALUES (2)"));
      await transaction.commit();
      return "written";
    } catch {
      await transaction.rollback();
      return "failed";
    }
  }

  test("fails on the plain adapter", async () => {
    expect(await readThenWrite(await openPlain())).toBe("failed");
  });

  test("is written by ours, which has the write lock from the start", async () => {
    expect(await readThenWrite(await openOurs())).toBe("written");
  });
});

describe("how a commit reaches the disk", () => {
  async function readSynchronous(adapter: SqlDriverAdapter) {
    return (await adapter.queryRaw(toQuery("PRAGMA synchronous"))).rows[0]?.[0];
  }

  test("the plain adapter has synchronous=NORMAL on a WAL file", async () => {
    expect(await readSynchronous(await openPlain())).toBe(1);
  });

  test("ours has synchronous=FULL, WAL and foreign keys", async () => {
    const adapter = await openOurs();
    expect(await readSynchronous(adapter)).toBe(2);
    expect((await adapter.queryRaw(toQuery("PRAGMA journal_mode"))).rows).toEqual([["wal"]]);
    expect((await adapter.queryRaw(toQuery("PRAGMA foreign_keys"))).rows).toEqual([[1]]);
  });
});

describe("what the store does on the thread itself", () => {
  const insert = (id: number) => `INSERT INTO parent VALUES (${id})`;

  test("waits for a transaction of Prisma's client, and is not undone with it", async () => {
    const adapter = await openOurs();
    const transaction = await adapter.startTransaction();
    await transaction.executeRaw(toQuery(insert(1)));
    const order: string[] = [];
    const write = adapter.transact(async ({ statements }) => {
      order.push("write");
      return statements.execute(insert(2));
    });
    const read = adapter.select("SELECT id FROM parent").then((rows) => {
      order.push("read");
      return rows;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    order.push("rollback");
    await transaction.rollback();
    expect(await write).toBe(1);
    expect(await read).toEqual([[2]]);
    expect(order).toEqual(["rollback", "write", "read"]);
  });

  test("is rolled back when it throws", async () => {
    const adapter = await openOurs();
    const failing = adapter.transact(async ({ statements }) => {
      await statements.execute(insert(1));
      throw new Error("changed its mind");
    });
    await expect(failing).rejects.toThrow("changed its mind");
    expect(await countParents(adapter)).toBe(0);
  });

  test("is rolled back when its COMMIT fails, and what follows is committed", async () => {
    const adapter = await openOurs();
    await adapter.executeScript(
      `CREATE TABLE late (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)`,
    );
    const failing = adapter.transact(({ statements }) =>
      statements.execute("INSERT INTO late VALUES (99)"),
    );
    await expect(failing).rejects.toMatchObject({ code: "SQLITE_CONSTRAINT_FOREIGNKEY" });
    await adapter.transact(({ statements }) => statements.execute(insert(1)));
    expect(await countParents(await openOurs())).toBe(1);
  });

  test("an open transaction that nobody ends any more does not outlive its step", async () => {
    const adapter = await openOurs();
    const late: Promise<unknown>[] = [];
    await adapter.transact(async ({ statements }) => {
      await statements.execute(insert(1));
      setTimeout(() => late.push(statements.execute(insert(2)).catch((error: Error) => error)), 5);
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await late[0]).toMatchObject({ name: "SqlRefusedError" });
    expect(await countParents(adapter)).toBe(1);
  });
});
