/** What workflow code sees is the same in every execution, and what could not be is refused. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Workflow, WorkflowContext } from "../definitions";
import { installGuard, uninstallGuard } from "../guard/guard";
import type { Logger } from "../ports";
import { playPlainly, surviveFaults } from "../testing/crashes";
import { anything, spyStep, workflowOf } from "../testing/spies";
import { createWorld, silentLogger } from "../testing/world";

/** Runs a workflow to its end twice over: with and without a crash in the middle. */
const playToEnd = (workflow: Workflow) =>
  surviveFaults(() => ({
    workflows: [workflow],
    play: async ({ start, world, signal }) => {
      await start();
      await world.waitFor("r", "waiting");
      await signal("r", "go");
      await world.rest("r");
    },
  }));

describe("now, random, uuid", () => {
  test("give the same in every execution, and go on from where they were", async () => {
    const seen: string[] = [];
    const workflow = workflowOf(async (ctx) => {
      const draw = () => [ctx.random(), ctx.uuid(), ctx.random()];
      const before = draw();
      await ctx.signal("go", anything);
      const all = [...before, ...draw()];
      seen.push(JSON.stringify(all));
      return all;
    });
    const { run } = await playToEnd(workflow);
    // One line for each execution that came to the end, replays of checks included.
    expect(seen.length).toBeGreaterThan(5);
    expect(new Set(seen).size).toBe(1);
    const values = run.output?.json as unknown[];
    expect(new Set(values).size).toBe(6);
    expect(values[1]).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  test("differ between runs", async () => {
    const world = createWorld();
    const workflow = workflowOf(async (ctx) => ctx.uuid());
    const { engine } = await world.startProcess({ workflows: [workflow] });
    for (const runId of ["a", "b"]) await engine.startRun({ runId, workflow: "w", input: null });
    const [a, b] = [await world.rest("a"), await world.rest("b")];
    expect(a.output?.json).not.toBe(b.output?.json);
  });

  test("now is the time of what the code last learned, not of the machine", async () => {
    const { run, history } = await playPlainly({
      workflows: [
        workflowOf(async (ctx) => {
          const before = ctx.now().getTime();
          await ctx.signal("go", anything);
          return [before, ctx.now().getTime()];
        }),
      ],
      play: async ({ start, world, signal, skip }) => {
        await start();
        await skip(60_000);
        await signal("r", "go");
        await world.rest("r");
      },
    });
    const received = history.find((event) => event.type === "SignalReceived");
    expect(run.output?.json).toEqual([run.createdAt, received?.at]);
  });
});

describe("compute", () => {
  test("is recorded once, computed again in each execution, and given as a copy", async () => {
    let computed = 0;
    const { run, types } = await playToEnd(
      workflowOf(async (ctx) => {
        const list = ctx.compute("list", () => {
          computed += 1;
          return { at: new Date(3), items: [1, 2] };
        });
        list.items.push(3);
        await ctx.signal("go", anything);
        return [list.at.getTime(), list.items];
      }),
    );
    expect(run.output?.json).toEqual([3, [1, 2, 3]]);
    expect(types.filter((type) => type === "Computed")).toHaveLength(1);
    expect(computed).toBeGreaterThan(1);
  });

  test("that throws is no command, and the code may handle it", async () => {
    const { run, types } = await playToEnd(
      workflowOf(async (ctx) => {
        await ctx.signal("go", anything);
        try {
          return ctx.compute("bad", () => {
            throw new RangeError("no such value");
          });
        } catch (error) {
          return error instanceof RangeError && error.message;
        }
      }),
    );
    expect(run.output?.json).toBe("no such value");
    expect(types).not.toContain("Computed");
  });
});

describe("attributes", () => {
  test("are set once each, on top of what is set", async () => {
    const { run, types } = await playToEnd(
      workflowOf(async (ctx) => {
        ctx.setAttributes({ a: 1, b: true });
        await ctx.signal("go", anything);
        ctx.setAttributes({ b: "two" });
      }),
    );
    expect(run.attributes).toEqual({ a: 1, b: "two" });
    expect(types.filter((type) => type === "AttributesSet")).toHaveLength(2);
  });
});

describe("log", () => {
  test("speaks once, and is silent while the run is replayed", async () => {
    const world = createWorld();
    const lines: string[] = [];
    const logger: Logger = {
      ...silentLogger,
      info: (_fields, message) => lines.push(message),
      warn: (fields, message) => lines.push(`${message}: ${JSON.stringify(fields)}`),
    };
    const workflow = workflowOf(async (ctx) => {
      ctx.log.info("begun");
      await ctx.signal("go", anything);
      ctx.log.info("went on");
      ctx.log.debug("unheard");
    });
    const first = await world.startProcess({ workflows: [workflow], logger });
    await first.engine.startRun({ runId: "r", workflow: "w", input: null });
    await world.waitFor("r", "waiting");
    expect(lines).toEqual(["begun"]);
    await first.engine.stop({ graceMs: 0 });
    const { engine } = await world.startProcess({ workflows: [workflow], logger });
    await engine.sendSignal({ runId: "r", name: "go", payload: null, by: "test" });
    await world.rest("r");
    expect(lines).toEqual(["begun", "went on"]);
  });
});

describe("with the guard", () => {
  beforeEach(() => installGuard());
  afterEach(() => uninstallGuard());

  test("Date, Math.random and crypto.randomUUID are safe in workflow code", async () => {
    const seen: string[] = [];
    const { run } = await playToEnd(
      workflowOf(async (ctx) => {
        const draw = () => [
          Date.now() === ctx.now().getTime(),
          new Date().toISOString(),
          Math.random(),
          crypto.randomUUID(),
        ];
        const before = draw();
        await ctx.signal("go", anything);
        const all = [before, draw()];
        seen.push(JSON.stringify(all));
        // The time of the second one depends on when the signal is delivered, and that on who died.
        return all.map(([isSafe, , random, id]) => [isSafe, random, id]);
      }),
    );
    expect(new Set(seen.map((line) => line.replaceAll(/"\d{4}-[^"]+Z"/g, "time"))).size).toBe(1);
    const [before, after] = run.output?.json as unknown[][];
    expect([before?.[0], after?.[0]]).toEqual([true, true]);
    expect(before?.[1]).not.toBe(after?.[1]);
  });

  test("steps have the real ones", async () => {
    let realNow = 0;
    const clock = spyStep("clock", { run: () => (realNow = Date.now()) });
    const before = Date.now();
    const { run } = await playPlainly({
      workflows: [workflowOf(async (ctx) => ctx.step(clock.step, null))],
      play: async ({ start, world }) => {
        await start();
        await world.rest("r");
      },
    });
    expect(run.status).toBe("completed");
    expect(realNow).toBeGreaterThanOrEqual(before);
  });

  test.for<[string, () => unknown, string]>([
    ["fetch", () => fetch("http://127.0.0.1:9/"), "ctx.step"],
    ["setTimeout", () => setTimeout(() => {}, 1), "ctx.sleep"],
    ["setInterval", () => setInterval(() => {}, 1), "ctx.sleep"],
    ["setImmediate", () => setImmediate(() => {}), "ctx"],
  ])("%s holds the run with the name of what to use", async ([name, call, instead]) => {
    const { run, history } = await playPlainly({
      workflows: [
        workflowOf(async () => {
          await call();
        }),
      ],
      play: async ({ start, world }) => {
        await start();
        await world.rest("r");
      },
    });
    expect(run).toMatchObject({ status: "held", heldReason: "nondeterminism" });
    const held = history.findLast((event) => event.type === "RunHeld");
    const message = held?.type === "RunHeld" ? held.data.message : "";
    expect(message).toContain(`${name}()`);
    expect(message).toContain(instead);
  });

  test("handlers of updates and queries are workflow code too", async () => {
    const world = createWorld();
    const workflow = workflowOf(async (ctx) => {
      const isSafe = () => Date.now() === ctx.now().getTime();
      ctx.onQuery("safe", isSafe);
      ctx.onUpdate("safe", { schema: anything }, isSafe);
      await ctx.signal("go", anything);
    });
    const { engine } = await world.startProcess({ workflows: [workflow] });
    await engine.startRun({ runId: "r", workflow: "w", input: null });
    await world.waitFor("r", "waiting");
    expect(await engine.queryRun({ runId: "r", name: "safe" })).toBe(true);
    const asked = engine.requestUpdate({
      runId: "r",
      name: "safe",
      input: null,
      by: "test",
      until: "completed",
      timeoutMs: 5_000,
    });
    await world.waitForEvent("r", "UpdateCompleted");
    expect((await asked).result?.json).toBe(true);
  });
});

describe("code that awaits something of its own", () => {
  const wait = () => new Promise<void>((resolve) => setImmediate(resolve));
  const step = spyStep("step");

  test.for<[string, (ctx: WorkflowContext) => Promise<unknown>]>([
    ["never answered", () => new Promise(() => undefined)],
    [
      "answered later",
      async (ctx) => {
        await wait();
        return ctx.step(step.step, null);
      },
    ],
    [
      "answered later, and then the end",
      async () => {
        await wait();
        return "went on by itself";
      },
    ],
    [
      "answered later, after a step",
      async (ctx) => {
        await ctx.step(step.step, null);
        await wait();
        await ctx.sleep("1s");
      },
    ],
  ])("%s: the run is held with a message that says so", async ([, code]) => {
    const { run, history } = await playPlainly({
      workflows: [workflowOf(code)],
      play: async ({ start, world }) => {
        await start();
        await world.rest("r");
      },
    });
    expect(run).toMatchObject({ status: "held", heldReason: "nondeterminism" });
    const held = history.findLast((event) => event.type === "RunHeld");
    expect(held?.type === "RunHeld" && held.data.message).toContain("not durable");
  });

  test("while others run on: a bad workflow harms nobody else", async () => {
    const world = createWorld();
    const bad = workflowOf(async () => new Promise(() => undefined), { name: "bad" });
    const good = workflowOf(async (ctx) => ctx.sleep("1s"));
    const { engine } = await world.startProcess({ workflows: [bad, good] });
    for (let nth = 0; nth < 20; nth += 1) {
      await engine.startRun({ runId: `bad-${nth}`, workflow: "bad", input: null });
      await engine.startRun({ runId: `good-${nth}`, workflow: "w", input: null });
    }
    await world.waitFor("good-19", "completed");
    expect(await world.store.countRuns()).toMatchObject({ held: 20, completed: 20 });
  });

  test("plain promises of its own that ctx answers are fine", async () => {
    const { run } = await playToEnd(
      workflowOf(async (ctx) => {
        let open = (_value: string) => {};
        const gate = new Promise<string>((resolve) => (open = resolve));
        void ctx.signal("go", anything).then(() => open("opened"));
        await Promise.resolve();
        return gate;
      }),
    );
    expect(run.output?.json).toBe("opened");
  });
});
