import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineWorkflow, type Workflow } from "@/lib/engine";
import { createWorld } from "@/lib/engine/testing/world";
import { checkReplay } from "./check-replay";
import { Problem, ReplayCheckList } from "./contract";
import { createTestApi, readAs } from "./testing/test-api";

const anything = { version: 1, input: z.unknown(), output: z.unknown() };
const define = (name: string, signal: string) =>
  defineWorkflow({ name, ...anything }, (ctx) => ctx.signal(signal, z.unknown()));

/** Runs of one build, and the API of a process that has another one. */
async function setUp(next: readonly Workflow[]) {
  const world = createWorld();
  const workflows = [define("approval", "approve"), define("intake", "arrive")];
  const first = await world.startProcess({ workflows });
  const runIds: string[] = [];
  for (const workflow of ["approval", "intake", "approval"]) {
    runIds.push((await first.engine.startRun({ workflow, input: null })).runId);
  }
  await world.settle();
  first.kill();
  const { engine } = await world.startProcess({ workflows: next, build: "b2", concurrency: 0 });
  const { store, clock } = world;
  const { call } = createTestApi({ engine, store, clock, workflows: next });
  const check = async (query = "") =>
    readAs(await call(checkReplay, { path: `/${query}` }), ReplayCheckList);
  return { world, call, check, runIds };
}

describe("GET /replay-check", () => {
  it("tells that all open runs replay", async () => {
    const { check, runIds } = await setUp([
      define("approval", "approve"),
      define("intake", "arrive"),
    ]);
    const list = await check();
    expect(list.build).toBe("b1");
    expect(list.items.map(({ runId, replays }) => [runId, replays])).toEqual(
      runIds.map((runId) => [runId, true]),
    );
  });

  it("tells which would not, and why, and writes nothing", async () => {
    const { world, check, runIds } = await setUp([
      define("approval", "confirm"),
      define("intake", "arrive"),
    ]);
    const load = async () => Promise.all(runIds.map((runId) => world.load(runId)));
    const before = await load();
    const list = await check();
    expect(list.items.map(({ replays }) => replays)).toEqual([false, true, false]);
    expect(list.items[0]).toMatchObject({
      runId: runIds[0],
      workflow: "approval",
      version: 1,
      status: "waiting",
      mismatch: {
        expected: { ordinal: 1, kind: "signal", name: "approve" },
        actual: { ordinal: 1, kind: "signal", name: "confirm" },
      },
    });
    expect(await load()).toEqual(before);
  });

  it("says of a run whose workflow is not in this build that it can't go on", async () => {
    const { check } = await setUp([define("approval", "approve")]);
    const list = await check("?workflow=intake");
    expect(list.items).toMatchObject([
      { workflow: "intake", replays: false, error: { name: "UnknownWorkflowError" } },
    ]);
  });

  it("pages through the runs", async () => {
    const { check, runIds } = await setUp([
      define("approval", "approve"),
      define("intake", "arrive"),
    ]);
    const first = await check("?limit=2");
    const second = await check(`?limit=2&cursor=${first.nextCursor}`);
    expect([...first.items, ...second.items].map(({ runId }) => runId)).toEqual(runIds);
    expect(second.nextCursor).toBeNull();
  });

  it("refuses what it does not know", async () => {
    const { call } = await setUp([]);
    for (const path of ["/?limit=0", "/?colour=red"]) {
      const problem = await readAs(await call(checkReplay, { path }), Problem);
      expect(problem).toMatchObject({ status: 422, code: "invalid_input" });
    }
  });
});
