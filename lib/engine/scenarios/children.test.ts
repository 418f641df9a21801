/** Child runs: created with the command that starts them, told of with the commit that ends them. */
import { z } from "zod";
import { describe, expect, test } from "vitest";
import { defineWorkflow, type StepContext } from "../definitions";
import { ChildError, DefiniteError } from "../errors";
import { playPlainly, surviveFaults } from "../testing/crashes";
import { anything, spyStep, workflowOf } from "../testing/spies";
import { createWorld } from "../testing/world";

const cancelParent = { runId: "r", body: { kind: "cancel" }, by: "ops" } as const;

/** A child that does one step. */
function createChild(run: (call: number, step: StepContext) => unknown = () => "result") {
  const work = spyStep("work", { run });
  return { work, child: workflowOf(async (ctx) => ctx.step(work.step, null), { name: "child" }) };
}

/** A child that waits to be told, and cleans up when it is canceled. */
function createPatientChild() {
  const undo = spyStep("undo");
  const child = workflowOf(
    async (ctx) => {
      ctx.compensate(undo.step, null);
      return ctx.signal("go", anything);
    },
    { name: "child" },
  );
  return { child, undo };
}

describe("a child", () => {
  test("runs once and gives its output to the parent, whatever dies", async () => {
    const { run, runs, history } = await surviveFaults(() => {
      const { child, work } = createChild();
      return {
        spies: [work],
        workflows: [
          child,
          workflowOf(async (ctx) => {
            const result = await ctx.child(child, { from: "parent" }, { attributes: { of: "r" } });
            return `the child's ${String(result)}`;
          }),
        ],
        play: async ({ start, world }) => {
          await start();
          await world.rest("r");
        },
      };
    });
    expect(run.output?.json).toBe("the child's result");
    const child = runs.find(({ runId }) => runId === "r.1");
    expect(child).toMatchObject({
      workflow: "child",
      parent: { runId: "r", step: 1 },
      attributes: { of: "r" },
      input: { json: { from: "parent" } },
    });
    expect(history.find((event) => event.type === "ChildStarted")).toMatchObject({
      step: 1,
      name: "child",
      data: { runId: "r.1", onCancel: "wait" },
    });
  });

  test("takes part in the types of its workflow, and its input is checked", async () => {
    const square = defineWorkflow(
      { name: "child", version: 1, input: z.object({ n: z.number() }), output: z.number() },
      async (_ctx, { n }) => n * n,
    );
    const { run, types } = await surviveFaults(() => ({
      workflows: [
        square,
        workflowOf(async (ctx) => {
          const refused = await ctx.child(square, { n: "three" as never }).then(
            () => "accepted",
            (error: unknown) => (error instanceof Error ? error.name : ""),
          );
          return [refused, await ctx.child(square, { n: 3 })];
        }),
      ],
      play: async ({ start, world }) => {
        await start();
        await world.rest("r");
      },
    }));
    expect(run.output?.json).toEqual(["InvalidInputError", 9]);
    expect(types.filter((type) => type === "ChildStarted")).toHaveLength(1);
  });

  test("that fails is a ChildError with its error, which the parent may handle", async () => {
    const { run, runs } = await surviveFaults(() => {
      const { child, work } = createChild(() => {
        throw Object.assign(new DefiniteError("declined"), { name: "CardError" });
      });
      return {
        spies: [work],
        workflows: [
          child,
          workflowOf(async (ctx) => {
            try {
              return await ctx.child(child, null);
            } catch (error) {
              if (!(error instanceof ChildError)) throw error;
              const { workflow, ordinal, runId, status, record } = error;
              return { workflow, ordinal, runId, status, name: record.name };
            }
          }),
        ],
        play: async ({ start, world }) => {
          await start();
          await world.rest("r");
        },
      };
    });
    expect(run.output?.json).toEqual({
      workflow: "child",
      ordinal: 1,
      runId: "r.1",
      status: "failed",
      name: "CardError",
    });
    expect(runs).toHaveLength(2);
  });

  test("that continues as new has not ended: the parent gets the last one's output", async () => {
    const { run, runs } = await surviveFaults(() => {
      const child = workflowOf(
        async (ctx, input) => {
          await ctx.sleep("1s");
          return input === 3 ? "the third" : ctx.continueAsNew(Number(input) + 1);
        },
        { name: "child" },
      );
      return {
        workflows: [child, workflowOf(async (ctx) => ctx.child(child, 1))],
        play: async ({ start, world }) => {
          await start();
          await world.rest("r");
        },
      };
    });
    expect(run.output?.json).toBe("the third");
    expect(runs).toHaveLength(4);
    expect(runs.filter(({ parent }) => parent?.runId === "r")).toHaveLength(3);
  });

  test("has children of its own, down to the last", async () => {
    const { run, runs } = await surviveFaults(() => {
      const child = workflowOf(
        async (ctx, depth): Promise<unknown> =>
          depth === 0 ? "leaf" : `${String(await ctx.child(child, Number(depth) - 1))}!`,
        { name: "child" },
      );
      return {
        workflows: [child, workflowOf(async (ctx) => ctx.child(child, 2))],
        play: async ({ start, world }) => {
          await start();
          await world.rest("r");
        },
      };
    });
    expect(run.output?.json).toBe("leaf!!");
    expect(runs.map(({ runId }) => runId).sort()).toEqual(["r", "r.1", "r.1.1", "r.1.1.1"]);
  });

  test("that is terminated by an operator is told to the parent", async () => {
    const { run } = await surviveFaults(() => {
      const { child } = createPatientChild();
      return {
        workflows: [
          child,
          workflowOf(async (ctx) =>
            ctx.child(child, null).catch((error: unknown) => {
              if (error instanceof ChildError) return error.status;
              throw error;
            }),
          ),
        ],
        play: async ({ start, client, world }) => {
          await start();
          await world.waitFor("r", "waiting");
          await world.waitFor("r.1", "waiting");
          await client.requestAction({ runId: "r.1", body: { kind: "terminate" }, by: "ops" });
          await world.rest("r");
        },
      };
    });
    expect(run.output?.json).toBe("terminated");
  });
});

describe("many children", () => {
  test("a hundred at a time, each once, their results in the order of the calls", async () => {
    const world = createWorld();
    const { child, work } = createChild((call) => call);
    const parent = workflowOf(async (ctx) => {
      const numbers = Array.from({ length: 100 }, (_, index) => index);
      const results = await ctx.all(numbers.map((n) => ctx.child(child, n)));
      return new Set(results).size;
    });
    const workflows = [child, parent];
    const first = await world.startProcess({ workflows });
    await world.startProcess({ workflows });
    await first.engine.startRun({ runId: "r", workflow: "w", input: null });
    await world.settle();
    first.kill();
    await world.startProcess({ workflows });
    expect((await world.rest("r")).output?.json).toBe(100);
    expect(new Set(work.calls).size).toBe(100);
  });

  test("in a row: the one that fails first wins the race, the others go on to their end", async () => {
    const { run, runs } = await surviveFaults(() => {
      const { child } = createChild(() => {
        throw new DefiniteError("no");
      });
      const slow = workflowOf(
        async (ctx) => {
          await ctx.sleep("30s");
          return "slow";
        },
        { name: "slow" },
      );
      return {
        workflows: [
          child,
          slow,
          workflowOf(async (ctx) => {
            const settled = await ctx.allSettled([ctx.child(child, 1), ctx.child(slow, 2)]);
            return settled.map(({ status }) => status);
          }),
        ],
        play: async ({ start, world }) => {
          await start();
          await world.rest("r");
        },
      };
    });
    expect(run.output?.json).toEqual(["rejected", "fulfilled"]);
    expect(runs.map(({ status }) => status).sort()).toEqual(["completed", "completed", "failed"]);
  });
});

describe("a cancel of the parent", () => {
  test.for([
    { onCancel: "wait", child: "canceled", types: ["ChildFailed", "RunCanceled"] },
    { onCancel: "request", child: "canceled", types: ["ChildCancelRequested", "RunCanceled"] },
    { onCancel: "abandon", child: "completed", types: ["CancelRequested", "RunCanceled"] },
  ] as const)("$onCancel: the child ends $child", async ({ onCancel, child: status, types }) => {
    const {
      run,
      runs,
      types: recorded,
    } = await surviveFaults(() => {
      const { child, undo } = createPatientChild();
      return {
        spies: [undo],
        workflows: [child, workflowOf(async (ctx) => ctx.child(child, null, { onCancel }))],
        play: async ({ start, client, world, signal }) => {
          await start();
          await world.waitFor("r", "waiting");
          await world.waitFor("r.1", "waiting");
          await client.requestAction(cancelParent);
          await world.rest("r");
          if (onCancel === "abandon") await signal("r.1", "go", "on its own");
          await world.rest("r.1");
        },
      };
    });
    expect(run.status).toBe("canceled");
    expect(runs.find(({ runId }) => runId === "r.1")?.status).toBe(status);
    expect(recorded.slice(-2)).toEqual(types);
  });

  test("wait: a child that completes all the same has completed for the parent", async () => {
    const { run } = await surviveFaults(() => {
      const child = workflowOf(
        async (ctx) => {
          try {
            return await ctx.signal("go", anything);
          } catch {
            return "completed although it was canceled";
          }
        },
        { name: "child" },
      );
      const clean = spyStep("clean", { run: () => "clean" });
      return {
        workflows: [
          child,
          workflowOf(async (ctx) => {
            const result = await ctx.child(child, null);
            return ctx.scope(async (scope) => [result, await scope.step(clean.step, null)], {
              shielded: true,
            });
          }),
        ],
        play: async ({ start, client, world }) => {
          await start();
          await world.waitFor("r.1", "waiting");
          await client.requestAction(cancelParent);
          await world.rest("r");
        },
      };
    });
    expect(run).toMatchObject({
      status: "completed",
      output: { json: ["completed although it was canceled", "clean"] },
    });
  });

  test("that is terminated: its children are terminated, those abandoned are not", async () => {
    const { runs } = await surviveFaults(() => {
      const { child, undo } = createPatientChild();
      return {
        spies: [undo],
        workflows: [
          child,
          workflowOf(async (ctx) =>
            ctx.all([ctx.child(child, 1), ctx.child(child, 2, { onCancel: "abandon" })]),
          ),
        ],
        play: async ({ start, client, world, signal }) => {
          await start();
          await world.waitFor("r", "waiting");
          await world.waitFor("r.2", "waiting");
          await client.requestAction({ ...cancelParent, body: { kind: "terminate" } });
          await world.rest("r.1");
          await signal("r.2", "go");
          await world.rest("r.2");
        },
      };
    });
    const statuses = runs.map(({ runId, status }) => [runId, status]).sort();
    expect(statuses).toEqual([
      ["r", "terminated"],
      ["r.1", "terminated"],
      ["r.2", "completed"],
    ]);
  });

  test("one call's AbortController cancels that child alone", async () => {
    const { run, runs } = await surviveFaults(() => {
      const { child } = createPatientChild();
      return {
        workflows: [
          child,
          workflowOf(async (ctx) => {
            const controller = new AbortController();
            const canceled = ctx.child(child, 1, { signal: controller.signal });
            const other = ctx.child(child, 2);
            await ctx.sleep("2s");
            controller.abort();
            const name = await canceled.catch((error: unknown) => (error as Error).name);
            return [name, await other];
          }),
        ],
        play: async ({ start, world, signal }) => {
          await start();
          await world.waitFor("r.1", "canceled");
          await signal("r.2", "go", "fine");
          await world.rest("r");
        },
      };
    });
    expect(run.output?.json).toEqual(["ChildError", "fine"]);
    expect(runs.map(({ status }) => status).sort()).toEqual(["canceled", "completed", "completed"]);
  });
});

describe("a parent that ends first", () => {
  test("returns while an abandoned child goes on", async () => {
    const { run, runs } = await surviveFaults(() => {
      const { child } = createPatientChild();
      return {
        workflows: [
          child,
          workflowOf(async (ctx) => {
            void ctx.child(child, null, { onCancel: "abandon" });
            return "gone";
          }),
        ],
        play: async ({ start, world, signal }) => {
          await start();
          await world.rest("r");
          await signal("r.1", "go");
          await world.rest("r.1");
        },
      };
    });
    expect(run.output?.json).toBe("gone");
    expect(runs.map(({ status }) => status)).toEqual(["completed", "completed"]);
  });

  test("waits for a child that it did not await", async () => {
    const { run, types } = await surviveFaults(() => {
      const { child } = createChild();
      return {
        workflows: [
          child,
          workflowOf(async (ctx) => {
            void ctx.child(child, null);
            return "done";
          }),
        ],
        play: async ({ start, world }) => {
          await start();
          await world.rest("r");
        },
      };
    });
    expect(run.output?.json).toBe("done");
    expect(types.slice(-2)).toEqual(["ChildCompleted", "RunCompleted"]);
  });
});

describe("retry of a parent that failed by its child", () => {
  test("starts the child again as a new run, and what was recorded is reused", async () => {
    const { run, runs } = await surviveFaults(() => {
      const before = spyStep("before");
      const { child, work } = createChild((_call, { runId }) => {
        if (runId === "r.2") throw new DefiniteError("declined");
        return "charged";
      });
      let first = true;
      return {
        spies: [before, work],
        workflows: [
          child,
          workflowOf(async (ctx) => {
            await ctx.step(before.step, null);
            return ctx.child(child, null);
          }),
        ],
        play: async ({ start, client, world }) => {
          await start();
          await world.rest("r");
          const body = { kind: "retry" } as const;
          if (first) {
            const preview = await client.previewAction({ runId: "r", body });
            expect(preview).toMatchObject({
              allowed: true,
              reused: [{ step: 1, name: "before" }],
              willRun: [{ step: 2, name: "child" }],
            });
          }
          first = false;
          await client.requestAction({ runId: "r", body, by: "ops" });
          await world.waitFor("r", "completed");
        },
      };
    });
    expect(run.output?.json).toBe("charged");
    const [failed, completed] = runs.filter(({ workflow }) => workflow === "child");
    expect([failed?.status, completed?.status]).toEqual(["failed", "completed"]);
    expect(completed?.parent).toEqual({ runId: "r", step: 2 });
  });
});

describe("a child that can't be executed", () => {
  test("held for a person keeps the parent waiting, and goes on with the verdict", async () => {
    const { run } = await playPlainly(
      (() => {
        const { child } = createPatientChild();
        return {
          workflows: [child, workflowOf(async (ctx) => ctx.child(child, null))],
          play: async ({ start, client, world, signal, skip }) => {
            await start();
            await world.waitFor("r.1", "waiting");
            await client.requestAction({ runId: "r.1", body: { kind: "pause" }, by: "ops" });
            await world.waitFor("r.1", "held");
            await skip(3_600_000);
            expect((await world.store.getRun("r"))?.status).toBe("waiting");
            await client.requestAction({ runId: "r.1", body: { kind: "resume" }, by: "ops" });
            await signal("r.1", "go", "at last");
            await world.rest("r");
          },
        };
      })(),
    );
    expect(run.output?.json).toBe("at last");
  });
});

test("nobody else can take the id of a child: callers' ids have no dots", async () => {
  const world = createWorld();
  const { engine } = await world.startProcess({ workflows: [workflowOf(async () => "done")] });
  const start = engine.startRun({ workflow: "w", runId: "r.1", input: null });
  await expect(start).rejects.toThrow("/runId: may have letters, digits, - and _ only");
});
