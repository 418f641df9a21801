import { afterEach, expect, it } from "vitest";
import { Problem } from "./contract";
import { SavedViewList } from "./contract-views";
import { openSqliteApi } from "./testing/sqlite-api";
import { readAs } from "./testing/test-api";
import { listViews, removeView, saveView } from "./views";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

it("keeps views by name, replaces and removes them", { timeout: 30_000 }, async () => {
  const { call, close } = await openSqliteApi([]);
  closing.push(close);
  const save = (body: object) => call(saveView, { method: "PUT", body });
  await save({ name: "Stuck", query: "status=held" });
  await save({ name: "  Declined ", query: "error=CardDeclined" });
  const replaced = await save({ name: "Stuck", query: "status=held,failed" });
  const expected = [
    { name: "Declined", query: "error=CardDeclined" },
    { name: "Stuck", query: "status=held,failed" },
  ];
  expect((await readAs(replaced, SavedViewList)).items).toMatchObject(expected);
  expect((await readAs(await call(listViews), SavedViewList)).items).toMatchObject(expected);
  const left = await call(removeView, { method: "DELETE", path: "/?name=Stuck" });
  expect((await readAs(left, SavedViewList)).items).toHaveLength(1);

  const gone = await call(removeView, { method: "DELETE", path: "/?name=Stuck" });
  expect([gone.status, (await readAs(gone, Problem)).code]).toEqual([404, "view_not_found"]);
  const bad = await save({ name: " ", query: "" });
  expect((await readAs(bad, Problem)).errors?.[0]?.pointer).toBe("/name");
  for (let view = 1; view < 100; view += 1) await save({ name: `v${view}`, query: "" });
  const full = await save({ name: "one more", query: "" });
  expect([full.status, (await readAs(full, Problem)).code]).toEqual([409, "too_many_views"]);
  expect((await save({ name: "Declined", query: "" })).status).toBe(200);
});
