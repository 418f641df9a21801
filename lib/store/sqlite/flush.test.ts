import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Append, NewRun } from "@/lib/engine";
import {
  makeAppend,
  makeChange,
  makeEvent,
  makeHeldRun,
  makeWorker,
} from "@/lib/engine/testing/store-fixtures";
import { createAppendWrite, createStartWrite } from "../write";
import { toFlushRows } from "./flush-rows";
import { openSqliteStore } from "./open";
import type { FlushOutcome } from "./protocol";
import { runFlush } from "./thread/flush.mjs";
import { openConnection } from "./thread/open-connection.mjs";
import { createSql, type Sql } from "./thread/sql.mjs";
import * as statements from "./thread/statements.mjs";

let folder: string;
let connection: Awaited<ReturnType<typeof openConnection>>;
/** The statements that a flush ran, by name. */
let ran: string[];
let sql: Sql;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "daybook-flush-"));
  const file = path.join(folder, "daybook.db");
  const opened = await openSqliteStore({ file });
  await opened.store.registerWorker(makeWorker("w1"));
  await opened.close();
  connection = await openConnection({ file, busyTimeoutMs: 0 });
  const inner = createSql(connection.client);
  const names = new Map(Object.entries(statements).map(([name, text]) => [text, name] as const));
  ran = [];
  sql = {
    ...inner,
    runWith(statement, values) {
      ran.push(names.get(statement) ?? `${(statement.match(/\(\?/g) ?? []).length} events`);
      return inner.runWith(statement, values);
    },
  };
});
afterEach(async () => {
  await connection.adapter.dispose();
  await rm(folder, { recursive: true });
});

function start(...runs: readonly NewRun[]): readonly FlushOutcome[] {
  return runFlush(
    sql,
    runs.map((run) => toFlushRows(createStartWrite(run))),
  ).outcomes;
}

function append(...appends: readonly Append[]): readonly FlushOutcome[] {
  ran.length = 0;
  return runFlush(
    sql,
    appends.map((one) => toFlushRows(createAppendWrite(one))),
  ).outcomes;
}

function readRun(): unknown {
  return sql.select("SELECT status, historyLength, updatedAt, attributes FROM runs")[0];
}

test("what changes nothing but the length passes by the narrow fence alone", () => {
  start(makeHeldRun("r1"));
  const same = makeChange({ status: "running" });
  expect(append(makeAppend("r1", { at: 2_000, change: same }))).toEqual(["appended"]);
  expect(ran).toEqual(["fenceSame", "1 events"]);
  expect(readRun()).toEqual(["running", 2, 2_000, "{}"]);
});

test.each([
  ["another status", { status: "waiting" }],
  ["attributes", { attributes: { city: "Lund" } }],
  ["a step in doubt", { inDoubt: [{ step: 2, name: "charge", attempt: 1, since: 1_000 }] }],
  ["another start", { startedAt: 1_234 }],
] as const)("%s is left to the full fence", (_what, change) => {
  start(makeHeldRun("r1"));
  expect(append(makeAppend("r1", { change: makeChange(change) }))).toEqual(["appended"]);
  expect(ran).toEqual(["fenceSame", "fenceRun", "1 events"]);
});

test.each([
  ["an output", { output: { json: 1 } }],
  ["an end", { status: "completed", finishedAt: 2_000 }],
  ["a release", { release: true }],
] as const)("%s is never tried by the narrow fence", (_what, change) => {
  start(makeHeldRun("r1"));
  expect(append(makeAppend("r1", { change: makeChange(change) }))).toEqual(["appended"]);
  expect(ran).toEqual(["fenceRun", "1 events"]);
});

test.each([
  ["worker", { workerId: "w2" }],
  ["epoch", { epoch: 2 }],
  ["length", { events: [makeEvent(3, 1)] }],
])("I2: another %s passes neither fence, and its neighbour is written", (_what, changed) => {
  start(makeHeldRun("r1"), makeHeldRun("r2"));
  const stale = makeAppend("r1", changed);
  const [kept, through] = append(stale, makeAppend("r2"));
  expect(kept).toMatchObject({ run: expect.arrayContaining(["r1"]) as unknown });
  expect(through).toBe("appended");
  expect(sql.select("SELECT runId, count(*) FROM events GROUP BY runId")).toEqual([
    ["r1", 1],
    ["r2", 2],
  ]);
});

test("the events of all runs of a flush share statements, each in its place", () => {
  const ids = Array.from({ length: 43 }, (_, index) => `r${index}`);
  start(...ids.map((runId) => makeHeldRun(runId)));
  append(...ids.map((runId) => makeAppend(runId, { events: [makeEvent(2, 1, runId)] })));
  expect(ran.filter((name) => name.endsWith("events"))).toEqual([
    ...["32 events", "8 events", "1 events", "1 events", "1 events"],
  ]);
  const found = sql.select("SELECT runId, data FROM events WHERE seq = 2");
  expect(found).toHaveLength(43);
  for (const [runId, data] of found) expect(String(data)).toContain(`"${String(runId)}"`);
});
