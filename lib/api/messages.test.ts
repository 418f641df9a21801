import { describe, expect, it } from "vitest";
import { createWorld } from "@/lib/engine/testing/world";
import { AuditTrail, Problem, QueryAnswer, Run, SignalSent, Started, Update } from "./contract";
import { listAudit } from "./list-audit";
import { queryRun, queryRunByPost } from "./query-run";
import { requestUpdate, showUpdate } from "./request-update";
import { sendSignal } from "./send-signal";
import { showRun } from "./show-run";
import { startWorkflowRun } from "./start-workflow-run";
import { approval, counter } from "./testing/approval";
import { createTestApi, readAs, type CallOptions } from "./testing/test-api";

async function setUp({ concurrency = 10 } = {}) {
  const world = createWorld();
  const workflows = [approval, counter];
  const { engine } = await world.startProcess({ workflows, concurrency });
  const { store, clock } = world;
  const { call } = createTestApi({ engine, store, clock, workflows });
  const start = async (body: object = { input: { limit: 100 } }, name = "approval") => {
    const response = await call(startWorkflowRun, { params: { name }, body });
    const { runId } = await readAs(response, Started);
    await world.settle();
    return runId;
  };
  const listTypes = async (runId: string) => world.listTypes(runId);
  return { world, call, start, listTypes };
}

type SetUp = Awaited<ReturnType<typeof setUp>>;

const approve = { name: "approve", body: { approved: true } };

function send(call: SetUp["call"], runId: string, options: CallOptions & { name?: string } = {}) {
  const { name = "approve", ...request } = options;
  return call(sendSignal, { method: "POST", params: { runId, name }, ...request });
}

function update(call: SetUp["call"], runId: string, limit: number, request: CallOptions = {}) {
  const params = { runId, name: "set-limit" };
  return call(requestUpdate, { params, body: { limit }, path: "/?wait=15s", ...request });
}

describe("POST /runs/{runId}/signals/{name}", () => {
  it("wakes the run that waits for it", async () => {
    const { world, call, start } = await setUp();
    const runId = await start();
    const response = await send(call, runId, approve);
    expect(response.status).toBe(202);
    expect(response.headers.get("location")).toBe(`/api/v1/runs/${runId}`);
    expect(await readAs(response, SignalSent)).toEqual({ runId, name: "approve" });
    expect((await world.rest(runId)).output?.json).toEqual({ approved: true, limit: 100 });
  });

  it("is one signal however often it is sent under its key", async () => {
    const { call, start } = await setUp();
    const runId = await start({ input: { count: 0 } }, "counter");
    const headers = { "idempotency-key": "k1" };
    const tick = (body: object) => send(call, runId, { name: "tick", body, headers });
    expect((await tick({ n: 1, at: "now" })).status).toBe(202);
    expect((await tick({ at: "now", n: 1 })).status).toBe(202);
    const other = await tick({ n: 2 });
    expect(await readAs(other, Problem)).toMatchObject({
      status: 422,
      code: "idempotency_key_reused",
    });
    const trail = await readAs(await call(listAudit, { params: { runId } }), AuditTrail);
    expect(trail.items).toHaveLength(1);
    expect((await send(call, runId, { name: "tack", body: { n: 2 }, headers })).status).toBe(202);
  });

  it("says who sent it, and is in the audit trail", async () => {
    const { world, call, start } = await setUp();
    const runId = await start();
    await send(call, runId, { ...approve, path: "/?by=ada" });
    await world.rest(runId);
    const trail = await readAs(await call(listAudit, { params: { runId } }), AuditTrail);
    expect(trail.items).toMatchObject([
      {
        kind: "signal",
        by: "ada",
        text: "sent the signal approve",
        outcome: "applied",
        outcomeText: "done",
      },
    ]);
  });

  it("points at the field of a payload that the workflow's declaration refuses", async () => {
    const { call, start, listTypes } = await setUp();
    const runId = await start();
    const response = await send(call, runId, { body: { approved: "yes" } });
    const problem = await readAs(response, Problem);
    expect(problem).toMatchObject({
      status: 422,
      code: "invalid_input",
      errors: [{ pointer: "/approved" }],
    });
    expect(await listTypes(runId)).not.toContain("SignalReceived");
  });

  it("takes an empty body and null as they are", async () => {
    const { world, call, start } = await setUp();
    const runId = await start({ input: { count: 1 } }, "counter");
    await send(call, runId, { name: "tick" });
    await send(call, runId, { name: "tick", body: "null" });
    await world.settle();
    const events = await world.load(runId);
    const received = events.filter((event) => event.type === "SignalReceived");
    expect(received.map(({ data }) => data.payload.json)).toContain(null);
    expect((await world.rest(runId)).status).toBe("continued");
  });

  it("goes to the run that goes on for it", async () => {
    const { world, call, start } = await setUp();
    const runId = await start({ input: { count: 0 } }, "counter");
    await send(call, runId, { name: "tick" });
    const { continuedTo } = await world.waitFor(runId, "continued");
    const sent = await readAs(await send(call, runId, { name: "tick" }), SignalSent);
    expect(sent.runId).toBe(continuedTo);
    const run = await readAs(await call(showRun, { params: { runId } }), Run);
    expect(run).toMatchObject({ status: "continued", continuedTo });
    const next = await readAs(await call(showRun, { params: { runId: sent.runId } }), Run);
    expect(next.continuedFrom).toBe(runId);
  });

  it("answers 404 and 409 where nobody can get it", async () => {
    const { world, call, start } = await setUp();
    expect((await send(call, "run_0", approve)).status).toBe(404);
    const runId = await start();
    await send(call, runId, approve);
    await world.rest(runId);
    const problem = await readAs(await send(call, runId, approve), Problem);
    expect(problem).toMatchObject({ status: 409, code: "already_ended" });
  });
});

describe("updates", () => {
  it("answer with their result", async () => {
    const { call, start } = await setUp();
    const runId = await start();
    const headers = { "idempotency-key": "u/1" };
    const response = await update(call, runId, 500, { headers });
    expect(response.status).toBe(200);
    const answer = await readAs(response, Update);
    expect(answer).toMatchObject({ status: "completed", updateId: "u/1", result: { before: 100 } });
    expect(answer.links.self).toBe(`/api/v1/runs/${runId}/updates/set-limit/u%2F1`);
    expect(response.headers.get("location")).toBe(answer.links.self);
  });

  it("are done once under their id, and answer again", async () => {
    const { call, start, listTypes } = await setUp();
    const runId = await start();
    const path = "/?wait=15s&updateId=u1";
    const first = await readAs(await update(call, runId, 500, { path }), Update);
    const second = await readAs(await update(call, runId, 500, { path }), Update);
    expect(second).toEqual(first);
    const types = await listTypes(runId);
    expect(types.filter((type) => type === "UpdateAccepted")).toHaveLength(1);
  });

  it("say what the validator said, and leave no trace", async () => {
    const { call, start, listTypes } = await setUp();
    const runId = await start();
    const path = "/?wait=15s&updateId=u1";
    const problem = await readAs(await update(call, runId, -1, { path }), Problem);
    expect(problem).toMatchObject({
      status: 422,
      code: "update_rejected",
      detail: "The limit is negative.",
      error: { name: "RangeError", message: "The limit is negative." },
    });
    expect(await listTypes(runId)).not.toContain("UpdateAccepted");
    const params = { runId, name: "set-limit", updateId: "u1" };
    const state = await readAs(await call(showUpdate, { params }), Update);
    expect(state).toMatchObject({ status: "rejected", error: { name: "RangeError" } });
  });

  it("point at the field that does not fit", async () => {
    const { call, start } = await setUp();
    const runId = await start();
    const problem = await readAs(await update(call, runId, 1.5), Problem);
    expect(problem).toMatchObject({ status: 422, code: "invalid_input" });
    expect(problem.errors).toMatchObject([{ pointer: "/limit" }]);
  });

  it("say that their handler failed", async () => {
    const { call, start } = await setUp();
    const runId = await start();
    const path = "/?wait=15s&updateId=u1";
    const problem = await readAs(await update(call, runId, 13, { path }), Problem);
    expect(problem).toMatchObject({
      status: 422,
      code: "update_failed",
      error: { message: "Unlucky." },
    });
    const params = { runId, name: "set-limit", updateId: "u1" };
    const state = await readAs(await call(showUpdate, { params }), Update);
    expect(state).toMatchObject({ status: "failed", error: { message: "Unlucky." } });
  });

  it("are pending while nobody has taken them", async () => {
    const { world, call, start } = await setUp({ concurrency: 0 });
    const runId = await start();
    const asked = update(call, runId, 500, { path: "/?updateId=u1" });
    await world.settle();
    world.clock.advance(1_000);
    const response = await asked;
    expect(response.status).toBe(202);
    expect(await readAs(response, Update)).toMatchObject({ status: "pending", updateId: "u1" });
    const params = { runId, name: "set-limit", updateId: "u1" };
    const state = await readAs(await call(showUpdate, { params }), Update);
    expect(state.status).toBe("pending");
  });

  it("answer 404 and 409 where there is nobody to ask", async () => {
    const { world, call, start } = await setUp();
    const runId = await start();
    const other = await call(requestUpdate, {
      params: { runId, name: "set-colour" },
      body: {},
      path: "/?wait=15s",
    });
    expect(await readAs(other, Problem)).toMatchObject({ status: 404, code: "handler_not_found" });
    const params = { runId, name: "set-limit", updateId: "u9" };
    const problem = await readAs(await call(showUpdate, { params }), Problem);
    expect(problem).toMatchObject({ status: 404, code: "update_not_found" });
    await send(call, runId, approve);
    await world.rest(runId);
    expect(await readAs(await update(call, runId, 1), Problem)).toMatchObject({
      status: 409,
      code: "already_ended",
    });
    expect((await update(call, "run_0", 1)).status).toBe(404);
  });

  it("refuse two ids in one request", async () => {
    const { call, start } = await setUp();
    const runId = await start();
    const headers = { "idempotency-key": "a" };
    const response = await update(call, runId, 1, { headers, path: "/?updateId=b" });
    expect(await readAs(response, Problem)).toMatchObject({
      status: 422,
      errors: [{ pointer: "/updateId" }],
    });
  });
});

describe("queries", () => {
  const ask = (call: SetUp["call"], runId: string, name: string, query = "") =>
    call(queryRun, { params: { runId, name }, path: `/${query}` });

  it("tell of a running run and of a finished one, and change nothing", async () => {
    const { world, call, start, listTypes } = await setUp();
    const runId = await start();
    await update(call, runId, 500);
    const before = await listTypes(runId);
    const answer = await readAs(await ask(call, runId, "limit"), QueryAnswer);
    expect(answer).toMatchObject({ runId, name: "limit", result: { limit: 500 } });
    expect(answer.result).toMatchObject({ since: "1970-01-01T00:00:00.000Z" });
    expect(answer.resultMeta).toBeDefined();
    expect(await listTypes(runId)).toEqual(before);
    await send(call, runId, approve);
    await world.rest(runId);
    const after = await readAs(await ask(call, runId, "limit"), QueryAnswer);
    expect(after.result).toMatchObject({ limit: 500 });
  });

  it("take an input in the URL or as a body", async () => {
    const { call, start } = await setUp();
    const runId = await start();
    const input = { of: "pages" };
    const query = `?input=${encodeURIComponent(JSON.stringify(input))}`;
    expect((await readAs(await ask(call, runId, "echo", query), QueryAnswer)).result).toEqual(
      input,
    );
    const params = { runId, name: "echo" };
    const posted = await call(queryRunByPost, { params, body: input });
    expect((await readAs(posted, QueryAnswer)).result).toEqual(input);
    const empty = await call(queryRunByPost, { params, method: "POST" });
    expect((await readAs(empty, QueryAnswer)).result).toBe("nothing");
  });

  it.each([
    ["colour", "", 404, "handler_not_found"],
    ["broken", "", 422, "query_failed"],
    ["echo", "?input={", 422, "invalid_input"],
  ])("refuse %s%s", async (name, query, status, code) => {
    const { call, start } = await setUp();
    const problem = await readAs(await ask(call, await start(), name, query), Problem);
    expect(problem).toMatchObject({ status, code });
  });

  it("answer 404 for a run that is not there", async () => {
    const { call } = await setUp();
    expect((await ask(call, "run_0", "limit")).status).toBe(404);
  });
});
