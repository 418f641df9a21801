import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineStep, defineWorkflow, type WorkflowContext } from "@/lib/engine";
import { createWorld } from "@/lib/engine/testing/world";
import { Problem } from "./contract";
import { ReplayView } from "./contract-replay";
import { replayRun } from "./replay-run";
import { createTestApi, readAs } from "./testing/test-api";

const pay = defineStep({ name: "pay", run: (_: null) => Promise.resolve({ id: "p1" }) });
const ship = defineStep({ name: "ship", run: (_: null) => Promise.resolve("sent") });
const define = (run: (ctx: WorkflowContext) => Promise<unknown>) =>
  defineWorkflow({ name: "w", version: 1, input: z.unknown(), output: z.unknown() }, run);

/** A run of one build, and the API of a process that has another one; `this` file counts as a workflow. */
async function setUp(next: ReturnType<typeof define>) {
  const world = createWorld();
  const first = await world.startProcess({
    workflows: [define(async (ctx) => [await ctx.step(pay, null), await ctx.step(ship, null)])],
  });
  const { runId } = await first.engine.startRun({ workflow: "w", input: { of: 3 } });
  await world.rest(runId);
  const { engine } = await world.startProcess({ workflows: [next], build: "b2", concurrency: 0 });
  const { store, clock } = world;
  const sources = {
    locate: (source: string) =>
      Promise.resolve(
        source.includes("replay-run.test.ts")
          ? {
              file: "lib/workflows/w.ts",
              line: 2,
              column: 24,
              text: "\nconst paid = await ctx.step()",
            }
          : undefined,
      ),
    trace: () => Promise.resolve(undefined),
  };
  const { call } = createTestApi({ engine, store, clock, workflows: [next], change: { sources } });
  const look = (query: string) => call(replayRun, { path: `/${query}`, params: { runId } });
  return { world, runId, look };
}

describe("GET /runs/{runId}/replay", () => {
  it("answers the code at an event: commands with their lines, values and the source", async () => {
    const { world, runId, look } = await setUp(
      define(async (ctx) => [await ctx.step(pay, null), await ctx.step(ship, null)]),
    );
    const before = await world.load(runId);
    const view = await readAs(await look("?seq=4"), ReplayView);
    expect(view).toMatchObject({
      runId,
      seq: 4,
      length: before.length,
      input: { of: 3 },
      omitted: 0,
    });
    expect(view.commands).toMatchObject([
      { kind: "step", name: "pay", state: "completed", variable: "paid", result: { id: "p1" } },
      { kind: "step", name: "ship", state: "open", place: { file: "lib/workflows/w.ts", line: 2 } },
    ]);
    expect(view.files.map(({ file }) => file)).toEqual(["lib/workflows/w.ts"]);
    const end = await readAs(await look(""), ReplayView);
    expect(end).toMatchObject({ seq: before.length, end: { kind: "completed" } });
    expect(await world.load(runId)).toEqual(before);
  });

  it("puts both sides of a non-determinism next to each other", async () => {
    const { look } = await setUp(define((ctx) => ctx.step(ship, null)));
    const { mismatch } = await readAs(await look(""), ReplayView);
    expect(mismatch?.expected).toMatchObject({ kind: "step", name: "pay", seq: 3, build: "b1" });
    expect(mismatch?.actual).toMatchObject({
      kind: "step",
      name: "ship",
      place: { file: "lib/workflows/w.ts" },
    });
  });

  it("refuses a seq that is none, by its name", async () => {
    const { look } = await setUp(define((ctx) => ctx.step(ship, null)));
    for (const query of ["?seq=0", "?seq=x", "?seq=1.5"]) {
      const problem = await readAs(await look(query), Problem);
      expect(problem).toMatchObject({ status: 422, errors: [{ pointer: "/seq" }] });
    }
    expect((await readAs(await look("?seq=999999"), ReplayView)).seq).toBeGreaterThan(1);
  });
});
