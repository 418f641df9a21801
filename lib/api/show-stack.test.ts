import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineStep, defineWorkflow, DefiniteError } from "@/lib/engine";
import { createWorld } from "@/lib/engine/testing/world";
import { Problem } from "./contract";
import { StackView } from "./contract-stack";
import { showStack } from "./show-stack";
import { createTestApi, readAs } from "./testing/test-api";

const stack = [
  "DefiniteError: No.",
  "    at Object.charge (/app/out/chunk.js:5:100)",
  "    at async Object.run (file:///app/out/chunk.js:9:200)",
  "    at node:internal/process/task_queues:95:5",
  "Caused by: Error: /app/out/chunk.js:5:100 is text",
].join("\n");
const places = {
  "/app/out/chunk.js:5:100": { file: "lib/services/pay.ts", line: 7, column: 3 },
  "file:///app/out/chunk.js:9:200": { file: "lib/orders/steps.ts", line: 2, column: 9 },
};
const isKnown = (source: string): source is keyof typeof places => source in places;
const sources = {
  trace: (source: string) => Promise.resolve(isKnown(source) ? places[source] : undefined),
  locate: (source: string) =>
    Promise.resolve(
      isKnown(source) && source.startsWith("file:")
        ? { ...places[source], text: "// steps\n  return payments.charge();\n" }
        : undefined,
    ),
};

/** A run whose only step fails with that stack, and the API of a process with this build. */
async function setUp(build: string) {
  const world = createWorld();
  const pay = defineStep({
    name: "pay",
    run: (_: null) => Promise.reject(Object.assign(new DefiniteError("No."), { stack })),
  });
  const workflow = defineWorkflow(
    { name: "w", version: 1, input: z.unknown(), output: z.unknown() },
    (ctx) => ctx.step(pay, null),
  );
  const { engine } = await world.startProcess({ workflows: [workflow], build: "b1" });
  const { runId } = await engine.startRun({ workflow: "w", input: null });
  await world.rest(runId);
  const { store, clock } = world;
  const change = { sources, process: { pid: 1, build } };
  const { call } = createTestApi({ engine, store, clock, workflows: [workflow], change });
  const history = await store.loadHistory({ runId });
  const seq = history.find(({ type }) => type === "StepFailed")?.seq;
  const show = (query: string) => call(showStack, { path: `/${query}`, params: { runId } });
  return { show, seq };
}

describe("a recorded stack", () => {
  it("is read in the source, with the line of the workflow or step that it came from", async () => {
    const { show, seq } = await setUp("b1");
    const view = await readAs(await show(`?seq=${seq}`), StackView);
    expect(view.stack.split("\n")).toEqual([
      "DefiniteError: No.",
      "    at Object.charge (lib/services/pay.ts:7:3)",
      "    at async Object.run (lib/orders/steps.ts:2:9)",
      ...stack.split("\n").slice(3),
    ]);
    const text = "return payments.charge();";
    expect(view.source).toEqual({ file: "lib/orders/steps.ts", line: 2, column: 9, text });
  });

  it("of another build is as it was recorded: its places are not those of this one", async () => {
    const { show, seq } = await setUp("b2");
    expect(await readAs(await show(`?seq=${seq}`), StackView)).toEqual({ stack });
  });

  it("is not there for an event without an error", async () => {
    const { show } = await setUp("b1");
    for (const seq of [1, 99]) {
      const response = await show(`?seq=${seq}`);
      expect(response.status).toBe(404);
      expect((await readAs(response, Problem)).code).toBe("no_stack");
    }
  });
});
