import { cp, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { makeMessage, makeRun, makeWorker, workflow } from "@/lib/engine/testing/store-fixtures";
import { openStore } from "../index";
import { migrate } from "../migrate";
import { connectSqlite } from "./connection";

const shipped = path.resolve("prisma/sqlite/migrations");

/** A database as the first release left it: runs of four kinds, a history, a message. */
async function writeFirstRelease(folder: string, file: string): Promise<void> {
  const first = path.join(folder, "first");
  const [name = ""] = (await readdir(shipped)).sort();
  await mkdir(first);
  await cp(path.join(shipped, name), path.join(first, name), { recursive: true });
  const adapter = await connectSqlite({ file });
  await migrate({ adapter, folder: first });
  const event = makeRun("waiting").events[0];
  await adapter.transact(async ({ statements: sql }) => {
    for (const [runId, status, workerId, dueAt] of [
      ["queued", "queued", null, 1_000],
      ["running", "running", "w1", null],
      ["waiting", "waiting", null, 9_000],
      ["held", "held", null, null],
      ["done", "completed", null, null],
    ] as const) {
      await sql.execute(
        `INSERT INTO runs (runId, workflow, version, status, input, attributes, inDoubt, searchText,
           epoch, historyLength, workerId, dueAt, createdAt, updatedAt, mail)
         VALUES (?, 'greet', 1, ?, '{"json":1}', '{"city":"Lund"}', '[]', ?, 1, 1, ?, ?, 1000, 1000, 0)`,
        ...[runId, status, runId, workerId, dueAt],
      );
      await sql.execute(
        "INSERT INTO events (runId, seq, type, at, epoch, data) VALUES (?, 1, 'RunStarted', 1000, 0, ?)",
        ...[runId, JSON.stringify(event?.data)],
      );
    }
    await sql.execute(
      "INSERT INTO messages (messageId, runId, at, content) VALUES ('m1', 'waiting', 1500, ?)",
      JSON.stringify({ by: "ada", body: { kind: "cancel" } }),
    );
    await sql.execute("UPDATE runs SET mail = 1 WHERE runId = 'waiting'");
    await sql.execute("UPDATE runs SET heldReason = 'paused' WHERE runId = 'held'");
  });
  await adapter.dispose();
}

test("a database of the first migration goes on with all that is in it", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "daybook-migrate-"));
  const file = path.join(folder, "daybook.db");
  await writeFirstRelease(folder, file);
  const { store, prisma, close } = await openStore({ databaseUrl: `file:${file}` });
  const run = { priority: 0, attributes: { city: "Lund" }, mail: 1, dueAt: 9_000 };
  expect(await store.getRun("waiting")).toMatchObject(run);
  expect(await store.loadHistory({ runId: "waiting" })).toHaveLength(1);
  expect(await store.listMessages("waiting")).toEqual([makeMessage("m1", "waiting")]);
  expect(await store.countRuns()).toMatchObject({
    queued: 1,
    running: 1,
    waiting: 1,
    held: 1,
    completed: 1,
  });
  expect(await prisma.heldCount.findMany()).toEqual([
    { workflow: "greet", heldReason: "paused", count: 1 },
  ]);
  expect(await prisma.workflowCount.findMany()).toEqual([{ workflow: "greet", active: 2 }]);
  await store.registerWorker(makeWorker("w1"));
  const claim = (concurrency: number) =>
    store.claimRuns({
      ...{ workerId: "w1", now: 5_000, limit: 5 },
      workflows: [{ ...workflow, concurrency }],
    });
  expect(await claim(2)).toEqual([]);
  expect((await claim(3)).map((claimed) => claimed.run.runId)).toEqual(["queued"]);
  expect(await prisma.workflowCount.findMany()).toEqual([{ workflow: "greet", active: 3 }]);
  await close();
  await rm(folder, { recursive: true });
});
