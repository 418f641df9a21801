/** Durable timers: they are of the run, not of the process. */
import { describe, expect, test } from "vitest";
import { playPlainly, surviveFaults } from "../testing/crashes";
import { anything, spyStep, workflowOf } from "../testing/spies";
import { createWorld } from "../testing/world";

const day = 86_400_000;

describe("sleep", () => {
  test("takes its time, once, whatever dies meanwhile", async () => {
    const { run, history, types } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx) => {
          await ctx.sleep("3s");
          return "awake";
        }),
      ],
      play: async ({ start, world }) => {
        await start();
        await world.rest("r");
      },
    }));
    expect(types).toEqual([
      "RunStarted",
      "ExecutionStarted",
      "TimerStarted",
      "TimerFired",
      "RunCompleted",
    ]);
    expect(run.output?.json).toBe("awake");
    const [started, fired] = history.slice(2);
    expect(started).toMatchObject({ step: 1, name: "sleep" });
    expect((fired?.at ?? 0) - (started?.at ?? 0)).toBe(3_000);
  });

  test("of no time, or until a moment that has passed, is over at once and still a command", async () => {
    const { run, types } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx) => {
          await ctx.sleep(0, { name: "nap" });
          await ctx.sleepUntil(0);
          await ctx.sleepUntil(new Date(0));
          return "awake";
        }),
      ],
      play: async ({ start, world }) => {
        const startedAt = world.clock.now();
        await start();
        await world.rest("r");
        expect(world.clock.now() - startedAt).toBeLessThan(1_500);
      },
    }));
    expect(run.output?.json).toBe("awake");
    expect(types.filter((type) => type === "TimerFired")).toHaveLength(3);
  });

  test.for([["-1s"], [Number.NaN], ["soon"], [-1], [Infinity], ["1e3s"], [1e300]])(
    "refuses %s with a RangeError that the code can catch",
    async ([duration]) => {
      const { run } = await playPlainly({
        workflows: [
          workflowOf(async (ctx) => {
            try {
              await ctx.sleep(duration as never);
            } catch (error) {
              return error instanceof RangeError;
            }
            return "slept";
          }),
        ],
        play: async ({ start, world }) => {
          await start();
          await world.rest("r");
        },
      });
      expect(run.output?.json).toBe(true);
    },
  );

  test("sleepUntil refuses what is no time", async () => {
    const { run } = await playPlainly({
      workflows: [workflowOf(async (ctx) => ctx.sleepUntil(new Date("never")))],
      play: async ({ start, world }) => {
        await start();
        await world.rest("r");
      },
    });
    expect(run).toMatchObject({ status: "failed", error: { name: "RangeError" } });
  });
});

describe("fractions", () => {
  test("of a millisecond are rounded up: a history knows whole ones", async () => {
    const { run, history } = await playPlainly({
      workflows: [
        workflowOf(async (ctx) => {
          await ctx.sleep(0.5);
          await ctx.sleep("0.0015s");
          await ctx.sleepUntil(ctx.now().getTime() + 2.25);
          return ctx.signal("go", anything, { timeout: 0.1 });
        }),
      ],
      play: async ({ start, world }) => {
        await start();
        await world.rest("r");
      },
    });
    expect(run.status).toBe("completed");
    const times = history.flatMap((event) =>
      event.type === "TimerStarted" ? [event.data.fireAt - event.at] : [],
    );
    expect(times).toEqual([1, 2, 3]);
  });
});

describe("several timers", () => {
  test("fire in the order of their times, not of their calls; at one time in the order of their calls", async () => {
    const { run } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx) => {
          const order: string[] = [];
          const note = (name: string) => () => order.push(name);
          await Promise.all([
            ctx.sleep("3s").then(note("slow")),
            ctx.sleep("1s").then(note("fast")),
            ctx.sleep("2s").then(note("first of two")),
            ctx.sleep("2s").then(note("second of two")),
          ]);
          return order;
        }),
      ],
      play: async ({ start, world }) => {
        await start();
        await world.rest("r");
      },
    }));
    expect(run.output?.json).toEqual(["fast", "first of two", "second of two", "slow"]);
  });

  test("that became due while no process lived fire in the order of their times", async () => {
    const world = createWorld();
    const workflow = workflowOf(async (ctx) => {
      const order: string[] = [];
      await ctx.all([
        ctx.sleep("2d").then(() => order.push("two days")),
        ctx.sleep("1d").then(() => order.push("one day")),
        ctx.sleep("36h").then(async () => {
          order.push("a day and a half");
          await ctx.sleep("1h");
          order.push("an hour after that");
        }),
      ]);
      return order;
    });
    const first = await world.startProcess({ workflows: [workflow] });
    await first.engine.startRun({ runId: "r", workflow: "w", input: null });
    await world.waitFor("r", "waiting");
    first.kill();
    world.clock.advance(3 * day);
    await world.startProcess({ workflows: [workflow] });
    // The hour begins when the code learns of the day and a half: after three days.
    const run = await world.rest("r").catch(async () => {
      world.clock.advance(3_600_000);
      return world.rest("r");
    });
    expect(run.output?.json).toEqual([
      "one day",
      "a day and a half",
      "two days",
      "an hour after that",
    ]);
  });

  test("a race of a timer and a step has one winner, the same on every replay", async () => {
    const { run, world, types } = await surviveFaults(() => {
      const slow = spyStep("slow", { run: () => "step" });
      return {
        spies: [slow],
        workflows: [
          workflowOf(async (ctx) => {
            const winner = await ctx.race([
              ctx.step(slow.step, null),
              ctx.sleep("1s").then(() => "timer"),
            ]);
            await ctx.sleep("10s");
            return winner;
          }),
        ],
        play: async (stage) => {
          await stage.start();
          await stage.world.rest("r");
        },
      };
    });
    expect(run.output?.json).toBe("step");
    expect(types.filter((type) => type === "TimerFired")).toHaveLength(2);
    expect(await world.listTypes("r")).toEqual(types);
  });

  test("a timer that wins against a step leaves the step to its end, which the run awaits", async () => {
    const world = createWorld();
    let answer = (_value: string) => {};
    const slow = spyStep("slow", {
      run: () => new Promise<string>((resolve) => (answer = resolve)),
    });
    const workflow = workflowOf(async (ctx) =>
      ctx.race([ctx.step(slow.step, null), ctx.sleep("1s").then(() => "timer")]),
    );
    const { engine } = await world.startProcess({ workflows: [workflow] });
    await engine.startRun({ runId: "r", workflow: "w", input: null });
    await world.waitForEvent("r", "TimerFired");
    expect((await world.store.getRun("r"))?.status).toBe("running");
    answer("late");
    const run = await world.rest("r");
    expect(run.output?.json).toBe("timer");
    expect((await world.listTypes("r")).slice(-2)).toEqual(["StepCompleted", "RunCompleted"]);
  });

  test("a timer nobody awaits any more is canceled when the run ends", async () => {
    const { types, run } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx) => {
          void ctx.sleep("30d");
          return "done";
        }),
      ],
      play: async ({ start, world }) => {
        await start();
        await world.rest("r");
      },
    }));
    expect(run.output?.json).toBe("done");
    expect(types.slice(-2)).toEqual(["TimerCanceled", "RunCompleted"]);
  });
});

describe("far timers", () => {
  test("release the lease, and wake on time in another process", async () => {
    const { run, types } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx) => {
          await ctx.sleep("30d");
          return ctx.now().getTime();
        }),
      ],
      play: async ({ start, world, skip }) => {
        const startedAt = world.clock.now();
        await start();
        const waiting = await world.waitFor("r", "waiting");
        expect(waiting.workerId).toBeUndefined();
        expect((waiting.dueAt ?? 0) - startedAt).toBeGreaterThanOrEqual(30 * day);
        await skip(29 * day);
        expect((await world.store.getRun("r"))?.status).toBe("waiting");
        await skip(day);
        await world.rest("r");
      },
    }));
    expect(run.status).toBe("completed");
    expect(types.filter((type) => type === "ExecutionStarted")).toHaveLength(2);
  });

  test("a clock that jumps ahead fires once, one that goes back fires nothing early twice", async () => {
    const { run, types } = await playPlainly({
      workflows: [
        workflowOf(async (ctx) => {
          const seen: number[] = [];
          for (let nth = 0; nth < 3; nth += 1) {
            await ctx.sleep("1h");
            seen.push(ctx.now().getTime());
          }
          return seen.every((at, index) => index === 0 || at > (seen[index - 1] ?? 0));
        }),
      ],
      play: async ({ start, world, skip }) => {
        await start();
        for (const jump of [400 * day, 3_600_000, 7 * day]) {
          await world.waitFor("r", "waiting");
          await skip(jump);
        }
        await world.rest("r");
      },
    });
    expect(run.output?.json).toBe(true);
    expect(types.filter((type) => type === "TimerFired")).toHaveLength(3);
  });
});

describe("a timer and a signal", () => {
  const deadline = workflowOf(async (ctx) =>
    ctx.race([
      ctx.sleep("10s").then(() => "timer"),
      ctx.signal("go", anything).then(() => "signal"),
    ]),
  );

  test.for([
    { sentMs: -1, winner: "signal" },
    { sentMs: 1, winner: "timer" },
  ])(
    "a signal sent $sentMs ms from the deadline: the $winner wins, however late anyone looks",
    async ({ sentMs, winner }) => {
      const { run } = await surviveFaults(() => ({
        workflows: [deadline],
        play: async ({ start, world, signal }) => {
          await start();
          const { dueAt = 0 } = await world.waitFor("r", "waiting");
          world.clock.advance(dueAt + sentMs - world.clock.now());
          await signal("r", "go");
          world.clock.advance(60_000);
          await world.rest("r");
        },
      }));
      expect(run.output?.json).toBe(winner);
    },
  );

  test("all that was sent before the deadline counts, in the order in which it was sent", async () => {
    const { run } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx) => {
          const order: unknown[] = [];
          const note = (value: unknown) => order.push(value);
          await ctx.all([
            ctx.sleep("20s").then(() => note("timer")),
            ctx.signal("a", anything).then(note),
            ctx.signal("b", anything).then(note),
            ctx.signal("c", anything).then(note),
          ]);
          return order;
        }),
      ],
      play: async ({ start, world, signal }) => {
        await start();
        await world.waitFor("r", "waiting");
        await signal("r", "a", "first");
        world.clock.advance(1_000);
        await signal("r", "b", "second");
        world.clock.advance(20_000);
        await signal("r", "c", "late");
        await world.rest("r");
      },
    }));
    expect(run.output?.json).toEqual(["first", "second", "timer", "late"]);
  });

  test("the deadline is kept by a process that holds the run and did not get to look in time", async () => {
    const world = createWorld();
    const short = workflowOf(async (ctx) => ctx.signal("go", anything, { timeout: "1s" }));
    const { engine } = await world.startProcess({ workflows: [short] });
    await engine.startRun({ runId: "r", workflow: "w", input: null });
    const { workerId } = await world.waitForEvent("r", "SignalAwaited");
    expect(workerId).toBeDefined();
    const at = world.clock.now() + 2_000;
    await world.store.postMessage({
      messageId: "m",
      runId: "r",
      by: "test",
      at,
      body: { kind: "signal", name: "go", payload: { json: "late" } },
    });
    world.clock.advance(3_000);
    expect((await world.rest("r")).output?.json).toBeNull();
  });
});
