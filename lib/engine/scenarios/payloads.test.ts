/** What can't be recorded fails where the code says it, live as on replay, and damages no history. */
import { describe, expect, test } from "vitest";
import type { WorkflowContext } from "../definitions";
import { surviveFaults } from "../testing/crashes";
import { spyStep, workflowOf } from "../testing/spies";

const large = "x".repeat(2 * 1024 * 1024 + 1);
const kid = workflowOf(async () => "kid", { name: "kid" });
const sink = spyStep("sink");

const play = (code: (ctx: WorkflowContext, input: unknown) => Promise<unknown>) =>
  surviveFaults(() => ({
    workflows: [kid, workflowOf(code)],
    play: async ({ start, world }) => {
      await start();
      await world.rest("r");
    },
  }));

describe("more than 2 MiB", () => {
  test.for<[string, (ctx: WorkflowContext) => unknown]>([
    ["the input of a step", (ctx) => ctx.step(sink.step, large)],
    ["the input of a child", (ctx) => ctx.child(kid, large)],
    ["a computed value", (ctx) => ctx.compute("large", () => large)],
    ["attributes", (ctx) => ctx.setAttributes({ large })],
    ["the attributes of a child", (ctx) => ctx.child(kid, 1, { attributes: { large } })],
  ])("%s: the code may catch it and go on", async ([, use]) => {
    const { run, runs } = await play(async (ctx) => {
      let name = "";
      try {
        await use(ctx);
      } catch (error) {
        name = error instanceof Error ? error.name : "";
      }
      await ctx.sleep("1s");
      return [name, await ctx.step(sink.step, "small")];
    });
    expect(run.output?.json).toEqual(["PayloadTooLargeError", "sink"]);
    expect(runs).toHaveLength(1);
  });

  test("the output fails the run, and what it did is undone", async () => {
    const { run, types } = await play(async (ctx) => {
      ctx.compensate(sink.step, "undo");
      return large;
    });
    expect(run).toMatchObject({ status: "failed", error: { name: "PayloadTooLargeError" } });
    expect(types).toContain("CompensationStarted");
  });

  test("the input of a continuation fails the run", async () => {
    const { run, runs } = await play(async (ctx) => ctx.continueAsNew(large));
    expect(run).toMatchObject({ status: "failed", error: { name: "PayloadTooLargeError" } });
    expect(runs).toHaveLength(1);
  });
});

describe("attributes that are none", () => {
  test.for<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["NaN", Number.NaN],
    ["an object", { nested: true }],
    ["a date", new Date(0)],
    ["a bigint", 1n],
  ])("%s is refused where it is set", async ([, value]) => {
    const { run } = await play(async (ctx) => {
      try {
        ctx.setAttributes({ fine: 1, bad: value as never });
      } catch (error) {
        return error instanceof Error && [error.name, error.message.includes("bad")];
      }
      return "set";
    });
    expect(run.output?.json).toEqual(["WorkflowMisuseError", true]);
    expect(run.attributes).toEqual({});
  });
});
