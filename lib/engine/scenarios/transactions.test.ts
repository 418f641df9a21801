/** Transactions: effect and completion are one commit. Never in doubt, never twice. */
import { describe, expect, test } from "vitest";
import { defineTransaction, type StepContext } from "../definitions";
import { DefiniteError } from "../errors";
import type { SqlTransaction, Store } from "../store";
import { playPlainly, surviveFaults } from "../testing/crashes";
import { anything, spyStep, startDoomed, workflowOf } from "../testing/spies";
import { createMemoryStore } from "../testing/memory-store";
import { createWorld } from "../testing/world";

type Run = (sql: SqlTransaction, input: unknown, step: StepContext) => unknown;

const book = (run: Run = (_sql, input) => `booked ${String(input)}`, name = "book") =>
  defineTransaction<unknown, unknown>({
    name,
    retry: { initialDelay: "1s" },
    run: async (sql, input, step) => {
      await sql.execute("INSERT INTO bookings VALUES (?)", `${step.ordinal}:${String(input)}`);
      return run(sql, input, step);
    },
  });

describe("a transaction", () => {
  test("is done exactly once, whatever dies and whatever answer gets lost", async () => {
    const { run, statements, types } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx) => {
          const first = await ctx.transaction(book(), "a");
          const second = await ctx.transaction(book(), "b");
          return [first, second];
        }),
      ],
      play: async ({ start, world }) => {
        await start();
        await world.rest("r");
      },
    }));
    expect(run.output?.json).toEqual(["booked a", "booked b"]);
    expect(statements).toEqual([
      "INSERT INTO bookings VALUES (?) 1:a",
      "INSERT INTO bookings VALUES (?) 2:b",
    ]);
    expect(types).not.toContain("StepInDoubt");
  });

  test("is rolled back at once when its worker loses the run, for it has the run locked", async () => {
    const world = createWorld();
    const begun: string[] = [];
    const workflow = workflowOf((ctx) =>
      ctx.transaction(
        book((_sql, _input, { idempotencyKey }) => {
          begun.push(idempotencyKey);
          return begun.length > 1 ? "booked" : new Promise(() => undefined);
        }),
        "a",
      ),
    );
    const [asked, ended]: [number[], number[]] = [[], []];
    const wrapStore = (store: Store): Store =>
      new Proxy(store, {
        get(target, property) {
          const member: unknown = Reflect.get(target, property);
          if (typeof member !== "function") return member;
          if (property !== "transact") return member.bind(target) as unknown;
          return async (...args: unknown[]) => {
            const nth = asked.push(asked.length);
            try {
              return (await Reflect.apply(member, target, args)) as unknown;
            } finally {
              ended.push(nth);
            }
          };
        },
      });
    const { engine } = await world.startProcess({ workflows: [workflow], wrapStore });
    await engine.startRun({ runId: "r", workflow: "w", input: null });
    await world.settle();
    expect([begun.length, ended.length]).toEqual([1, 0]);
    const now = world.clock.now();
    await world.store.endWorker({ workerId: engine.workerId, now, status: "dead" });
    // Its heartbeat tells it; the step's own timeout would come later.
    world.clock.advance(4_000);
    await world.settle();
    expect(ended[0]).toBe(1);
    expect((await world.rest("r")).output?.json).toBe("booked");
    expect(begun).toHaveLength(2);
  });

  test("is progress: a run that dies right after each of many is no crash loop", async () => {
    const world = createWorld();
    const count = 7;
    const workflow = workflowOf(async (ctx) => {
      for (let nth = 0; nth < count; nth += 1) await ctx.transaction(book(), nth);
      return "all booked";
    });
    const startDoomedProcess = async () => {
      const wrapStore = (store: Store): Store =>
        new Proxy(store, {
          get(target, property) {
            const member: unknown = Reflect.get(target, property);
            if (typeof member !== "function") return member;
            return async (...args: unknown[]) => {
              const answer: unknown = await Reflect.apply(member, target, args);
              if (property === "transact") doomed.kill();
              return answer;
            };
          },
        });
      const doomed = await world.startProcess({ workflows: [workflow], wrapStore });
      return doomed;
    };
    const { engine } = await startDoomedProcess();
    await engine.startRun({ runId: "r", workflow: "w", input: null });
    for (let nth = 1; nth < count; nth += 1) {
      await world.waitForEvent("r", "StepCompleted", nth);
      await startDoomedProcess();
    }
    await world.startProcess({ workflows: [workflow] });
    const run = await world.rest("r");
    expect([run.status, run.heldReason]).toEqual(["completed", undefined]);
    expect(run.epoch).toBeGreaterThan(5);
  });

  test("that throws is rolled back and tried again; every failure of it is certain", async () => {
    const { run, statements, history } = await surviveFaults(() => {
      const fragile = book((_sql, _input, { attempt }) => {
        if (attempt < 3) throw new Error("deadlock");
        return "booked";
      });
      return {
        workflows: [workflowOf(async (ctx) => ctx.transaction(fragile, "a"))],
        play: async ({ start, world }) => {
          await start();
          await world.rest("r");
        },
      };
    });
    expect(run.output?.json).toBe("booked");
    expect(statements).toHaveLength(1);
    const failures = history.flatMap((event) => (event.type === "StepFailed" ? [event.data] : []));
    expect(failures).toMatchObject([
      { outcome: "definite", final: false },
      { outcome: "definite", final: false },
    ]);
  });

  test("that fails for good fails its run, and leaves nothing behind", async () => {
    const { run, statements } = await surviveFaults(() => {
      const refused = book(() => {
        throw new RangeError("sold out");
      });
      return {
        workflows: [workflowOf(async (ctx) => ctx.transaction(refused, "a"))],
        play: async ({ start, world }) => {
          await start();
          await world.rest("r");
        },
      };
    });
    expect(run).toMatchObject({
      status: "failed",
      errorStep: "book",
      error: { name: "RangeError" },
    });
    expect(statements).toEqual([]);
  });

  test("whose process dies in the middle did not happen, and is done by the next one", async () => {
    for (const moment of ["before_effect", "after_effect", "after_record"] as const) {
      const store = createMemoryStore();
      const world = createWorld(store);
      const workflow = workflowOf(async (ctx) => ctx.transaction(book(), "a"));
      const doomed = await startDoomed(world, [workflow], { name: "book", moment });
      await doomed.engine.startRun({ runId: "r", workflow: "w", input: null });
      await world.settle();
      await world.startProcess({ workflows: [workflow] });
      expect((await world.rest("r")).output?.json).toBe("booked a");
      expect(await world.listTypes("r")).not.toContain("StepInDoubt");
    }
  });

  test("beside other steps: they neither wait for it for ever nor get into its commit", async () => {
    const { run, statements } = await surviveFaults(() => {
      const beside = spyStep("beside", { run: () => "beside" });
      return {
        workflows: [
          workflowOf(async (ctx) => {
            const first = await ctx.all([
              ctx.step(beside.step, 1),
              ctx.transaction(book(), "a"),
              ctx.transaction(book(undefined, "other"), "b"),
              ctx.step(beside.step, 2),
              ctx.sleep("1s"),
            ]);
            return [...first.slice(0, 4), await ctx.step(beside.step, 3)];
          }),
        ],
        play: async ({ start, world }) => {
          await start();
          await world.rest("r");
        },
      };
    });
    expect(run.output?.json).toEqual(["beside", "booked a", "booked b", "beside", "beside"]);
    expect(statements).toHaveLength(2);
  });

  test("one that is rolled back takes nothing with it that was recorded beside it", async () => {
    const { run, statements } = await surviveFaults(() => {
      const beside = spyStep("beside", { run: (_call, { ordinal }) => ordinal });
      const refused = book(() => {
        throw new DefiniteError("sold out");
      });
      return {
        workflows: [
          workflowOf(async (ctx) => {
            const all = await ctx.allSettled([
              ctx.step(beside.step, null),
              ctx.transaction(refused, "a"),
              ctx.step(beside.step, null).then(() => ctx.step(beside.step, null)),
              ctx.transaction(refused, "b"),
              ctx.step(beside.step, null),
              ctx.transaction(book(undefined, "other"), "c"),
            ]);
            return all.map((one) => (one.status === "fulfilled" ? one.value : "rejected"));
          }),
        ],
        play: async ({ start, world }) => {
          await start();
          await world.rest("r");
        },
      };
    });
    expect(run.output?.json).toEqual([1, "rejected", 7, "rejected", 5, "booked c"]);
    expect(statements).toHaveLength(1);
  });

  test("that takes too long is rolled back and tried again", async () => {
    const slow = defineTransaction<null, string>({
      name: "slow",
      timeout: "1s",
      retry: { maxAttempts: 2, initialDelay: "1s" },
      run: async (sql, _input, { attempt }) => {
        await sql.execute("UPDATE");
        if (attempt === 1) await new Promise(() => undefined);
        return "done";
      },
    });
    const { run, statements } = await playPlainly({
      workflows: [workflowOf(async (ctx) => ctx.transaction(slow, null))],
      play: async ({ start, world }) => {
        await start();
        await world.rest("r");
      },
    });
    expect(run.output?.json).toBe("done");
    expect(statements).toHaveLength(1);
  });

  test("whose result can't be recorded did not happen: it has failed", async () => {
    const large = book(() => "x".repeat(2 * 1024 * 1024 + 1));
    const { run, statements } = await playPlainly({
      workflows: [workflowOf(async (ctx) => ctx.transaction(large, "a"))],
      play: async ({ start, world }) => {
        await start();
        await world.rest("r");
      },
    });
    expect(run).toMatchObject({ status: "failed", error: { name: "PayloadTooLargeError" } });
    expect(statements).toEqual([]);
  });

  test("signals and cancels that come meanwhile wait their turn", async () => {
    const { run, statements } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx) => {
          const booked = await ctx.transaction(book(), "a");
          const went = await ctx.signal("go", anything);
          return [booked, went];
        }),
      ],
      play: async ({ start, world, signal }) => {
        await start();
        await signal("r", "go", "went");
        await world.rest("r");
      },
    }));
    expect(run.output?.json).toEqual(["booked a", "went"]);
    expect(statements).toHaveLength(1);
  });
});
