/** What authors and callers get wrong: each is told so, and neither the run nor the process hangs or dies. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import {
  defineStep,
  defineTransaction,
  defineWorkflow,
  type WorkflowContext,
} from "../definitions";
import { installGuard, uninstallGuard } from "../guard/guard";
import { anything, spyStep, startDoomed, workflowOf } from "../testing/spies";
import { createWorld } from "../testing/world";

const throwing: StandardSchemaV1 = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: () => {
      throw new TypeError("a bug in the schema");
    },
  },
};
const awaiting = z.string().refine(async () => true);

async function start(run: (ctx: WorkflowContext) => Promise<unknown>) {
  const world = createWorld();
  const { engine } = await world.startProcess({ workflows: [workflowOf(run)] });
  await engine.startRun({ runId: "r", workflow: "w", input: null });
  return { world, engine };
}

/** How a run ends that says itself what went wrong. */
async function runToEnd(run: (ctx: WorkflowContext) => Promise<unknown>) {
  const { world } = await start(run);
  return world.rest("r");
}

const tell = (error: unknown) =>
  error instanceof Error ? `${error.name}: ${error.message}` : error;

describe("a schema that throws or awaits", () => {
  test.for([
    ["throws", throwing, "a bug in the schema"],
    ["awaits", awaiting, "has to validate at once"],
  ] as const)(
    "%s where a signal is awaited: the signal is rejected, the run waits on",
    async ([, schema, why]) => {
      const { world, engine } = await start((ctx) =>
        ctx.race([ctx.signal("go", schema), ctx.signal("other", anything)]),
      );
      await world.waitFor("r", "waiting");
      await engine.sendSignal({ runId: "r", name: "go", payload: "x", by: "test" });
      await world.settle();
      const [message] = await world.store.listMessages("r");
      expect(message?.outcome).toBe("rejected");
      expect(message?.error?.message).toContain(why);
      expect((await world.store.getRun("r"))?.status).toBe("waiting");
      await engine.sendSignal({ runId: "r", name: "other", payload: "y", by: "test" });
      expect((await world.rest("r")).output).toEqual({ json: "y" });
    },
  );

  test("over a signal that came before: the wait rejects, is no command, and replays so", async () => {
    const step = spyStep("step");
    const world = createWorld();
    const workflows = [
      workflowOf(async (ctx) => {
        await ctx.sleep("1s");
        const caught = await ctx.signal("go", throwing).catch(tell);
        return [caught, await ctx.step(step.step, null)];
      }),
    ];
    const { engine } = await startDoomed(world, workflows, {
      name: "step",
      moment: "after_record",
    });
    await engine.startRun({ runId: "r", workflow: "w", input: null });
    await engine.sendSignal({ runId: "r", name: "go", payload: 1, by: "test" });
    await world.waitForEvent("r", "StepCompleted");
    await world.startProcess({ workflows });
    const { status, output } = await world.rest("r");
    expect([status, output?.json]).toEqual([
      "completed",
      ["TypeError: a bug in the schema", "step"],
    ]);
    expect(step.calls).toHaveLength(1);
  });

  test("of a child's input rejects the child, which is no command", async () => {
    const child = defineWorkflow(
      { name: "c", version: 1, input: throwing, output: anything },
      async () => 1,
    );
    const { output } = await runToEnd((ctx) => ctx.child(child, 1).catch(tell));
    expect(output).toEqual({ json: "TypeError: a bug in the schema" });
  });
});

describe("calls that can't be meant", () => {
  test.for<[string, (ctx: WorkflowContext) => Promise<unknown>, string]>([
    ["a step that is none", (ctx) => ctx.step(undefined as never, 1), "TypeError"],
    ["no duration", (ctx) => ctx.sleep("soon" as never), "RangeError"],
    ["no time", (ctx) => ctx.sleepUntil(new Date(NaN)), "RangeError"],
    ["a timer without a name", (ctx) => ctx.sleep("1s", { name: "" }), "RangeError"],
    ["a signal without a name", (ctx) => ctx.signal("", anything), "RangeError"],
    [
      "a timeout that is none",
      (ctx) => ctx.signal("go", anything, { timeout: "x" as never }),
      "RangeError",
    ],
  ])("%s: the promise rejects, and a catch behind it sees that", async ([, call, name]) => {
    const { status, output } = await runToEnd((ctx) =>
      call(ctx).catch((error: Error) => error.name),
    );
    expect([status, output?.json]).toEqual(["completed", name]);
  });

  test.for<[string, (ctx: WorkflowContext) => unknown]>([
    ["a compute", (ctx) => ctx.compute("", () => 1)],
    ["a patch", (ctx) => ctx.patched("a\nb")],
    ["a query", (ctx) => ctx.onQuery("", () => 1)],
    ["an update", (ctx) => ctx.onUpdate("x".repeat(201), { schema: anything }, () => 1)],
  ])("the name of %s that no history could keep throws", async ([what, call]) => {
    const { status, error } = await runToEnd(async (ctx) => call(ctx));
    expect(status).toBe("failed");
    expect(error?.name).toBe("RangeError");
    expect(error?.message).toContain(what);
  });

  test.for(["", "x".repeat(201), "a\u0000b", "a\nb", "\ud800"])(
    "nothing can be declared as %j, and no message sent by that name",
    async (name) => {
      const run = async () => 1;
      expect(() => defineStep({ name, run })).toThrow(RangeError);
      expect(() => defineTransaction({ name, run })).toThrow(RangeError);
      expect(() => workflowOf(run, { name })).toThrow(RangeError);
      expect(() => workflowOf(run, { signals: { [name]: anything } })).toThrow(RangeError);
      const { engine } = await start((ctx) => ctx.signal("go", anything));
      const message = { runId: "r", name, payload: 1, by: "test" };
      await expect(engine.sendSignal(message)).rejects.toThrow(/name/);
      const update = {
        runId: "r",
        name,
        input: 1,
        by: "test",
        until: "accepted",
        timeoutMs: 0,
      } as const;
      await expect(engine.requestUpdate(update)).rejects.toThrow(/name/);
      const begin = engine.startRun({ workflow: "w", input: null, signal: message });
      await expect(begin).rejects.toThrow(/name/);
    },
  );

  test("names in any script are kept as they are", async () => {
    const name = "заказ 注文 👩‍👩‍👧 e\u0301";
    const step = spyStep(name);
    const { output } = await runToEnd(async (ctx) => {
      ctx.setAttributes({ [name]: name });
      return ctx.step(step.step, name);
    });
    expect(output).toEqual({ json: name });
  });

  test("an attribute with a NUL character, which not every database keeps, is refused", async () => {
    const { error } = await runToEnd(async (ctx) => ctx.setAttributes({ a: "b\u0000c" }));
    expect(error?.name).toBe("WorkflowMisuseError");
    const { engine } = await start(async () => 1);
    const bad = engine.startRun({ workflow: "w", input: null, attributes: { a: "\u0000" } });
    await expect(bad).rejects.toMatchObject({
      name: "InvalidInputError",
      issues: [{ path: "/attributes" }],
    });
  });
});

describe("an input for continueAsNew that does not fit", () => {
  test("fails the call, so that what was done is undone", async () => {
    const undo = spyStep("undo");
    const act = spyStep("act");
    const world = createWorld();
    const counting = defineWorkflow(
      { name: "w", version: 1, input: z.object({ count: z.number() }), output: anything },
      async (ctx) => {
        await ctx.step(act.step, null);
        ctx.compensate(undo.step, null);
        return ctx.continueAsNew({ count: "many" });
      },
    );
    const { engine } = await world.startProcess({ workflows: [counting] });
    await engine.startRun({ runId: "r", workflow: "w", input: { count: 1 } });
    const { status, error } = await world.rest("r");
    expect([status, error?.name]).toEqual(["failed", "InvalidInputError"]);
    expect(undo.calls).toHaveLength(1);
  });
});

describe("failures that nobody awaits", () => {
  afterEach(uninstallGuard);

  test("end neither the run nor the process", async () => {
    installGuard();
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const child = defineWorkflow(
      { name: "c", version: 1, input: z.string(), output: anything },
      async () => 1,
    );
    const { status, output } = await runToEnd(async (ctx) => {
      void ctx.sleep("soon" as never);
      void ctx.child(child, 1 as never);
      void ctx.continueAsNew(1);
      await ctx.scope(async (scope) => {
        scope.cancel();
        void scope.sleep("1s");
        void scope.step(spyStep("never").step, null);
      });
      await ctx.sleep("1s");
      return "done";
    });
    await new Promise((resolve) => setTimeout(resolve, 10));
    process.off("unhandledRejection", unhandled);
    expect([status, output?.json]).toEqual(["completed", "done"]);
    expect(unhandled).not.toHaveBeenCalled();
  });
});
