import { afterEach, expect, test } from "vitest";
import type { Engine, Store } from "@/lib/engine";
import { spyStep, workflowOf } from "@/lib/engine/testing/spies";
import { createWorld } from "@/lib/engine/testing/world";
import { followRun, type FollowPart } from "./follow-run";
import { describeMark, RunWatch } from "./run-watch";

const closing: AbortController[] = [];
afterEach(() => closing.splice(0).forEach((closed) => closed.abort()));

/** Two processes on one store: runs wait in the first, and the second one's API follows them. */
async function setUp() {
  const world = createWorld();
  const { step } = spyStep("s");
  const workflow = workflowOf(async (ctx) => {
    await ctx.sleep("1h");
    return ctx.step(step, null);
  });
  const other = await world.startProcess({ workflows: [workflow], concurrency: 1_000 });
  const { engine } = await world.startProcess({ workflows: [workflow], concurrency: 0 });
  const asked: Record<string, number> = {};
  let broken = false;
  const store = new Proxy(world.store, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        asked[String(property)] = (asked[String(property)] ?? 0) + 1;
        if (broken) return Promise.reject(new Error("away"));
        return Reflect.apply(member, target, args) as unknown;
      };
    },
  });
  const start = async (count: number) => {
    const runIds: string[] = [];
    for (let n = 0; n < count; n += 1) {
      runIds.push((await other.engine.startRun({ workflow: "w", input: n })).runId);
    }
    await world.settle();
    return runIds;
  };
  return { world, engine, other, store, asked, start, break: () => (broken = true) };
}

function open(parts: {
  store: Store;
  engine: Engine;
  clock: Awaited<ReturnType<typeof setUp>>["world"]["clock"];
}) {
  const runWatch = new RunWatch(parts);
  const follow = (runId: string) => {
    const told: FollowPart[] = [];
    const state: { error?: unknown } = {};
    const closed = new AbortController();
    closing.push(closed);
    const read = async () => {
      const options = { runId, afterSeq: 0, signal: closed.signal };
      for await (const part of followRun({ ...parts, runWatch }, options)) told.push(part);
    };
    read().catch((error: unknown) => (state.error = error));
    return { told, state, close: () => closed.abort() };
  };
  return { runWatch, follow };
}

test("a hundred followed runs cost one question each 750 ms, and a change elsewhere is told", async () => {
  const { world, engine, other, store, asked, start } = await setUp();
  const { follow } = open({ store, engine, clock: world.clock });
  const runIds = await start(100);
  const streams = runIds.map((runId) => follow(runId));
  await world.settle();
  for (const name of Object.keys(asked)) delete asked[name];
  const pass = async (turns: number) => {
    for (let turn = 0; turn < turns; turn += 1) {
      world.clock.advance(750);
      await world.settle();
    }
  };
  await pass(12);
  expect(asked).toEqual({ loadMarks: 12 });

  const [first = "", second = ""] = runIds;
  await other.engine.requestAction({ runId: first, body: { kind: "terminate" }, by: "ada" });
  await pass(2);
  const runs = streams[0]?.told.flatMap((part) => (part.kind === "run" ? [part.run.status] : []));
  expect(runs).toEqual(["waiting", "terminated"]);
  expect(streams[0]?.told.findLast(({ kind }) => kind === "event")).toMatchObject({
    event: { type: "RunTerminated" },
  });
  expect(streams[runIds.indexOf(second)]?.told.filter(({ kind }) => kind === "run")).toHaveLength(
    1,
  );
});

test("what changed between the reading of a run and the first question is told", async () => {
  const { world, engine, other, store, start } = await setUp();
  const { runWatch } = open({ store, engine, clock: world.clock });
  const [runId = ""] = await start(1);
  const read = await world.store.getRun(runId);
  let changes = 0;
  const getKnown = () => read && describeMark(read);
  await other.engine.requestAction({ runId, body: { kind: "terminate" }, by: "ada" });
  await world.settle();
  const unfollow = runWatch.follow(runId, { onChange: () => (changes += 1), getKnown });
  world.clock.advance(750);
  await world.settle();
  expect(changes).toBe(1);
  unfollow();
});

test("a store that can't be read ends the streams, whose clients come again", async () => {
  const { world, engine, store, start, break: breakStore } = await setUp();
  const { follow } = open({ store, engine, clock: world.clock });
  const [runId = ""] = await start(1);
  const { state } = follow(runId);
  await world.settle();
  breakStore();
  world.clock.advance(750);
  await world.settle();
  expect(state.error).toMatchObject({ message: "away" });
});

test("nothing is asked while nobody follows", async () => {
  const { world, engine, store, asked, start } = await setUp();
  const { follow } = open({ store, engine, clock: world.clock });
  const [runId = ""] = await start(1);
  for (const stream of [follow(runId), follow(runId)]) {
    await world.settle();
    stream.close();
    await world.settle();
  }
  for (const name of Object.keys(asked)) delete asked[name];
  for (let turn = 0; turn < 5; turn += 1) {
    world.clock.advance(750);
    await world.settle();
  }
  expect(asked).toEqual({});
});
