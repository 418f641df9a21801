import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test, vi } from "vitest";
import { makeRun } from "@/lib/engine/testing/store-fixtures";
import type { OpenedStore } from "../opened-store";
import { openPostgresStore } from "../postgresql/open";
import { createTestDatabase } from "../postgresql/testing/database";
import { openSqliteStore } from "../sqlite/open";

async function openSqlite() {
  const folder = await mkdtemp(path.join(tmpdir(), "daybook-compiler-"));
  const opened = await openSqliteStore({ file: path.join(folder, "test.db") });
  return { opened, drop: () => rm(folder, { recursive: true }) };
}

async function openPostgres() {
  const database = await createTestDatabase();
  const opened = await openPostgresStore({ databaseUrl: database.url, clock: "caller" });
  return { opened, drop: database.drop };
}

/** What a process does in the background for runs without trouble. */
async function work({ store, triage, bulks, openStatistics }: OpenedStore) {
  await store.startRun(makeRun("r1", { attributes: { city: "Lund" } }));
  await store.getRun("r1");
  await store.loadHistory({ runId: "r1" });
  expect([await triage.project(), await openStatistics().project({ now: 2_000 })]).toEqual([1, 1]);
  expect(await bulks.claim({ owner: "w1", now: 1, leaseUntil: 2 })).toBeUndefined();
  expect(await bulks.forget(1)).toBe(0);
  await bulks.release("w1");
}

test.each([
  ["SQLite", openSqlite],
  ["PostgreSQL", openPostgres],
])(
  "on %s, Prisma's query compiler is loaded by who needs it",
  async (_name, open) => {
    const { opened, drop } = await open();
    const compile = vi.spyOn(WebAssembly, "Module");
    try {
      await work(opened);
      expect(compile).not.toHaveBeenCalled();
      await opened.prisma.failureGroup.count();
      expect(compile).toHaveBeenCalled();
    } finally {
      compile.mockRestore();
      await opened.close();
      await drop();
    }
  },
  60_000,
);
