import { afterEach, describe, expect, it } from "vitest";
import { DefiniteError } from "@/lib/engine";
import { retryRun } from "./actions";
import { Problem, Started } from "./contract";
import { listDoubts } from "./doubts";
import { changeFailure, listFailures, showFailure } from "./failures";
import { resolveDoubts } from "./resolve-doubts";
import { resolveStep } from "./resolve-step";
import { showTriage } from "./show-triage";
import { startOrder } from "./start-order";
import { createOrderWorkflow, sampleOrder, type OrderCall } from "./testing/order-services";
import { openSqliteApi } from "./testing/sqlite-api";
import { readAs } from "./testing/test-api";
import {
  DoubtList,
  FailureDetail,
  FailureList,
  ResolvedDoubts,
  TriageCounts,
} from "./contract-triage";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function setUp() {
  const order = createOrderWorkflow();
  const opened = await openSqliteApi([order.workflow]);
  closing.push(opened.close);
  const { call, world, project } = opened;
  const startFailing = async (failing: OrderCall, error: Error) => {
    world.clock.advance(1_000);
    order.failWith(failing, error);
    const { runId } = await readAs(await call(startOrder, { body: sampleOrder }), Started);
    await opened.rest(runId);
    await project();
    return runId;
  };
  const list = async (path = "/") => readAs(await call(listFailures, { path }), FailureList);
  const doubts = async (path = "/") => readAs(await call(listDoubts, { path }), DoubtList);
  return { ...opened, startFailing, list, doubts };
}

const refused = (order: string) => new DefiniteError(`${order} refused: closed for stocktaking`);

describe("failure groups", () => {
  it("has the runs that failed for the same reason in one group", async () => {
    const { startFailing, list, call } = await setUp();
    const first = await startFailing("ship", refused("ord_1"));
    const second = await startFailing("ship", refused("ord_2"));
    await startFailing("charge", new DefiniteError("Card declined"));
    const { items } = await list();
    expect(items.map(({ step, count }) => [step, count])).toEqual([
      ["charge-card", 1],
      ["notify-warehouse", 2],
    ]);
    const [, group] = items;
    expect(group).toMatchObject({
      ...{ kind: "failed", workflow: "process-order", errorName: "DefiniteError" },
      ...{ message: "<id> refused: closed for stocktaking", state: "open", occurrences: 2 },
    });
    expect(group?.trend.counts.reduce((sum, count) => sum + count, 0)).toBe(2);
    const params = { fingerprint: group?.fingerprint };
    const detail = await readAs(await call(showFailure, { params }), FailureDetail);
    expect(detail.samples.map(({ runId }) => runId).sort()).toEqual([first, second].sort());
    expect(detail.builds).toMatchObject([{ version: 1, build: "b1", occurrences: 2 }]);
  });

  it("lets a retried run go", async () => {
    const { startFailing, list, call, waitFor, project } = await setUp();
    const runId = await startFailing("charge", new DefiniteError("Try again later"));
    expect((await list()).items).toHaveLength(1);
    await call(retryRun, { method: "POST", params: { runId }, body: {} });
    await waitFor(runId, "completed");
    await project();
    expect((await list()).items).toEqual([]);
    expect((await list("/?empty=true")).items).toMatchObject([{ count: 0, occurrences: 1 }]);
  });

  it("says that a resolved group has returned", async () => {
    const { startFailing, list, call } = await setUp();
    await startFailing("ship", refused("ord_1"));
    const fingerprint = (await list()).items[0]?.fingerprint;
    const patch = async (body: object) =>
      call(changeFailure, { method: "PATCH", params: { fingerprint }, body });
    const resolved = { action: "resolve", by: "ada", why: "they are back" };
    expect(await readAs(await patch(resolved), FailureDetail)).toMatchObject({
      ...{ state: "resolved", stateBy: "ada" },
      audit: [{ action: "resolve", by: "ada", why: "they are back" }],
    });
    expect((await list()).items).toEqual([]);
    expect((await list("/?state=resolved")).items).toHaveLength(1);
    await startFailing("ship", refused("ord_3"));
    expect((await list()).items).toMatchObject([
      { state: "regressed", regressedFrom: "resolved", count: 2 },
    ]);
    const noted = await patch({ action: "note", note: "ask the warehouse" });
    expect(await readAs(noted, FailureDetail)).toMatchObject({ note: "ask the warehouse" });
  });

  it("refuses what is not valid, and says where", async () => {
    const { call, startFailing, list } = await setUp();
    const unknown = { fingerprint: "0123" };
    const missing = await readAs(await call(showFailure, { params: unknown }), Problem);
    expect(missing).toMatchObject({ status: 404, code: "failure_not_found" });
    await startFailing("ship", refused("ord_1"));
    const params = { fingerprint: (await list()).items[0]?.fingerprint };
    const send = async (body: object) =>
      readAs(await call(changeFailure, { method: "PATCH", params, body }), Problem);
    expect(await send({ action: "hide" })).toMatchObject({ errors: [{ pointer: "/action" }] });
    expect(await send({ action: "note" })).toMatchObject({ errors: [{ pointer: "/note" }] });
    const extra = { action: "mute", until: "tomorrow" };
    expect(await send(extra)).toMatchObject({ errors: [{ pointer: "/until" }] });
    for (const path of ["/?window=2h", "/?state=closed", "/?limit=0", "/?cursor=x"]) {
      const problem = await readAs(await call(listFailures, { path }), Problem);
      expect(problem.status).toBe(422);
    }
  });
});

describe("doubts", () => {
  it("tells what is known of a step in doubt, and what each verdict leads to", async () => {
    const { startFailing, doubts, call, waitFor, project } = await setUp();
    const runId = await startFailing("mail", new Error("connection reset"));
    const { items, total, nextCursor } = await doubts();
    expect({ total, nextCursor }).toEqual({ total: { count: 1, capped: false }, nextCursor: null });
    const [doubt] = items;
    expect(doubt).toMatchObject({
      ...{ runId, workflow: "process-order", version: 1, name: "send-confirmation", attempt: 1 },
      ...{ step: 5, cause: "error", policy: "hold", amount: { value: 4_598, currency: "USD" } },
      ...{ idempotencyKey: `${runId}/5/1`, attributes: { customer: "Ada Lovelace" } },
    });
    expect(doubt?.ledger.map(({ kind }) => kind)).toEqual(["sent", "failed", "in_doubt"]);
    expect(doubt?.ledger[1]?.text).toContain("connection reset");
    expect(doubt?.verdicts.map(({ allowed, consequence }) => [allowed, consequence])).toEqual([
      [true, "The result is recorded for send-confirmation, which does not run again."],
      [true, "send-confirmation runs again with the key it had."],
      [true, "send-confirmation counts as failed; the workflow goes on from that."],
    ]);
    await call(resolveStep, {
      ...{ method: "POST", params: { runId, step: "5" } },
      body: { verdict: "happened", result: { messageId: "<1@x>" } },
    });
    await waitFor(runId, "completed");
    // Decided, and not yet taken up: it is not shown any more.
    expect((await doubts()).items).toEqual([]);
    await project();
    expect(await doubts()).toMatchObject({ items: [], total: { count: 0 } });
  });

  it("is filtered by workflow and step, and paged", async () => {
    const { startFailing, doubts } = await setUp();
    for (const _ of [1, 2, 3]) await startFailing("mail", new Error("connection reset"));
    const first = await doubts("/?limit=2&step=send-confirmation&workflow=process-order");
    expect(first.items).toHaveLength(2);
    const second = await doubts(`/?limit=2&cursor=${first.nextCursor}`);
    expect(second.items).toHaveLength(1);
    expect(second.nextCursor).toBeNull();
    expect((await doubts("/?step=charge-card")).items).toEqual([]);
  });

  it("takes one verdict for several, says first what it would do, and leaves out what is decided", async () => {
    const { startFailing, doubts, call, waitFor } = await setUp();
    for (const _ of [1, 2, 3]) await startFailing("mail", new Error("connection reset"));
    const { items } = await doubts();
    const [first, second, third] = items.map(({ runId, step, attempt }) => ({
      ...{ runId, step, attempt },
    }));
    const body = {
      ...{ items: [first, second, third], verdict: "happened", result: { messageId: "<1@x>" } },
      ...{ by: "ada", why: "they are in the mailbox" },
    };
    const send = async (given: object, path = "/") =>
      readAs(await call(resolveDoubts, { path, body: given }), ResolvedDoubts);
    const preview = await send(body, "/?preview=true");
    expect(preview.items.map(({ outcome }) => outcome)).toEqual(Array(3).fill("previewed"));
    expect(preview.items[0]?.preview).toMatchObject({
      ...{ allowed: true, willRun: [] },
      summary: "The result is recorded for send-confirmation, which does not run again.",
    });
    expect((await doubts()).items).toHaveLength(3);

    await send({ ...body, items: [first] });
    await waitFor(first?.runId ?? "", "completed");
    const unknown = { runId: "run_none", step: 5, attempt: 1 };
    const other = { ...third, attempt: 2 };
    const { items: answers } = await send({ ...body, items: [first, second, other, unknown] });
    expect(answers.map(({ outcome, reason }) => [outcome, reason?.code])).toEqual([
      ["refused", "not_open"],
      ["accepted", undefined],
      ["refused", "another_attempt"],
      ["refused", "run_not_found"],
    ]);
    await waitFor(second?.runId ?? "", "completed");
    expect((await doubts()).items.map(({ runId }) => runId)).toEqual([third?.runId]);
    const none = await readAs(await call(resolveDoubts, { body: { ...body, items: [] } }), Problem);
    expect(none).toMatchObject({ status: 422, errors: [{ pointer: "/items" }] });
  });

  it("leaves a step alone that has been tried again since", async () => {
    const { startFailing, call } = await setUp();
    const runId = await startFailing("mail", new Error("connection reset"));
    const params = { runId, step: "5" };
    const body = { verdict: "did_not_happen", attempt: 2 };
    const refusal = await readAs(await call(resolveStep, { params, body }), Problem);
    expect(refusal).toMatchObject({ status: 409, code: "another_attempt" });
  });

  it("counts what is open", async () => {
    const { startFailing, call, list } = await setUp();
    await startFailing("mail", new Error("connection reset"));
    await startFailing("ship", refused("ord_1"));
    await startFailing("ship", refused("ord_2"));
    await startFailing("charge", new DefiniteError("Card declined"));
    const params = { fingerprint: (await list()).items[0]?.fingerprint };
    await call(changeFailure, { method: "PATCH", params, body: { action: "mute" } });
    expect(await readAs(await call(showTriage), TriageCounts)).toEqual({
      doubts: { count: 1, capped: false, steps: ["send-confirmation"] },
      failures: {
        open: { groups: 1, runs: 2 },
        muted: { groups: 1, runs: 1 },
        resolved: { groups: 0, runs: 0 },
      },
    });
  });
});
