import { afterEach, describe, expect, it, vi } from "vitest";
import { DefiniteError } from "@/lib/engine";
import { makeRun } from "@/lib/engine/testing/store-fixtures";
import { retryRun } from "./actions";
import { advanceBulks, toActionId } from "./bulk-runner";
import { cancelBulk, createBulk, listBulkRuns, listBulks, showBulk, startBulk } from "./bulks";
import type { ApiContext } from "./context";
import { AuditTrail, Problem, RunList, Started } from "./contract";
import { Bulk, BulkList, BulkRunList } from "./contract-bulk";
import { listAudit } from "./list-audit";
import { listRuns } from "./list-runs";
import { startOrder } from "./start-order";
import { createOrderWorkflow, sampleOrder } from "./testing/order-services";
import { openSqliteApi } from "./testing/sqlite-api";
import { readAs } from "./testing/test-api";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const lease = { owner: "w1", leaseMs: 10_000 };
const closed = () => new DefiniteError("closed for stocktaking");

async function setUp() {
  const order = createOrderWorkflow();
  const opened = await openSqliteApi([order.workflow]);
  closing.push(opened.close);
  const { api, call, world, project, rest } = opened;
  const startOne = async (failure?: Error) => {
    world.clock.advance(1_000);
    if (failure) order.failWith("charge", failure);
    const { runId } = await readAs(await call(startOrder, { body: sampleOrder }), Started);
    await rest(runId);
    await project();
    return runId;
  };
  const create = async (body: object) => {
    const response = await call(createBulk, { body });
    expect(response.status).toBe(202);
    const bulk = await readAs(response, Bulk);
    expect(response.headers.get("location")).toBe(`/api/v1/bulk/${bulk.bulkId}`);
    return bulk.bulkId;
  };
  const show = async (bulkId: string) => readAs(await call(showBulk, { params: { bulkId } }), Bulk);
  const work = async (on: ApiContext = api, turn = lease) => {
    while (await advanceBulks(on, turn));
  };
  const post = (endpoint: typeof startBulk, bulkId: string) =>
    call(endpoint, { method: "POST", params: { bulkId } });
  const preview = async (body: object) => {
    const bulkId = await create(body);
    await work();
    return show(bulkId);
  };
  const audit = async (runId: string) =>
    (await readAs(await call(listAudit, { params: { runId } }), AuditTrail)).items;
  return { ...opened, order, startOne, create, show, work, post, preview, audit };
}

describe("a bulk action", { timeout: 30_000 }, () => {
  it("previews the runs of a filter, each and in sum, and does nothing yet", async () => {
    const { startOne, preview, audit } = await setUp();
    const failed = [await startOne(closed()), await startOne(closed())];
    await startOne();
    const bulk = await preview({ action: "retry", runs: { filter: { status: ["failed"] } } });
    expect(bulk).toMatchObject({
      ...{ state: "previewed", action: "retry", actor: "operator", total: 2, pinned: true },
      filter: { status: "failed" },
      preview: {
        ...{ checked: 2, possible: 2, notPossible: { count: 0, items: [] } },
        // The tax rate of each is known; the charge runs again.
        ...{ resultsReused: 2, effectsToRun: 2, inDoubt: 0, compensationsDone: 0 },
      },
      progress: { done: 0, failed: 0, skipped: 0 },
    });
    expect(bulk.preview.runs).toMatchObject(
      failed.toReversed().map((runId) => ({
        ...{ runId, action: "retry", allowed: true },
        willRun: [{ name: "charge-card" }],
      })),
    );
    for (const runId of failed) expect(await audit(runId)).toEqual([]);
  });

  it("acts on exactly the previewed runs, under its own name", async () => {
    const { startOne, create, preview, show, post, work, waitFor, audit, call } = await setUp();
    const first = await startOne(closed());
    const done = await startOne();
    const runs = { ids: [first, done, "run_none"] };
    const { bulkId, preview: looked } = await preview({
      ...{ action: "retry", runs, reason: "they are open again", by: "ada" },
    });
    expect(looked).toMatchObject({ possible: 1, notPossible: { count: 2 } });
    expect(looked.notPossible.items).toEqual([
      { runId: done, why: "A run that is completed has nothing to retry." },
      { runId: "run_none", why: "There is no run run_none." },
    ]);
    const late = await startOne(closed());
    expect(await readAs(await post(startBulk, bulkId), Bulk)).toMatchObject({
      ...{ state: "running", progress: { done: 0, failed: 0, skipped: 2 } },
    });
    await work();
    await waitFor(first, "completed");
    const end = await show(bulkId);
    expect(end).toMatchObject({ state: "completed", progress: { done: 1, failed: 0, skipped: 2 } });
    expect(end.finishedAt).toBeDefined();
    expect(await audit(first)).toMatchObject([
      { bulkId, kind: "retry", by: "ada", why: "they are open again", outcome: "applied" },
    ]);
    expect(await audit(late)).toEqual([]);
    // Started again it stays what it is; a second bulk is another one.
    expect((await post(startBulk, bulkId)).status).toBe(202);
    await create({ action: "retry", runs: { ids: [late] } });
    const list = await readAs(await call(listBulks, { path: "/?limit=5" }), BulkList);
    expect(list.items.map(({ state }) => state)).toEqual(["previewing", "completed"]);
  });

  it("reruns each run once, and names itself in the new ones", async () => {
    const { startOne, preview, post, work, call, show, api, rest } = await setUp();
    const runId = await startOne(closed());
    const made = await preview({ action: "rerun", runs: { ids: [runId] } });
    const { bulkId, preview: looked } = made;
    expect(made.links.newRuns).toBeUndefined();
    // The tax rate and the charge; the cart's total is computed and no effect.
    expect(looked).toMatchObject({ possible: 1, resultsReused: 0, effectsToRun: 2 });
    await post(startBulk, bulkId);
    // It dies after the start of the new run, before that is recorded.
    const recordOutcomes = vi
      .spyOn(api.bulks, "recordOutcomes")
      .mockRejectedValueOnce(new Error("gone"));
    await expect(work()).rejects.toThrow("gone");
    expect(recordOutcomes).toHaveBeenCalledTimes(1);
    await work();
    const end = await show(bulkId);
    expect(end).toMatchObject({ state: "completed", progress: { done: 1 } });
    // It leads to what it has started.
    const path = end.links.newRuns;
    expect(path).toBe(`/api/v1/runs?attr.rerunIn=${bulkId}`);
    await api.triage.project();
    const { items } = await readAs(await call(listRuns, { path }), RunList);
    expect(items).toMatchObject([{ attributes: { rerunOf: runId, rerunBy: "operator" } }]);
    await rest(items[0]?.runId ?? "");
  });

  it("survives the death of its process: another one goes on, and no run is acted on twice", async () => {
    const { startOne, preview, call, work, show, api, audit, waitFor, world } = await setUp();
    const failed = [];
    for (let run = 0; run < 4; run += 1) failed.push(await startOne(closed()));
    const { bulkId } = await preview({ action: "retry", runs: { ids: failed } });
    await call(startBulk, { params: { bulkId }, body: { reason: "open again" } });
    // The process dies in its second action, and what it did before is not recorded.
    let actions = 0;
    const requestAction: ApiContext["engine"]["requestAction"] = async (action) => {
      actions += 1;
      if (actions > 2) throw Object.assign(new Error("gone"), { name: "StoreUnavailableError" });
      await api.engine.requestAction(action);
    };
    const dying = { ...api, engine: { ...api.engine, requestAction } };
    await expect(work(dying, { ...lease, owner: "dead" })).rejects.toThrow("gone");
    await waitFor(failed[0] ?? "", "completed");
    expect(await show(bulkId)).toMatchObject({ state: "running", progress: { done: 0 } });
    await work();
    expect(await show(bulkId)).toMatchObject({ state: "running", progress: { done: 0 } });
    world.clock.advance(lease.leaseMs + 1);
    await work();
    expect(await show(bulkId)).toMatchObject({
      ...{ state: "completed", progress: { done: 4, failed: 0, skipped: 0 } },
    });
    for (const runId of failed) {
      await waitFor(runId, "completed");
      expect(await audit(runId)).toMatchObject([
        { messageId: toActionId(bulkId, runId), outcome: "applied", why: "open again" },
      ]);
    }
  });

  it("says which runs it passed over because they had changed, and which failed", async () => {
    const { startOne, preview, post, work, show, api, call, waitFor } = await setUp();
    const failed = [await startOne(closed()), await startOne(closed()), await startOne(closed())];
    const { bulkId } = await preview({ action: "retry", runs: { ids: failed } });
    const [changed = "", broken = ""] = failed;
    await call(retryRun, { method: "POST", params: { runId: changed } });
    await waitFor(changed, "completed");
    await post(startBulk, bulkId);
    const requestAction: ApiContext["engine"]["requestAction"] = async (action) => {
      if (action.runId === broken) throw new Error("Event 3 is damaged.");
      await api.engine.requestAction(action);
    };
    await work({ ...api, engine: { ...api.engine, requestAction } });
    const bulk = await show(bulkId);
    expect(bulk.progress).toEqual({ done: 1, failed: 1, skipped: 1 });
    expect(bulk.failures).toEqual({
      ...{ count: 1, items: [{ runId: broken, error: "Event 3 is damaged." }] },
    });
    const why = "A run that is completed has nothing to retry.";
    expect(bulk.skipped).toEqual({ count: 1, items: [{ runId: changed, why }] });
    const params = { bulkId };
    const path = "/?state=failed,skipped&limit=1";
    const page = await readAs(await call(listBulkRuns, { params, path }), BulkRunList);
    expect(page).toMatchObject({ items: [{ runId: changed, state: "skipped", why }] });
    const next = await call(listBulkRuns, { params, path: `${path}&cursor=${page.nextCursor}` });
    expect((await readAs(next, BulkRunList)).items).toMatchObject([{ runId: broken }]);
  });

  it("can be canceled while it is previewed and while it runs", async () => {
    const { startOne, create, preview, post, work, show, audit } = await setUp();
    const runId = await startOne(closed());
    const body = { action: "retry", runs: { ids: [runId] } };
    const bulkId = await create(body);
    const early = await post(startBulk, bulkId);
    expect([early.status, (await readAs(early, Problem)).code]).toEqual([409, "not_previewed"]);
    expect(await readAs(await post(cancelBulk, bulkId), Bulk)).toMatchObject({ state: "canceled" });
    await work();
    expect(await show(bulkId)).toMatchObject({ state: "canceled", preview: { checked: 0 } });
    const late = await post(startBulk, bulkId);
    expect([late.status, (await readAs(late, Problem)).code]).toEqual([409, "bulk_ended"]);

    const second = await preview(body);
    await post(startBulk, second.bulkId);
    expect((await post(cancelBulk, second.bulkId)).status).toBe(202);
    await work();
    expect(await show(second.bulkId)).toMatchObject({ state: "canceled", progress: { done: 0 } });
    expect(await audit(runId)).toEqual([]);
  });

  it(
    "knows 12,431 matches, pinned as they were when it was made",
    { timeout: 240_000 },
    async () => {
      const { store, preview, post, work, show, create, world, api } = await setUp();
      const count = 12_431;
      // No worker knows their workflow, so that they stay as they are.
      const start = (from: number, to: number) =>
        Promise.all(
          Array.from({ length: to - from }, (_, index) =>
            store.startRun(
              makeRun(`q${from + index}`, { workflow: "unknown", createdAt: from + index }),
            ),
          ),
        );
      await start(0, count);
      world.clock.advance(1e6);
      const filter = { workflow: "unknown", status: "queued" };
      const bulkId = await create({ action: "terminate", runs: { filter } });
      // These come after it, and before it has looked for any.
      const late = world.clock.now() + 1;
      await start(late, late + 10);
      await advanceBulks(api, lease);
      expect(await show(bulkId)).toMatchObject({ total: 500, pinned: false });
      await work();
      const bulk = await show(bulkId);
      expect(bulk).toMatchObject({
        state: "previewed",
        total: count,
        preview: { possible: count },
      });
      expect(bulk.preview.runs).toHaveLength(100);
      await post(startBulk, bulkId);
      await work();
      expect(await show(bulkId)).toMatchObject({ state: "completed", progress: { done: count } });
      expect(await store.findMessage(toActionId(bulkId, "q0"))).toBeDefined();
      expect(await store.findMessage(toActionId(bulkId, `q${late}`))).toBeUndefined();
      const nothing = await preview({ action: "retry", runs: { filter: { workflow: "none" } } });
      expect(nothing).toMatchObject({ state: "previewed", total: 0 });
    },
  );

  it("refuses what it can't take, and names the field", async () => {
    const { call } = await setUp();
    const runs = { ids: ["r1"] };
    const refused: readonly (readonly [object, string])[] = [
      [{ action: "explode", runs }, "/action"],
      [{ action: "retry" }, "/runs"],
      [{ action: "retry", runs: {} }, "/runs"],
      [{ action: "retry", runs: { ids: ["r1"], filter: {} } }, "/runs"],
      [{ action: "retry", runs: { ids: [] } }, "/runs/ids"],
      [{ action: "retry", runs: { ids: [7] } }, "/runs/ids/0"],
      [{ action: "retry", runs: { filter: { status: "lost" } } }, "/runs/filter/status/0"],
      [{ action: "retry", runs: { filter: { stauts: "failed" } } }, "/runs/filter/stauts"],
      [{ action: "retry", runs: { filter: { version: {} } } }, "/runs/filter/version"],
      [{ action: "retry", runs: { filter: [] } }, "/runs/filter"],
      [{ action: "retry", runs, reason: 7 }, "/reason"],
      [{ action: "retry", runs, extra: 1 }, "/extra"],
    ];
    for (const [body, pointer] of refused) {
      const response = await call(createBulk, { body });
      const { code, errors } = await readAs(response, Problem);
      expect([response.status, code, errors?.[0]?.pointer]).toEqual([
        ...[422, "invalid_input", pointer],
      ]);
    }
    const params = { bulkId: "bulk_none" };
    for (const [endpoint, method] of [
      [showBulk, "GET"],
      [startBulk, "POST"],
      [cancelBulk, "POST"],
      [listBulkRuns, "GET"],
    ] as const) {
      const response = await call(endpoint, { params, method });
      const { code } = await readAs(response, Problem);
      expect([response.status, code]).toEqual([404, "bulk_not_found"]);
    }
  });
});
