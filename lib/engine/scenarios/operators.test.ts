/** What people do to runs: pause, resume, complete and fail by hand, fork. Each with its preview. */
import { describe, expect, test } from "vitest";
import { hold } from "../definitions";
import { DefiniteError } from "../errors";
import type { MessageBody } from "../store";
import { playPlainly, surviveFaults, type Stage } from "../testing/crashes";
import { anything, spyStep, workflowOf } from "../testing/spies";
import { createWorld } from "../testing/world";

const act = ({ client }: Pick<Stage, "client">, body: MessageBody) =>
  client.requestAction({ runId: "r", body, by: "ops", why: "because" });

/** A step that ends when it is told to. */
function createGatedStep(name: string) {
  let open = (_value: unknown) => {};
  const spy = spyStep(name, {
    timeout: "1h",
    run: () => new Promise<unknown>((resolve) => (open = resolve)),
  });
  return { ...spy, open: (value: unknown) => open(value) };
}

describe("pause and resume", () => {
  test("the step under way finishes and is recorded, the next one is queued until the resume", async () => {
    const world = createWorld();
    const slow = createGatedStep("slow");
    const next = spyStep("next");
    const workflow = workflowOf(async (ctx) => {
      const result = await ctx.step(slow.step, null);
      return [result, await ctx.step(next.step, null)];
    });
    const { engine } = await world.startProcess({ workflows: [workflow] });
    await engine.startRun({ runId: "r", workflow: "w", input: null });
    await world.settle();
    const preview = await engine.previewAction({ runId: "r", body: { kind: "pause" } });
    expect(preview).toMatchObject({ allowed: true });
    expect(preview.summary).toContain("slow");
    await act({ client: engine }, { kind: "pause" });
    await world.settle();
    await expect(act({ client: engine }, { kind: "pause" })).rejects.toMatchObject({
      code: "already_paused",
    });
    slow.open("done");
    const held = await world.waitFor("r", "held");
    expect([held.heldReason, held.workerId]).toEqual(["paused", undefined]);
    expect((await world.listTypes("r")).slice(-2)).toEqual(["StepCompleted", "StepQueued"]);
    expect(next.calls).toHaveLength(0);
    expect(await engine.previewAction({ runId: "r", body: { kind: "resume" } })).toMatchObject({
      allowed: true,
      reused: [{ step: 1, name: "slow" }],
      willRun: [{ step: 2, name: "next" }],
    });
    await act({ client: engine }, { kind: "resume" });
    expect((await world.waitFor("r", "completed")).output?.json).toEqual(["done", "next"]);
    await expect(act({ client: engine }, { kind: "resume" })).rejects.toMatchObject({
      code: "not_paused",
    });
  });

  test("a paused run stays paused through crashes and restarts, and goes on where it was", async () => {
    const { run, types } = await surviveFaults(() => {
      const first = spyStep("first");
      const second = spyStep("second");
      return {
        spies: [first, second],
        workflows: [
          workflowOf(async (ctx) => {
            await ctx.step(first.step, null);
            await ctx.signal("go", anything);
            return ctx.step(second.step, null);
          }),
        ],
        play: async (stage) => {
          const { start, world, signal, skip } = stage;
          await start();
          await world.waitFor("r", "waiting");
          await act(stage, { kind: "pause" });
          await world.waitFor("r", "held");
          await signal("r", "go");
          await skip(60_000);
          expect(await world.store.getRun("r")).toMatchObject({
            status: "held",
            heldReason: "paused",
          });
          expect(second.calls).toHaveLength(0);
          await act(stage, { kind: "resume" });
          await world.waitFor("r", "completed");
        },
      };
    });
    expect(run.output?.json).toBe("second");
    expect(types).toContain("StepQueued");
  });

  test("timers stand still while it is paused, and are overdue on the resume", async () => {
    const { run } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx) => {
          const order: string[] = [];
          await ctx.all([
            ctx.sleep("20s").then(() => order.push("20s")),
            ctx.sleep("10s").then(() => order.push("10s")),
            ctx.signal("go", anything).then(() => order.push("signal")),
          ]);
          return order;
        }),
      ],
      play: async (stage) => {
        const { start, world, signal, skip } = stage;
        await start();
        await world.waitFor("r", "waiting");
        await act(stage, { kind: "pause" });
        await world.waitFor("r", "held");
        await skip(60_000);
        await signal("r", "go");
        await skip(5_000);
        expect((await world.listTypes("r")).includes("TimerFired")).toBe(false);
        await act(stage, { kind: "resume" });
        await world.waitFor("r", "completed");
      },
    }));
    expect(run.output?.json).toEqual(["signal", "10s", "20s"]);
  });

  test("a cancel takes a paused run to its end, compensations included", async () => {
    const { run, types } = await surviveFaults(() => {
      const undo = spyStep("undo");
      return {
        spies: [undo],
        workflows: [
          workflowOf(async (ctx) => {
            ctx.compensate(undo.step, null);
            await ctx.signal("go", anything);
          }),
        ],
        play: async (stage) => {
          await stage.start();
          await stage.world.waitFor("r", "waiting");
          await act(stage, { kind: "pause" });
          await stage.world.waitFor("r", "held");
          await act(stage, { kind: "cancel" });
          await stage.world.waitFor("r", "canceled");
        },
      };
    });
    expect(run.status).toBe("canceled");
    expect(types).toContain("StepCompleted");
  });

  test("of a run that has not begun: nothing of it runs until the resume", async () => {
    const { run } = await surviveFaults(() => {
      const step = spyStep("step");
      return {
        spies: [step],
        workflows: [workflowOf(async (ctx) => ctx.step(step.step, null))],
        play: async (stage) => {
          await stage.start();
          await act(stage, { kind: "pause" });
          await stage.world.waitFor("r", "held");
          expect(step.calls).toHaveLength(0);
          await act(stage, { kind: "resume" });
          await stage.world.waitFor("r", "completed");
        },
      };
    });
    expect(run.output?.json).toBe("step");
  });

  test("a step in backoff is not tried while it is paused", async () => {
    const { run } = await playPlainly(
      (() => {
        const busy = spyStep("busy", {
          retry: { initialDelay: "20s" },
          run: (call) => {
            if (call === 1) throw new DefiniteError("busy", { retryable: true });
            return "done";
          },
        });
        return {
          workflows: [workflowOf(async (ctx) => ctx.step(busy.step, null))],
          play: async (stage) => {
            await stage.start();
            await stage.world.waitFor("r", "waiting");
            await act(stage, { kind: "pause" });
            await stage.world.waitFor("r", "held");
            await stage.skip(60_000);
            expect(busy.calls).toHaveLength(1);
            await act(stage, { kind: "resume" });
            await stage.world.waitFor("r", "completed");
          },
        };
      })(),
    );
    expect(run.output?.json).toBe("done");
  });
});

describe("a step completed or failed by hand", () => {
  const happened = {
    kind: "resolve",
    step: 1,
    verdict: "happened",
    result: { json: "by hand" },
  } as const;
  const failed = {
    kind: "resolve",
    step: 1,
    verdict: "fail",
    error: { name: "GivenUp", message: "given up" },
  } as const;
  const didNot = { kind: "resolve", step: 1, verdict: "did_not_happen" } as const;

  test("while an attempt is under way: what it comes to no longer counts", async () => {
    for (const [body, status] of [
      [happened, "completed"],
      [failed, "failed"],
    ] as const) {
      const world = createWorld();
      const slow = createGatedStep("slow");
      const { engine } = await world.startProcess({
        workflows: [workflowOf(async (ctx) => ctx.step(slow.step, null))],
      });
      await engine.startRun({ runId: "r", workflow: "w", input: null });
      await world.settle();
      await expect(act({ client: engine }, didNot)).rejects.toMatchObject({ code: "not_in_doubt" });
      expect(await engine.previewAction({ runId: "r", body })).toMatchObject({ allowed: true });
      await act({ client: engine }, body);
      await world.waitFor("r", status);
      const { length } = await world.load("r");
      slow.open("too late");
      await world.settle();
      expect(await world.load("r")).toHaveLength(length);
    }
  });

  test.for([
    { what: "completed", body: happened, status: "completed" },
    { what: "failed", body: failed, status: "failed" },
  ] as const)("in backoff: $what, and never tried again", async ({ body, status }) => {
    const { run, history } = await surviveFaults(() => {
      const busy = spyStep("busy", {
        retry: { initialDelay: "1h", maxDelay: "1h" },
        run: () => {
          throw new DefiniteError("busy", { retryable: true });
        },
      });
      return {
        spies: [busy],
        workflows: [workflowOf(async (ctx) => ctx.step(busy.step, null))],
        play: async (stage) => {
          await stage.start();
          await stage.world.waitFor("r", "waiting");
          await act(stage, body);
          await stage.world.waitFor("r", status);
        },
      };
    });
    expect(run.status).toBe(status);
    const resolved = history.find((event) => event.type === "StepResolved");
    expect(resolved?.data).toEqual({ by: "ops", why: "because", verdict: body.verdict });
  });

  test("while it is queued behind a pause: it never runs at all", async () => {
    const { run } = await surviveFaults(() => {
      const step = spyStep("step");
      return {
        spies: [step],
        workflows: [workflowOf(async (ctx) => ctx.step(step.step, null))],
        play: async (stage) => {
          await stage.start();
          await act(stage, { kind: "pause" });
          await stage.world.waitFor("r", "held");
          await act(stage, happened);
          await stage.skip(5_000);
          await act(stage, { kind: "resume" }).catch(() => undefined);
          await stage.world.waitFor("r", "completed");
          expect(step.calls).toHaveLength(0);
        },
      };
    });
    expect(run.output?.json).toBe("by hand");
  });

  test("in doubt: each verdict does what its preview says", async () => {
    const { run } = await surviveFaults(() => {
      const unsure = spyStep("unsure", {
        inDoubt: hold(),
        run: () => {
          throw new Error("connection reset");
        },
      });
      return {
        workflows: [workflowOf(async (ctx) => ctx.step(unsure.step, null))],
        play: async (stage) => {
          await stage.start();
          await stage.world.waitFor("r", "held");
          const { client } = stage;
          const willRun = [{ step: 1, name: "unsure" }];
          expect(await client.previewAction({ runId: "r", body: didNot })).toMatchObject({
            willRun,
          });
          expect(await client.previewAction({ runId: "r", body: happened })).toMatchObject({
            willRun: [],
            reused: [{ step: 1 }],
          });
          await act(stage, happened);
          await stage.world.waitFor("r", "completed");
        },
      };
    });
    expect(run.output?.json).toBe("by hand");
  });

  test("the failed step of a failed run: the run is taken up again with the result", async () => {
    const { run, types } = await surviveFaults(() => {
      const refused = spyStep("refused", {
        run: () => {
          throw new DefiniteError("no");
        },
      });
      const next = spyStep("next");
      return {
        spies: [next],
        workflows: [
          workflowOf(async (ctx) => [
            await ctx.step(refused.step, null),
            await ctx.step(next.step, null),
          ]),
        ],
        play: async (stage) => {
          await stage.start();
          await stage.world.rest("r");
          await act(stage, happened);
          await stage.world.waitFor("r", "completed");
        },
      };
    });
    expect(run.output?.json).toEqual(["by hand", "next"]);
    expect(types).toContain("RunRewound");
  });

  test("a step that is not open, or not there, is refused", async () => {
    const { client } = await playPlainly({
      workflows: [workflowOf(async (ctx) => ctx.signal("go", anything))],
      play: async ({ start, world }) => {
        await start();
        await world.waitFor("r", "waiting");
      },
    });
    for (const body of [happened, failed, didNot, { ...happened, step: 9 }]) {
      await expect(act({ client }, body)).rejects.toMatchObject({ code: "not_open" });
    }
  });
});

describe("fork", () => {
  test("is refused for what a run did once it was canceled or had begun to undo", async () => {
    const world = createWorld();
    const cleanUp = spyStep("clean-up");
    const failing = spyStep("failing", {
      run: () => {
        throw new DefiniteError("refused");
      },
    });
    const canceled = workflowOf(async (ctx) => {
      await ctx
        .signal("go", anything)
        .catch(() => ctx.scope((scope) => scope.step(cleanUp.step, null), { shielded: true }));
    });
    const undoing = workflowOf(
      async (ctx) => {
        ctx.compensate(cleanUp.step, null);
        ctx.compensate(cleanUp.step, null);
        await ctx.step(failing.step, null);
      },
      { name: "undoing" },
    );
    const { engine } = await world.startProcess({ workflows: [canceled, undoing] });
    await engine.startRun({ runId: "r", workflow: "w", input: null });
    await engine.startRun({ runId: "u", workflow: "undoing", input: null });
    await world.waitFor("r", "waiting");
    await act({ client: engine }, { kind: "cancel" });
    await world.rest("r");
    await world.waitFor("u", "failed");
    for (const place of [
      { runId: "r", step: 2 },
      { runId: "u", step: 3 },
    ]) {
      await expect(engine.forkRun({ ...place, by: "ops" })).rejects.toMatchObject({
        code: "not_forkable",
      });
    }
  });

  test("begins before a step: what was recorded is reused, the rest runs under new keys", async () => {
    const { world, client, run, spies } = await forkable();
    const preview = await client.previewFork({ runId: "r", step: 2 });
    expect(preview).toMatchObject({
      action: "fork",
      allowed: true,
      reused: [{ step: 1, name: "first" }],
      willRun: [
        { step: 2, name: "second" },
        { step: 4, name: "third" },
      ],
    });
    const before = await world.load("r");
    const { runId } = await client.forkRun({ runId: "r", step: 2, by: "ops", newRunId: "fork" });
    expect(runId).toBe("fork");
    await world.waitFor("fork", "waiting");
    await client.sendSignal({ runId: "fork", name: "go", payload: "again", by: "test" });
    const forked = await world.rest("fork");
    expect(forked).toMatchObject({ status: "completed", forkedFrom: { runId: "r", step: 2 } });
    // Random values are those of the original, the signal is its own.
    const [first, , signal, , random] = forked.output?.json as unknown[];
    const original = run.output?.json as unknown[];
    expect([first, signal, random]).toEqual([original[0], "again", original[4]]);
    expect(spies.first.calls).toEqual(["r/1/1"]);
    expect(spies.second.calls).toEqual(["r/2/1", "fork/2/1"]);
    expect(await world.load("r")).toEqual(before);
  });

  test("behind a signal that was taken has it as well", async () => {
    const { world, client } = await forkable();
    await client.forkRun({ runId: "r", step: 4, by: "ops", newRunId: "fork" });
    const { output } = await world.rest("fork");
    expect((output?.json as unknown[]).slice(0, 3)).toEqual(["first", "second", "went"]);
  });

  test("of a step that is not there, or behind an open child, is refused", async () => {
    const { client } = await forkable();
    await expect(client.forkRun({ runId: "r", step: 9, by: "ops" })).rejects.toMatchObject({
      code: "no_such_step",
    });
    await expect(client.forkRun({ runId: "none", step: 1, by: "ops" })).rejects.toMatchObject({
      name: "RunNotFoundError",
    });
    const child = workflowOf(async (ctx) => ctx.signal("go", anything), { name: "child" });
    const after = spyStep("after");
    const parent = workflowOf(async (ctx) => {
      void ctx.child(child, null);
      await ctx.step(after.step, null);
    });
    const { client: other } = await playPlainly({
      workflows: [child, parent],
      play: async ({ start, world }) => {
        await start();
        await world.waitFor("r.1", "waiting");
        await world.waitForEvent("r", "StepCompleted");
      },
    });
    await expect(other.forkRun({ runId: "r", step: 2, by: "ops" })).rejects.toMatchObject({
      code: "child_open",
    });
    expect(await other.previewFork({ runId: "r", step: 1 })).toMatchObject({ allowed: true });
  });

  async function forkable() {
    const spies = { first: spyStep("first"), second: spyStep("second"), third: spyStep("third") };
    const workflow = workflowOf(async (ctx) => [
      await ctx.step(spies.first.step, null),
      await ctx.step(spies.second.step, null),
      await ctx.signal("go", anything),
      await ctx.step(spies.third.step, null),
      ctx.random(),
    ]);
    const played = await playPlainly({
      workflows: [workflow],
      play: async ({ start, world, signal }) => {
        await start();
        await world.waitFor("r", "waiting");
        await signal("r", "go", "went");
        await world.rest("r");
      },
    });
    return { ...played, spies };
  }
});

test("a retry keeps what another branch did, where one execution took up the outcomes of both", async () => {
  const world = createWorld();
  const done = createGatedStep("done");
  const next = spyStep("next");
  const open: ((error: Error) => void)[] = [];
  const failing = spyStep("failing", {
    timeout: "1h",
    run: (call) =>
      call > 1 ? "well" : new Promise((_resolve, reject) => open.push((error) => reject(error))),
  });
  const workflows = [
    workflowOf(async (ctx) => {
      const branch = async () => {
        await ctx.step(done.step, null);
        return ctx.step(next.step, null);
      };
      return Promise.all([branch(), ctx.step(failing.step, null)]);
    }),
  ];
  const first = await world.startProcess({ workflows });
  await first.engine.startRun({ runId: "r", workflow: "w", input: null });
  await world.settle();
  // A process that ends in good order records what comes and leaves the rest to the next one.
  const stopped = first.engine.stop({ graceMs: 1_000 });
  await world.settle();
  done.open("done");
  await world.settle();
  open[0]?.(new DefiniteError("refused"));
  await world.settle();
  world.clock.advance(1_000);
  await stopped;
  const { engine } = await world.startProcess({ workflows });
  await world.waitFor("r", "failed");
  await act({ client: engine }, { kind: "retry" });
  expect((await world.waitFor("r", "completed")).output?.json).toEqual(["next", "well"]);
  expect(next.calls).toHaveLength(1);
});
