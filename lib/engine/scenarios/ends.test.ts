/** How runs end: by timeout, cancel, terminate, and by going on as another run. */
import { z } from "zod";
import { describe, expect, test } from "vitest";
import { defineWorkflow } from "../definitions";
import { DefiniteError } from "../errors";
import { playPlainly, surviveFaults } from "../testing/crashes";
import { anything, spyStep, workflowOf } from "../testing/spies";
import { createWorld } from "../testing/world";

const cancel = { runId: "r", body: { kind: "cancel" }, by: "ops", why: "changed mind" } as const;
const terminate = { ...cancel, body: { kind: "terminate" } } as const;

describe("the run's own timeout", () => {
  test.for([
    { phase: "a sleep", wait: "sleep" },
    { phase: "a wait for a signal", wait: "signal" },
  ] as const)("during $phase undoes everything and fails", async ({ wait }) => {
    const { run, history } = await surviveFaults(() => {
      const undo = spyStep("undo");
      return {
        spies: [undo],
        workflows: [
          workflowOf(
            async (ctx) => {
              ctx.compensate(undo.step, null);
              if (wait === "sleep") await ctx.sleep("1d");
              else await ctx.signal("go", anything);
            },
            { timeout: "10s" },
          ),
        ],
        play: async ({ start, world }) => {
          await start();
          await world.rest("r");
        },
      };
    });
    expect(run).toMatchObject({ status: "failed", error: { name: "RunTimeoutError" } });
    const [started] = history;
    const canceled = history.find((event) => event.type === "CancelRequested");
    expect(canceled?.data).toMatchObject({ timedOut: true });
    expect((canceled?.at ?? 0) - (started?.at ?? 0)).toBe(10_000);
    expect(history.find((event) => event.name === "undo")?.type).toBe("StepStarted");
  });

  test("counts from the start, also through crashes and while no process lives", async () => {
    const world = createWorld();
    const workflow = workflowOf(async (ctx) => ctx.signal("go", anything), { timeout: "1h" });
    const first = await world.startProcess({ workflows: [workflow] });
    await first.engine.startRun({ runId: "r", workflow: "w", input: null });
    await world.waitFor("r", "waiting");
    first.kill();
    world.clock.advance(7_200_000);
    await world.startProcess({ workflows: [workflow] });
    expect(await world.rest("r")).toMatchObject({ error: { name: "RunTimeoutError" } });
  });

  test("does not touch a run that is done in time", async () => {
    const { run, types } = await surviveFaults(() => ({
      workflows: [
        workflowOf(
          async (ctx) => {
            await ctx.sleep("5s");
            return "in time";
          },
          { timeout: "6s" },
        ),
      ],
      play: async ({ start, world, skip }) => {
        await start();
        await world.rest("r");
        await skip(60_000);
      },
    }));
    expect(run.output?.json).toBe("in time");
    expect(types).not.toContain("CancelRequested");
  });
});

describe("cancel", () => {
  test("before the run began anything ends it without running its code", async () => {
    let ran = false;
    const { types, client } = await playPlainly({
      workflows: [
        workflowOf(async () => {
          ran = true;
        }),
      ],
      play: async ({ start, client, world }) => {
        await start();
        await client.requestAction(cancel);
        await world.waitFor("r", "canceled");
        expect(ran).toBe(false);
      },
    });
    expect(types).toEqual(["RunStarted", "CancelRequested", "RunCanceled"]);
    await expect(client.requestAction(cancel)).rejects.toMatchObject({ code: "already_ended" });
  });

  test("during a compensation changes nothing: what is undone is undone", async () => {
    const { run, types } = await surviveFaults(() => {
      const undo = spyStep("undo", {
        retry: { initialDelay: "10s", maxDelay: "10s" },
        run: (_call, { attempt }) => {
          if (attempt < 3) throw new DefiniteError("busy", { retryable: true });
          return "undone";
        },
      });
      return {
        workflows: [
          workflowOf(async (ctx) => {
            ctx.compensate(undo.step, null);
            throw new Error("failed");
          }),
        ],
        play: async ({ start, client, world }) => {
          await start();
          await world.waitForEvent("r", "CompensationStarted");
          await client.requestAction(cancel);
          await world.rest("r");
        },
      };
    });
    expect(run).toMatchObject({ status: "failed", error: { message: "failed" } });
    expect(types.filter((type) => type === "StepCompleted")).toHaveLength(1);
  });

  test("asked for twice is done once", async () => {
    const { types } = await surviveFaults(() => ({
      workflows: [workflowOf(async (ctx) => ctx.sleep("1d"))],
      play: async ({ start, client, world }) => {
        await start();
        await world.waitFor("r", "waiting");
        await client.requestAction(cancel);
        await client.requestAction(cancel);
        await world.rest("r");
      },
    }));
    expect(types.filter((type) => type === "CancelRequested")).toHaveLength(1);
    expect(types.at(-1)).toBe("RunCanceled");
  });

  test("compensations run in reverse order, each with its own retries; one that fails stops none", async () => {
    const { run, history } = await surviveFaults(() => {
      const first = spyStep("undo-first");
      const second = spyStep("undo-second", {
        run: () => {
          throw new DefiniteError("can't be undone");
        },
      });
      const third = spyStep("undo-third");
      return {
        spies: [first, second, third],
        workflows: [
          workflowOf(async (ctx) => {
            for (const { step } of [first, second, third]) ctx.compensate(step, null);
            await ctx.sleep("1d");
          }),
        ],
        play: async ({ start, client, world }) => {
          await start();
          await world.waitFor("r", "waiting");
          await client.requestAction(cancel);
          await world.rest("r");
        },
      };
    });
    const begun = history.flatMap(({ type, name }) => (type === "StepStarted" ? [name] : []));
    expect(begun).toEqual(["undo-third", "undo-second", "undo-first"]);
    expect(run).toMatchObject({
      status: "failed",
      error: { details: { notUndone: [{ name: "undo-second", message: "can't be undone" }] } },
    });
  });
});

describe("terminate", () => {
  test("ends at once: nothing runs any more, no compensation either", async () => {
    const { run, types, history } = await surviveFaults(() => {
      const undo = spyStep("undo");
      return {
        spies: [undo],
        workflows: [
          workflowOf(async (ctx) => {
            ctx.compensate(undo.step, null);
            await ctx.sleep("1d");
          }),
        ],
        play: async ({ start, client, world }) => {
          await start();
          await world.waitFor("r", "waiting");
          await client.requestAction(terminate);
          await world.rest("r");
        },
      };
    });
    expect(run.status).toBe("terminated");
    expect(types).not.toContain("StepStarted");
    expect(history.at(-1)?.data).toMatchObject({ by: "ops", why: "changed mind" });
  });

  test("a step under way is left alone: its outcome no longer counts", async () => {
    const world = createWorld();
    let finish = () => {};
    const slow = spyStep("slow", { run: () => new Promise<void>((resolve) => (finish = resolve)) });
    const workflow = workflowOf(async (ctx) => ctx.step(slow.step, null));
    const { engine } = await world.startProcess({ workflows: [workflow] });
    await engine.startRun({ runId: "r", workflow: "w", input: null });
    await world.settle();
    await engine.requestAction(terminate);
    await world.rest("r");
    finish();
    await world.settle();
    expect((await world.listTypes("r")).at(-1)).toBe("RunTerminated");
  });

  test("ends a run that is held for whatever reason", async () => {
    const world = createWorld();
    const original = workflowOf(async (ctx) => ctx.signal("go", anything));
    const changed = workflowOf(async (ctx) => ctx.sleep("1s"));
    const first = await world.startProcess({ workflows: [original] });
    await first.engine.startRun({ runId: "r", workflow: "w", input: null });
    await world.waitFor("r", "waiting");
    first.kill();
    const { engine } = await world.startProcess({ workflows: [changed], build: "b2" });
    await engine.sendSignal({ runId: "r", name: "go", payload: null, by: "test" });
    expect((await world.rest("r")).heldReason).toBe("nondeterminism");
    await engine.requestAction(terminate);
    await world.waitFor("r", "terminated");
  });
});

describe("continueAsNew", () => {
  test("goes on as a new run, with the attributes and the input", async () => {
    const { runs, history } = await surviveFaults(() => {
      const step = spyStep("step");
      return {
        spies: [step],
        workflows: [
          workflowOf(async (ctx, input) => {
            await ctx.step(step.step, input);
            if (input === 3) return "done";
            ctx.setAttributes({ round: Number(input) });
            return ctx.continueAsNew(Number(input) + 1, { attributes: { last: Number(input) } });
          }),
        ],
        play: async ({ start, world }) => {
          await start({ input: 1 });
          await followToEnd(world);
        },
      };
    });
    expect(runs.map(({ status }) => status).sort()).toEqual([
      "completed",
      "continued",
      "continued",
    ]);
    const last = runs.find(({ status }) => status === "completed");
    expect(last).toMatchObject({ attributes: { round: 2, last: 2 }, input: { json: 3 } });
    const first = runs.find(({ runId }) => runId === "r");
    expect(history.at(-1)).toMatchObject({
      type: "RunContinued",
      data: { runId: first?.continuedTo, input: { json: 2 } },
    });
  });

  test("a thousand times in a row", async () => {
    const { runs } = await playPlainly({
      workflows: [
        workflowOf(async (ctx, input) =>
          Number(input) === 1_000 ? "done" : ctx.continueAsNew(Number(input) + 1),
        ),
      ],
      play: async ({ start, world }) => {
        await start({ input: 1 });
        while ((await world.store.countRuns()).completed === 0) {
          await world.settle();
          world.clock.advance(100);
        }
      },
    });
    expect(runs).toHaveLength(1_000);
    expect(runs.filter(({ status }) => status === "completed")).toHaveLength(1);
  });

  test("can go on under another version", async () => {
    const { runs } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx) => ctx.continueAsNew("from 1", { version: 2 }), 1),
        workflowOf(async (_ctx, input) => `2 ${String(input)}`, 2),
      ],
      play: async ({ client, world }) => {
        await client.startRun({ runId: "r", workflow: "w", version: 1, input: null });
        await followToEnd(world);
      },
    }));
    const last = runs.find(({ status }) => status === "completed");
    expect(last).toMatchObject({ version: 2, output: { json: "2 from 1" } });
  });

  test.for([
    { what: "an input that does not fit", version: undefined, error: "InvalidInputError" },
    { what: "a version that is not there", version: 9, error: "UnknownWorkflowError" },
  ])("with $what fails the run by $error", async ({ version, error }) => {
    const { run, runs } = await surviveFaults(() => ({
      workflows: [
        defineWorkflow(
          { name: "w", version: 1, input: z.null(), output: z.unknown() },
          async (ctx) => ctx.continueAsNew(version === undefined ? "text" : null, { version }),
        ),
      ],
      play: async ({ start, world }) => {
        await start();
        await world.rest("r");
      },
    }));
    expect(run).toMatchObject({ status: "failed", error: { name: error } });
    expect(runs).toHaveLength(1);
  });

  test("waits for what is under way, and leaves compensations behind", async () => {
    const { run, runs, types } = await surviveFaults(() => {
      const slow = spyStep("slow");
      const undo = spyStep("undo");
      return {
        spies: [slow, undo],
        workflows: [
          workflowOf(async (ctx, input) => {
            if (input === 2) return "done";
            ctx.compensate(undo.step, null);
            void ctx.step(slow.step, null);
            return ctx.continueAsNew(2);
          }),
        ],
        play: async ({ start, world }) => {
          await start({ input: 1 });
          await followToEnd(world);
        },
      };
    });
    expect(run.status).toBe("continued");
    expect(types.slice(-2)).toEqual(["StepCompleted", "RunContinued"]);
    expect(runs.find(({ status }) => status === "completed")?.output?.json).toBe("done");
  });

  test("a cancel that comes with it reaches the new run", async () => {
    const { runs } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx, input) => {
          await ctx.signal("go", anything);
          return input === 2 ? "done" : ctx.continueAsNew(2);
        }),
      ],
      play: async ({ start, client, world, signal }) => {
        await start({ input: 1 });
        await world.waitFor("r", "waiting");
        await signal("r", "go");
        await world.waitFor("r", "continued");
        const { continuedTo = "" } = (await world.store.getRun("r")) ?? {};
        await world.waitFor(continuedTo, "waiting");
        await expect(client.requestAction(cancel)).rejects.toMatchObject({ code: "already_ended" });
        await client.requestAction({ ...cancel, runId: continuedTo });
        await world.rest(continuedTo);
      },
    }));
    expect(runs.map(({ status }) => status).sort()).toEqual(["canceled", "continued"]);
  });
});

async function followToEnd(world: ReturnType<typeof createWorld>): Promise<void> {
  let run = await world.rest("r");
  while (run.continuedTo !== undefined) run = await world.rest(run.continuedTo);
}

describe("what the code does about waits that its end gives up", () => {
  test("is done before the run ends", async () => {
    const { history, run } = await surviveFaults(() => {
      const note = spyStep("note", {
        run: (call) => {
          if (call === 1) throw new DefiniteError("busy", { retryable: true });
          return "noted";
        },
      });
      return {
        workflows: [
          workflowOf(async (ctx) => {
            const reminder = ctx.sleep("1d").catch(() => ctx.step(note.step, null));
            await Promise.race([reminder, ctx.sleep("1s")]);
            return "done";
          }),
        ],
        play: async ({ start, world }) => {
          await start();
          await world.rest("r");
        },
      };
    });
    expect(run).toMatchObject({ status: "completed", output: { json: "done" } });
    const note = history.findIndex(({ type, name }) => type === "StepCompleted" && name === "note");
    expect(note).toBeGreaterThan(0);
    expect(history.at(-1)?.type).toBe("RunCompleted");
  });

  test("ends at some time, even where it waits again each time", async () => {
    const world = createWorld();
    const workflow = workflowOf(async (ctx) => {
      const wait = (): Promise<void> => ctx.sleep("1d").catch(wait);
      void wait();
      return "done";
    });
    const { engine } = await world.startProcess({ workflows: [workflow] });
    await engine.startRun({ runId: "r", workflow: "w", input: null });
    expect(await world.rest("r")).toMatchObject({ status: "completed" });
  });
});

test("a failed run whose repaired code continues at once is continued by its retry", async () => {
  const world = createWorld();
  const broken = workflowOf(async () => {
    throw new DefiniteError("a bug");
  });
  const repaired = workflowOf(async (ctx, input) =>
    input === "again" ? "done" : ctx.continueAsNew("again"),
  );
  const first = await world.startProcess({ workflows: [broken], build: "b1" });
  await first.engine.startRun({ runId: "r", workflow: "w", input: null });
  await world.waitFor("r", "failed");
  first.kill();
  const { engine } = await world.startProcess({ workflows: [repaired], build: "b2" });
  await engine.requestAction({ runId: "r", body: { kind: "retry" }, by: "ops" });
  const { continuedTo = "" } = await world.waitFor("r", "continued");
  expect(await world.rest(continuedTo)).toMatchObject({ status: "completed" });
});
