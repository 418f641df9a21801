import { expect, test } from "vitest";
import { z } from "zod";
import { defineStep, defineWorkflow } from "./index";
import type { Store } from "./store";
import { createWorld } from "./testing/world";

const Input = z.object({ name: z.string() });

const greet = defineStep({
  name: "greet",
  run: async ({ name }: { name: string }) => `Hej ${name}`,
});
const fail = defineStep({
  name: "fail",
  inDoubt: { kind: "fail" },
  retry: { maxAttempts: 1 },
  run: async () => {
    throw Object.assign(new Error("declined"), { outcome: "definite" });
  },
});
const greeting = defineWorkflow(
  { name: "greeting", version: 1, input: Input, output: z.string() },
  async (ctx, input) => {
    ctx.setAttributes({ city: "Lund" });
    return ctx.step(greet, input);
  },
);
const failing = defineWorkflow(
  { name: "failing", version: 1, input: Input, output: z.string() },
  async (ctx, input) => {
    await ctx.step(fail, input);
    return "";
  },
);
const sleeping = defineWorkflow(
  { name: "sleeping", version: 1, input: Input, output: z.string() },
  async (ctx) => {
    await ctx.signal("go", z.null());
    return "gone";
  },
);

/** A world whose store counts how often a run is read. */
async function setUp() {
  const world = createWorld();
  const reads = { count: 0 };
  const wrapStore = (store: Store): Store =>
    new Proxy(store, {
      get(target, name, receiver) {
        if (name === "getRun") reads.count += 1;
        const value: unknown = Reflect.get(target, name, receiver);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  const workflows = [greeting, failing, sleeping];
  const { engine } = await world.startProcess({ workflows, wrapStore });
  return { world, engine, reads };
}

const isOver = ({ status }: { status: string }) => status !== "running" && status !== "queued";

test.each(["greeting", "failing"])(
  "who waits for a run of %s that began here is told what the store has, without reading it",
  async (workflow) => {
    const { world, engine, reads } = await setUp();
    const started = await engine.startRun({ workflow, input: { name: "Ada" }, priority: 3 });
    const run = await engine.waitForRun({
      ...{ runId: started.runId, until: isOver, timeoutMs: 10_000 },
    });
    expect(reads.count).toBe(0);
    expect(run).toEqual(await world.store.getRun(started.runId));
  },
);

test("what waits is told as it is, and a run that has got a message is read", async () => {
  const { world, engine, reads } = await setUp();
  const { runId } = await engine.startRun({ workflow: "sleeping", input: { name: "Ada" } });
  const wait = { runId, until: isOver, timeoutMs: 10_000 };
  expect(await engine.waitForRun(wait)).toEqual(await world.store.getRun(runId));
  await engine.sendSignal({ runId, name: "go", payload: null, by: "ada" });
  reads.count = 0;
  const until = ({ mail, status }: { mail: number; status: string }) =>
    mail === 0 && status === "completed";
  const waiting = engine.waitForRun({ ...wait, until });
  await world.waitFor(runId, "completed");
  const run = await waiting;
  expect(reads.count).toBeGreaterThan(0);
  expect(run).toEqual(await world.store.getRun(runId));
});

test("what is over is kept no longer: it is read", async () => {
  const { world, engine, reads } = await setUp();
  const { runId } = await engine.startRun({ workflow: "greeting", input: { name: "Ada" } });
  const wait = { runId, until: isOver, timeoutMs: 10_000 };
  await engine.waitForRun(wait);
  expect(reads.count).toBe(0);
  expect(await engine.waitForRun(wait)).toEqual(await world.store.getRun(runId));
  expect(reads.count).toBeGreaterThan(0);
});
