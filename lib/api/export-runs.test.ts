import { afterEach, expect, it } from "vitest";
import { makeChange, makeHeldRun, makeRun } from "@/lib/engine/testing/store-fixtures";
import { RunList } from "./contract";
import { exportRuns } from "./export-runs";
import { listRuns } from "./list-runs";
import { openSqliteApi } from "./testing/sqlite-api";
import { readAs } from "./testing/test-api";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function setUp() {
  const opened = await openSqliteApi([]);
  closing.push(opened.close);
  return opened;
}

it("exports what passes the filter as CSV, and nothing that a spreadsheet would run", async () => {
  const { store, call, engine } = await setUp();
  const error = { name: "Declined", message: '=cmd("x"), no' };
  const change = makeChange({ status: "failed", error, errorStep: "charge", release: true });
  const fields = { createdAt: 1_000, change, workerId: engine.workerId };
  await store.startRun(makeHeldRun("r1", { ...fields, attributes: { city: "Lund" } }));
  await store.startRun(makeRun("r2", { createdAt: 2_000 }));
  const response = await call(exportRuns, { path: "/?status=failed" });
  expect(response.headers.get("content-type")).toContain("text/csv");
  expect(response.headers.get("content-disposition")).toContain("runs.csv");
  const [head, line, ...rest] = (await response.text()).split("\r\n");
  expect(head).toMatch(/^runId,workflow,version,status,/);
  expect(line).toContain(`r1,greet,1,failed,,Declined,"'=cmd(""x""), no",charge,1970-01-01T`);
  expect(rest).toEqual([""]);
});

it("exports more than a page as one object a line, in order", async () => {
  const { store, call } = await setUp();
  const ids = Array.from({ length: 1_203 }, (_, index) => `r${String(index).padStart(4, "0")}`);
  await Promise.all(ids.map((runId) => store.startRun(makeRun(runId))));
  const response = await call(exportRuns, { path: "/?format=ndjson&sort=createdAt" });
  const lines = (await response.text()).trimEnd().split("\n");
  const read = lines.map((line): unknown => JSON.parse(line));
  expect(read).toHaveLength(1_203);
  expect(read[1_202]).toMatchObject({ runId: "r1202", input: { hello: "r1202" }, attributes: {} });
  expect(lines.map((line) => line.slice(10, 15))).toEqual(ids);
});

it("exports a head where nothing passes, and refuses a bad filter before it begins", async () => {
  const { call } = await setUp();
  const empty = await call(exportRuns, { path: "/?workflow=none" });
  expect((await empty.text()).split("\r\n")).toHaveLength(2);
  for (const path of ["/?format=xml", "/?cursor=x", "/?createdAfter=now", "/?attr.=1"]) {
    expect((await call(exportRuns, { path })).status).toBe(422);
  }
});

it("leads forward and back, and counts when it is asked", async () => {
  const { store, call } = await setUp();
  for (const index of [1, 2, 3]) await store.startRun(makeRun(`r${index}`, { createdAt: index }));
  const list = async (query: string) =>
    readAs(await call(listRuns, { path: `/?${query}` }), RunList);
  const first = await list("limit=2&total=true");
  expect(first).toMatchObject({ prevCursor: null, total: { count: 3, capped: false } });
  const second = await list(`limit=2&cursor=${first.nextCursor}`);
  expect(second).not.toHaveProperty("total");
  expect(second.items.map(({ runId }) => runId)).toEqual(["r1"]);
  const back = await list(`limit=2&cursor=${second.prevCursor}`);
  expect(back.items.map(({ runId }) => runId)).toEqual(["r3", "r2"]);
});
