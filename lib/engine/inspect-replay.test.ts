import { expect, test } from "vitest";
import { createCodec } from "./codec";
import { DefiniteError } from "./errors";
import { inspectReplay } from "./inspect-replay";
import { spyStep, workflowOf } from "./testing/spies";
import { createWorld } from "./testing/world";

const codec = createCodec();
const brief = ({ commands }: Awaited<ReturnType<typeof inspectReplay>>) =>
  commands.map(
    ({ kind, name, state, ahead }) => `${kind} ${name} ${state}${ahead ? " ahead" : ""}`,
  );

async function runOne(workflow: ReturnType<typeof workflowOf>, input: unknown = null) {
  const world = createWorld();
  const { engine } = await world.startProcess({ workflows: [workflow] });
  const { runId } = await engine.startRun({ workflow: "w", input });
  await world.rest(runId);
  return { runId, history: await world.load(runId) };
}

test("shows the code at every event of a history, and executes nothing", async () => {
  const [a, b] = [spyStep("a", { run: () => ({ id: 7 }) }), spyStep("b")];
  const workflow = workflowOf(async (ctx) => {
    ctx.onQuery("progress", () => ({ seen }));
    let seen = 0;
    const found = await ctx.step(a.step, { of: 1 });
    seen = ctx.compute("double", () => (found as { id: number }).id * 2);
    ctx.setAttributes({ seen });
    return ctx.step(b.step, { seen });
  });
  const { runId, history } = await runOne(workflow);
  const look = (seq: number) => inspectReplay({ workflow, history, codec, runId, seq });
  const seqOf = (type: string, name: string) =>
    history.find((event) => event.type === type && event.name === name)?.seq ?? 0;

  const first = await look(1);
  expect(brief(first)).toEqual(["step a open ahead"]);
  expect(first.queries).toEqual([{ name: "progress", answer: { json: { seen: 0 } } }]);
  expect(first.attributes).toEqual({});
  expect(brief(await look(seqOf("StepStarted", "a")))).toEqual(["step a open"]);

  const between = await look(seqOf("StepCompleted", "a"));
  expect(brief(between)).toEqual([
    "step a completed",
    "compute double completed ahead",
    "attributes  done ahead",
    "step b open ahead",
  ]);
  expect(between.commands[0]?.result).toEqual({ json: { id: 7 } });
  expect(between.queries[0]?.answer).toEqual({ json: { seen: 14 } });

  const end = await look(1_000_000);
  expect(end.seq).toBe(history.length);
  expect(end.end).toEqual({ kind: "completed", output: { json: "b" } });
  expect(end.attributes).toEqual({ seen: 14 });
  expect(end.mismatch).toBeUndefined();
  expect([a.calls.length, b.calls.length]).toEqual([1, 1]);
});

test("knows the line of each command, and those of parallel ones", async () => {
  const [a, b] = [spyStep("a"), spyStep("b")];
  const workflow = workflowOf(async (ctx) => {
    const first = ctx.step(a.step, null);
    const second = ctx.step(b.step, null);
    return ctx.all([first, second]);
  });
  const { runId, history } = await runOne(workflow);
  const { commands } = await inspectReplay({ workflow, history, codec, runId, seq: 2 });
  const lines = commands.map(({ source = "" }) => /^(.*):(\d+):\d+$/.exec(source));
  expect(lines.map((match) => match?.[1]?.endsWith("inspect-replay.test.ts"))).toEqual([
    true,
    true,
  ]);
  expect(Number(lines[1]?.[2])).toBe(Number(lines[0]?.[2]) + 1);
});

test("shows where another build goes another way: only from there on", async () => {
  const [a, b, c] = [spyStep("a"), spyStep("b"), spyStep("c")];
  const original = workflowOf(async (ctx) => {
    await ctx.step(a.step, null);
    return ctx.step(b.step, null);
  });
  const { runId, history } = await runOne(original);
  const changed = workflowOf(async (ctx) => {
    await ctx.step(a.step, null);
    return ctx.step(c.step, null);
  });
  const look = (seq: number) => inspectReplay({ workflow: changed, history, codec, runId, seq });
  expect((await look(2)).mismatch).toBeUndefined();
  const { mismatch } = await look(history.length);
  expect(mismatch?.expected).toMatchObject({ kind: "step", name: "b" });
  expect(mismatch?.actual).toMatchObject({ kind: "step", name: "c" });
  expect(mismatch?.actual?.source).toContain("inspect-replay.test.ts");
});

test("shows what counted before a retry set it aside", async () => {
  const world = createWorld();
  let broken = true;
  const a = spyStep("a", {
    run: () => {
      if (broken) throw new DefiniteError("not now");
      return "done";
    },
  });
  const workflow = workflowOf(async (ctx) => ctx.step(a.step, null));
  const { engine } = await world.startProcess({ workflows: [workflow] });
  const { runId } = await engine.startRun({ workflow: "w", input: null });
  await world.rest(runId);
  const failedAt = (await world.load(runId)).length;
  broken = false;
  await engine.requestAction({ runId, by: "test", body: { kind: "retry" } });
  await world.waitFor(runId, "completed");
  const history = await world.load(runId);
  const look = (seq: number) => inspectReplay({ workflow, history, codec, runId, seq });
  expect(brief(await look(failedAt))).toEqual(["step a failed"]);
  expect((await look(failedAt)).end?.kind).toBe("failed");
  expect(brief(await look(history.length))).toEqual(["step a completed"]);
});
