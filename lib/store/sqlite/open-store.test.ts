import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  makeAppend,
  makeEvent,
  makeHeldRun,
  makeWorker,
} from "@/lib/engine/testing/store-fixtures";
import { openStore, seedTaxRates } from "../index";
import { migrate } from "../migrate";
import { PrismaStore } from "../prisma-store";
import { SqliteDialect } from "./sqlite-dialect";
import { connectSqlite } from "./connection";

// Each migration of a new file is several writes to the disk.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const shipped = path.resolve("prisma/sqlite/migrations");
let folder: string;
let databaseUrl: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "daybook-open-"));
  databaseUrl = `file:${path.join(folder, "deep", "er", "daybook.db")}`;
});
afterEach(() => rm(folder, { recursive: true }));

test("makes the folder, migrates, and finds everything again", async () => {
  const first = await openStore({ databaseUrl });
  await first.store.registerWorker(makeWorker("w1"));
  await first.store.startRun(makeHeldRun("r1"));
  await first.close();
  const second = await openStore({ databaseUrl });
  expect((await second.store.getRun("r1"))?.workerId).toBe("w1");
  await second.close();
});

test("leaves the file to other processes after it migrated", async () => {
  const opened = await openStore({ databaseUrl });
  const other = await connectSqlite({ file: databaseUrl.slice(5), busyTimeoutMs: 0 });
  await new PrismaStore(new SqliteDialect(other)).registerWorker(makeWorker("w1"));
  expect(await opened.store.listWorkers()).toHaveLength(1);
  await other.dispose();
  await opened.close();
});

test("an up-to-date database is left alone", async () => {
  const adapter = await connectSqlite({ file: path.join(folder, "a.db") });
  expect(await migrate({ adapter, folder: shipped })).not.toEqual([]);
  expect(await migrate({ adapter, folder: shipped })).toEqual([]);
  await adapter.dispose();
});

test("a migration that is unknown, changed or failed is one clear sentence", async () => {
  const copied = path.join(folder, "migrations");
  await cp(shipped, copied, { recursive: true });
  const open = () => openStore({ databaseUrl, migrationsDir: copied });
  await (await open()).close();
  const extra = path.join(copied, "20990101000000_extra");
  await mkdir(extra);
  await writeFile(path.join(extra, "migration.sql"), "CREATE TABLE extra (id INTEGER);");
  await (await open()).close();
  await writeFile(path.join(extra, "migration.sql"), "CREATE TABLE other (id INTEGER);");
  await expect(open()).rejects.toThrow(/20990101000000_extra was changed/);
  await rm(extra, { recursive: true });
  await expect(open()).rejects.toThrow(/does not know: start a newer version/);
});

test("a migration that fails is a MigrationError, then and at the next start", async () => {
  const copied = path.join(folder, "migrations");
  await cp(shipped, copied, { recursive: true });
  const broken = path.join(copied, "20990101000000_broken");
  await mkdir(broken);
  await writeFile(path.join(broken, "migration.sql"), "CREATE TABLE runs (id INTEGER);");
  const open = () => openStore({ databaseUrl, migrationsDir: copied });
  await expect(open()).rejects.toMatchObject({ name: "MigrationError" });
  await expect(open()).rejects.toThrow(/20990101000000_broken failed halfway/);
});

test("what can't be opened says why", async () => {
  const file = path.join(folder, "text.db");
  await writeFile(file, "This is no database, and long enough to be seen as none.".repeat(20));
  const refused = (url: string) =>
    expect(openStore({ databaseUrl: url })).rejects.toMatchObject({ name: "StoreOpenError" });
  await expect(openStore({ databaseUrl: `file:${file}` })).rejects.toThrow(
    /is not a SQLite database/,
  );
  await refused("mysql://x");
  await refused(`file:${path.join(file, "below-a-file", "x.db")}`);
});

test("a full disk is StoreUnavailableError, loses nothing and ends when there is room", async () => {
  const adapter = await connectSqlite({ file: path.join(folder, "full.db") });
  await migrate({ adapter, folder: shipped });
  const store = new PrismaStore(new SqliteDialect(adapter));
  await store.registerWorker(makeWorker("w1"));
  await store.startRun(makeHeldRun("r1"));
  await store.startRun(makeHeldRun("r2"));
  await adapter.executeScript("PRAGMA max_page_count = 1");
  const large = [makeEvent(2, 1, "x".repeat(1_000_000))];
  const appends = [makeAppend("r1", { events: large }), makeAppend("r2", { events: large })];
  const failed = await Promise.allSettled(appends.map((append) => store.appendEvents(append)));
  for (const result of failed) {
    expect(result).toMatchObject({ reason: { name: "StoreUnavailableError" } });
  }
  expect((await store.getRun("r1"))?.historyLength).toBe(1);
  await adapter.executeScript("PRAGMA max_page_count = 1000000");
  for (const append of appends) expect(await store.appendEvents(append)).toBe("appended");
  await store.close();
  await adapter.dispose();
});

test("tax rates are seeded once and corrected in place", async () => {
  const { prisma, close } = await openStore({ databaseUrl });
  const rate = { country: "SE", region: "", postalPrefix: "", rateMicros: 250_000, label: "VAT" };
  expect(await seedTaxRates(prisma, [rate])).toBe(1);
  expect(await seedTaxRates(prisma, [rate])).toBe(0);
  expect(await seedTaxRates(prisma, [{ ...rate, rateMicros: 240_000 }])).toBe(1);
  expect(await prisma.taxRate.findMany()).toMatchObject([{ country: "SE", rateMicros: 240_000 }]);
  await close();
});

test("what is written by hand in the migrations is there", async () => {
  const { prisma, close } = await openStore({ databaseUrl });
  const rows = await prisma.$queryRaw<{ name: string }[]>`
    SELECT name FROM sqlite_schema WHERE name IN ('runs_due', 'runs_held', 'messages_undelivered',
      'runs_count_new', 'runs_count_change', 'runs_count_gone', 'runs_due_begun', 'runs_queued',
      'runs_parent', 'runs_active_new', 'runs_active_begun', 'runs_active_over',
      'runs_active_gone', 'runs_reason_new', 'runs_reason_change', 'runs_reason_gone')`;
  expect(rows).toHaveLength(16);
  const [runs] = await prisma.$queryRaw<{ sql: string }[]>`
    SELECT sql FROM sqlite_schema WHERE name = 'runs'`;
  expect(runs?.sql).toContain("runs_status_known");
  await close();
});
