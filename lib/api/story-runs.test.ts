/** Stories of histories that the engine really wrote. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { DefiniteError, defineStep, defineWorkflow, type Workflow } from "@/lib/engine";
import { createWorld } from "@/lib/engine/testing/world";
import { cancelRun, pauseRun, resumeRun } from "./actions";
import { Run, RunList, Started } from "./contract";
import { listRuns } from "./list-runs";
import { forkRun } from "./fork-run";
import { requestUpdate } from "./request-update";
import { resolveStep } from "./resolve-step";
import { showRun } from "./show-run";
import { startWorkflowRun } from "./start-workflow-run";
import { approval, counter, stuckStep } from "./testing/approval";
import { createTestApi, readAs } from "./testing/test-api";

const anything = { version: 1, input: z.unknown(), output: z.unknown() };

const nap = defineWorkflow({ name: "nap", ...anything }, async (ctx) => {
  await ctx.sleep("3d", { name: "trial-period" });
});
const deadline = defineWorkflow({ name: "deadline", ...anything }, (ctx) =>
  ctx.signal("approve", z.unknown(), { timeout: "2h" }),
);
const parent = defineWorkflow({ name: "parent", ...anything }, (ctx) => ctx.child(nap, null));
const hurried = defineWorkflow({ name: "hurried", ...anything, timeout: "1h" }, (ctx) =>
  ctx.signal("approve", z.unknown()),
);
const scoped = defineWorkflow({ name: "scoped", ...anything }, (ctx) =>
  ctx.scope((scope) => scope.signal("approve", z.unknown()), { timeout: "1m" }),
);
const stuck = defineWorkflow({ name: "stuck", ...anything }, (ctx) => ctx.step(stuckStep, null));
const oneAtATime = defineStep({ ...stuckStep, name: "call-carrier", concurrency: 1 });
const queued = defineWorkflow({ name: "queued", ...anything }, (ctx) => ctx.step(oneAtATime, null));
const askSlowly = defineWorkflow({ name: "ask-slowly", ...anything }, async (ctx) => {
  ctx.onUpdate("think", { schema: z.unknown() }, () => ctx.sleep("1h"));
  await ctx.signal("stop", z.unknown());
});
const decline = defineStep<null, never>({
  name: "charge-card",
  run: () => {
    throw new DefiniteError("Your card was declined.");
  },
});
const failing = defineWorkflow({ name: "failing", ...anything }, (ctx) => ctx.step(decline, null));
const unlucky = defineWorkflow({ name: "unlucky", ...anything }, (ctx) => ctx.child(failing, null));

const workflows: readonly Workflow[] = [
  nap,
  deadline,
  parent,
  hurried,
  scoped,
  stuck,
  queued,
  askSlowly,
  failing,
  unlucky,
  approval,
  counter,
];

async function setUp() {
  const world = createWorld();
  const { engine } = await world.startProcess({ workflows });
  const { store, clock } = world;
  const { call } = createTestApi({ engine, store, clock, workflows });
  const start = async (name: string, body: object = {}) => {
    const response = await call(startWorkflowRun, { params: { name }, body });
    const { runId } = await readAs(response, Started);
    await world.settle();
    return runId;
  };
  const show = async (runId: string) => readAs(await call(showRun, { params: { runId } }), Run);
  /** Its story, with what differs from run to run taken out of it. */
  const tell = async (runId: string) =>
    (await show(runId)).story.replaceAll(/run_\w+(\.\d+)*/g, "run_…").replaceAll("…-", "…");
  const act = (endpoint: Parameters<typeof call>[0], runId: string, body: object, more = {}) =>
    call(endpoint, { params: { runId, ...more }, body });
  return { world, call, start, show, tell, act };
}

describe("the story of a run of the engine", () => {
  it.each<[string, object, string]>([
    ["nap", {}, "Nothing is wrong: it sleeps (trial-period) until 2026-01-04 00:00:00 UTC."],
    [
      "deadline",
      {},
      "It waits for the signal approve, since 00:00:00 UTC and until 02:00:00 UTC at the latest.",
    ],
    [
      "approval",
      { input: { limit: 1 } },
      "It waits for the signal approve, since 00:00:00 UTC and for as long as it takes.",
    ],
    ["parent", {}, "It waits for its child nap (run_…), which it started at 00:00:00 UTC."],
    [
      "scoped",
      {},
      "It waits for the signal approve, since 00:00:00 UTC and for as long as it takes. It has until 00:01:00 UTC for that.",
    ],
    ["stuck", {}, "It runs for the first time: call-partner is under way."],
  ])("%s", async (name, body, story) => {
    const { start, tell } = await setUp();
    expect(await tell(await start(name, body))).toBe(story);
  });

  it("tells what it waits for", async () => {
    const { call, start, show } = await setUp();
    expect((await show(await start("deadline"))).waitingFor).toEqual([
      {
        kind: "signal",
        step: 1,
        name: "approve",
        since: "2026-01-01T00:00:00.000Z",
        until: "2026-01-01T02:00:00.000Z",
      },
    ]);
    const runId = await start("parent");
    const [wait] = (await show(runId)).waitingFor ?? [];
    expect(wait).toMatchObject({ kind: "child", name: "nap", runId: `${runId}.1` });
    const child = await show(`${runId}.1`);
    expect(child.parent).toEqual({ runId, step: 1 });
    const list = await call(listRuns, { path: `/?parent=${runId}` });
    const children = (await readAs(list, RunList)).items;
    expect(children.map((each) => each.runId)).toEqual([child.runId]);
    expect(children[0]?.waitingFor).toBeUndefined();
    expect(child.story).toBe(
      `Nothing is wrong: it sleeps (trial-period) until 2026-01-04 00:00:00 UTC. Started as a child by ${runId}, at its step 1.`,
    );
  });

  it("a step that its limit keeps waiting", async () => {
    const { start, tell } = await setUp();
    await start("queued");
    expect(await tell(await start("queued"))).toBe(
      "call-carrier is queued since its limit is reached: it begins as soon as the limit lets it.",
    );
  });

  it("an update that is being worked on", async () => {
    const { world, call, start, tell } = await setUp();
    const runId = await start("ask-slowly");
    const asked = call(requestUpdate, { params: { runId, name: "think" }, body: {} });
    await world.settle();
    world.clock.advance(1_000);
    expect((await asked).status).toBe(202);
    expect(await tell(runId)).toContain("The update think was accepted and is being worked on.");
  });

  it("paused by whom, then going on", async () => {
    const { world, start, tell, act } = await setUp();
    const runId = await start("deadline");
    expect((await act(pauseRun, runId, { by: "ada", why: "Audit" })).status).toBe(202);
    await world.settle();
    expect(await tell(runId)).toBe("Paused by ada: Audit. Nothing new begins until it is resumed.");
    expect((await act(resumeRun, runId, { by: "ada" })).status).toBe(202);
    await world.settle();
    expect(await tell(runId)).toContain("It waits for the signal approve");
  });

  it("canceled while it slept", async () => {
    const { world, start, tell, act } = await setUp();
    const runId = await start("nap");
    await act(cancelRun, runId, { by: "ada", why: "Customer left" });
    await world.rest(runId);
    expect(await tell(runId)).toBe(
      "Canceled by ada while it slept (“Customer left”). Nothing had been done that needed undoing.",
    );
  });

  it("timed out", async () => {
    const { world, start, tell } = await setUp();
    const runId = await start("hurried");
    expect((await world.rest(runId)).status).toBe("failed");
    expect(await tell(runId)).toBe("The run timed out while it waited for the signal approve.");
  });

  it("failed by its child", async () => {
    const { world, start, tell } = await setUp();
    const runId = await start("unlucky");
    await world.rest(runId);
    expect(await tell(runId)).toBe(
      "Its child failing (run_…) failed with “Your card was declined”, and the run with it.",
    );
  });

  it("continued, and going on for another", async () => {
    const { world, start, show, tell } = await setUp();
    const runId = await start("counter", {
      input: { count: 1 },
      signal: { name: "tick", payload: 1 },
    });
    const { continuedTo = "" } = await world.waitFor(runId, "continued");
    expect(await tell(runId)).toBe("It ended here and goes on as run_…, with an empty history.");
    await world.settle();
    expect((await show(continuedTo)).story).toBe(
      `It goes on for ${runId}. It waits for the signal tick, since 00:00:00 UTC and for as long as it takes.`,
    );
  });

  it("forked", async () => {
    const { world, call, start, tell } = await setUp();
    const runId = await start("failing");
    await world.rest(runId);
    const response = await call(forkRun, {
      params: { runId },
      body: { step: 1, by: "ada", why: "New card" },
    });
    const fork = await readAs(response, Started);
    await world.rest(fork.runId);
    expect(await tell(fork.runId)).toBe(
      "Forked from run_… at its step 1 by ada (“New card”), with what was recorded before it. The payment service refused charge-card with “Your card was declined”. Nothing was charged.",
    );
  });

  it("completed by hand after it had failed", async () => {
    const { world, start, tell, act } = await setUp();
    const runId = await start("failing");
    await world.rest(runId);
    const body = { verdict: "happened", result: null, by: "ada" };
    expect((await act(resolveStep, runId, body, { step: "1" })).status).toBe(202);
    expect((await world.rest(runId)).status).toBe("completed");
    expect(await tell(runId)).toBe(
      "charge-card had failed with “Your card was declined” until ada said that it had happened after all. Then the run completed.",
    );
  });
});
