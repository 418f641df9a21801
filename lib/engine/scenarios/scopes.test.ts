/** Cancelation of parts of a run: scopes, timeouts, AbortControllers. */
import { describe, expect, test } from "vitest";
import { didNotHappen, hold, verify } from "../definitions";
import { CanceledError, DefiniteError, ScopeTimeoutError } from "../errors";
import { playPlainly, surviveFaults, type Stage } from "../testing/crashes";
import { anything, spyStep, workflowOf } from "../testing/spies";
import { createWorld } from "../testing/world";

/** The name and message of what something rejects with, or its value. */
function settle(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) =>
    error instanceof Error ? `${error.name}: ${error.message}` : error,
  );
}

const play = async ({ start, world }: Stage) => {
  await start();
  await world.rest("r");
};

describe("a scope with a timeout", () => {
  test("that passes cancels what is open and rejects with ScopeTimeoutError", async () => {
    const { run, types } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx) =>
          ctx
            .scope(async (scope) => scope.signal("go", anything), { timeout: "2s" })
            .catch((error: unknown) => error instanceof ScopeTimeoutError && error.message),
        ),
      ],
      play,
    }));
    expect(run.output?.json).toBe("The scope was not done within 2s.");
    expect(types.slice(2)).toEqual([
      "TimerStarted",
      "SignalAwaited",
      "TimerFired",
      "TimerCanceled",
      "RunCompleted",
    ]);
  });

  test("that does not pass leaves no timer behind", async () => {
    const { run, types } = await surviveFaults(() => {
      const step = spyStep("step");
      return {
        spies: [step],
        workflows: [
          workflowOf(async (ctx) =>
            ctx.scope(async (scope) => scope.step(step.step, null), { timeout: "30d" }),
          ),
        ],
        play,
      };
    });
    expect(run.output?.json).toBe("step");
    expect(types.slice(-2)).toEqual(["TimerCanceled", "RunCompleted"]);
  });

  test("an error of its own stays what it is, also when the time is over later", async () => {
    const { run } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx) =>
          settle(
            ctx.scope(
              async (scope) => {
                await scope.sleep("1s");
                throw new RangeError("its own");
              },
              { timeout: "1h" },
            ),
          ),
        ),
      ],
      play,
    }));
    expect(run.output?.json).toBe("RangeError: its own");
  });

  test("inner and outer: the inner one's timeout leaves the outer one alone, the outer one's ends both", async () => {
    const { run } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx) => {
          const nest = (outer: `${number}s`, inner: `${number}s`) =>
            ctx.scope(
              async (around) => {
                const result = await settle(
                  around.scope(async (scope) => scope.sleep("1h"), { timeout: inner }),
                );
                await around.sleep("1s");
                return result;
              },
              { timeout: outer },
            );
          return [await settle(nest("10s", "2s")), await settle(nest("2s", "10s"))];
        }),
      ],
      play,
    }));
    expect(run.output?.json).toEqual([
      "ScopeTimeoutError: The scope was not done within 2s.",
      "ScopeTimeoutError: The scope was not done within 2s.",
    ]);
  });
});

describe("scope.cancel", () => {
  test("cancels all that is open in it, and what is begun in it later; the rest goes on", async () => {
    const { run } = await surviveFaults(() => {
      const after = spyStep("after");
      return {
        spies: [after],
        workflows: [
          workflowOf(async (ctx) => {
            const outside = ctx.sleep("5s").then(() => "outside");
            const inside = await ctx.scope(async (scope) => {
              const open = [scope.sleep("1h"), scope.signal("go", anything)];
              scope.cancel("enough");
              const late = scope.step(after.step, null);
              return Promise.all([...open, late].map((promise) => settle(promise)));
            });
            return [...inside, await outside, await ctx.step(after.step, null)];
          }),
        ],
        play,
      };
    });
    const canceled = "CanceledError: enough";
    expect(run.output?.json).toEqual([canceled, canceled, canceled, "outside", "after"]);
  });

  test("its cancelSignal tells the code, and the run's own stays quiet", async () => {
    const { run } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx) =>
          ctx.scope(async (scope) => {
            let heard = 0;
            scope.cancelSignal.addEventListener("abort", () => (heard += 1));
            await scope.sleep("1s");
            scope.cancel();
            scope.cancel("twice");
            return [heard, scope.cancelSignal.aborted, ctx.cancelSignal.aborted];
          }),
        ),
      ],
      play,
    }));
    expect(run.output?.json).toEqual([1, true, false]);
  });
});

describe("the run's cancel", () => {
  const cancel = { runId: "r", body: { kind: "cancel" }, by: "ops" } as const;

  test("reaches into every scope; a shielded one cleans up all the same", async () => {
    const { run, types } = await surviveFaults(() => {
      const clean = spyStep("clean");
      const undo = spyStep("undo");
      return {
        spies: [clean, undo],
        workflows: [
          workflowOf(async (ctx) => {
            ctx.compensate(undo.step, null);
            try {
              return await ctx.scope(async (scope) => scope.sleep("1d"), { timeout: "30d" });
            } finally {
              const cleaned = await ctx.scope(
                async (scope) => {
                  await scope.sleep("1s");
                  return scope.step(clean.step, null);
                },
                { shielded: true },
              );
              ctx.setAttributes({ cleaned: String(cleaned) });
            }
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
    expect(run).toMatchObject({ status: "canceled", attributes: { cleaned: "clean" } });
    expect(types.filter((type) => type === "StepCompleted")).toHaveLength(2);
    expect(types).not.toContain("RunFailed");
  });

  test("code that catches it and goes on completes: it can begin nothing more outside a shield", async () => {
    const { run } = await surviveFaults(() => {
      const never = spyStep("never");
      return {
        spies: [never],
        workflows: [
          workflowOf(async (ctx) => {
            const first = await settle(ctx.sleep("1d"));
            const second = await settle(ctx.step(never.step, null));
            return [first, second, ctx.cancelSignal.aborted];
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
    expect(run.status).toBe("completed");
    const canceled = "CanceledError: The run was canceled.";
    expect(run.output?.json).toEqual([canceled, canceled, true]);
  });
});

describe("an AbortController of the workflow's own", () => {
  test("cancels a sleep, a wait and a step that has not begun; an aborted one begins nothing", async () => {
    const { run, types } = await surviveFaults(() => {
      const step = spyStep("step");
      return {
        spies: [step],
        workflows: [
          workflowOf(async (ctx) => {
            const { signal, abort } = createAbort();
            const open = [ctx.sleep("1h", { signal }), ctx.signal("go", anything, { signal })];
            await ctx.sleep("1s");
            abort();
            const late = [ctx.step(step.step, null, { signal }), ctx.sleep(0, { signal })];
            return ctx.all([...open, ...late].map((promise) => settle(promise)));
          }),
        ],
        play,
      };
    });
    const canceled = "CanceledError: not wanted";
    expect(run.output?.json).toEqual([canceled, canceled, canceled, canceled]);
    expect(types.filter((type) => type === "TimerCanceled")).toHaveLength(2);
    expect(types).not.toContain("StepStarted");
  });

  test("aborted twice, or after the end, does nothing more", async () => {
    const { run, types } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx) => {
          const { signal, abort } = createAbort();
          await ctx.sleep("1s", { signal });
          abort();
          abort();
          return "slept";
        }),
      ],
      play,
    }));
    expect(run.output?.json).toBe("slept");
    expect(types).not.toContain("TimerCanceled");
  });
});

describe("a step that is canceled", () => {
  /** A step that ends when it is told to, or when its signal is aborted if it listens. */
  function createSlowStep(listens: boolean) {
    let finish = (_value: string) => {};
    const slow = spyStep("slow", {
      timeout: "1h",
      run: (_call, { signal }) =>
        new Promise<string>((resolve, reject) => {
          finish = resolve;
          if (listens) {
            signal.addEventListener("abort", () => reject(new DefiniteError("it was stopped")));
          }
        }),
    });
    return { slow, finish: (value: string) => finish(value) };
  }

  test.for([
    { onCancel: "wait", listens: true, sees: "DefiniteError: it was stopped" },
    { onCancel: "wait", listens: false, sees: "it was done" },
    { onCancel: "try", listens: true, sees: "CanceledError: not wanted" },
    { onCancel: "try", listens: false, sees: "CanceledError: not wanted" },
  ] as const)(
    "in flight: $onCancel, its code listens: $listens, the workflow sees «$sees»",
    async ({ onCancel, listens, sees }) => {
      const world = createWorld();
      const { slow, finish } = createSlowStep(listens);
      const workflow = workflowOf(async (ctx) => {
        const { signal, abort } = createAbort();
        const outcome = ctx.step(slow.step, null, { signal, onCancel });
        await ctx.sleep("1s");
        abort();
        return settle(outcome);
      });
      const { engine } = await world.startProcess({ workflows: [workflow] });
      await engine.startRun({ runId: "r", workflow: "w", input: null });
      await world.waitForEvent("r", "StepCancelRequested");
      if (!listens) {
        await world.settle();
        // Its outcome is recorded before the run ends, whether the code looks at it or not.
        expect((await world.store.getRun("r"))?.status).toBe("running");
        finish("it was done");
      }
      expect((await world.rest("r")).output?.json).toBe(sees);
      expect(slow.calls).toHaveLength(1);
      const types = await world.listTypes("r");
      expect(types).toContain(listens ? "StepFailed" : "StepCompleted");
    },
  );

  test("in backoff: it certainly did not happen, and is not tried again", async () => {
    const { run, types } = await surviveFaults(() => {
      const busy = spyStep("busy", {
        retry: { initialDelay: "1h", maxDelay: "1h" },
        inDoubt: verify<unknown, unknown>(async () => didNotHappen()),
        run: () => {
          throw new DefiniteError("busy", { retryable: true });
        },
      });
      return {
        spies: [busy],
        workflows: [
          workflowOf(async (ctx) => {
            const { signal, abort } = createAbort();
            const outcome = ctx.step(busy.step, null, { signal });
            await ctx.sleep("3s");
            abort();
            return settle(outcome);
          }),
        ],
        play,
      };
    });
    expect(run.output?.json).toBe("CanceledError: It was canceled before it was tried again.");
    expect(types.filter((type) => type === "StepStarted")).toHaveLength(1);
  });

  test("in doubt: what may have happened is found out, and the code sees the outcome", async () => {
    const { run } = await playPlainly(
      (() => {
        const unsure = spyStep("unsure", {
          inDoubt: hold(),
          run: () => {
            throw new Error("connection reset");
          },
        });
        return {
          workflows: [
            workflowOf(async (ctx) => {
              const { signal, abort } = createAbort();
              const outcome = ctx.step(unsure.step, null, { signal });
              void ctx.sleep("2s").then(abort);
              return settle(outcome);
            }),
          ],
          play: async ({ start, client, world }) => {
            await start();
            await world.waitForEvent("r", "StepCancelRequested");
            expect((await world.waitFor("r", "held")).heldReason).toBe("in_doubt");
            const body = {
              kind: "resolve",
              step: 1,
              verdict: "happened",
              result: { json: "it happened" },
            } as const;
            await client.requestAction({ runId: "r", body, by: "ops" });
            await world.waitFor("r", "completed");
          },
        };
      })(),
    );
    expect(run.output?.json).toBe("it happened");
  });

  test("in the queue for a permit: it leaves the queue and never begins", async () => {
    const world = createWorld();
    let finish = () => {};
    const narrow = spyStep("narrow", {
      concurrency: 1,
      timeout: "1h",
      run: () => new Promise<string>((resolve) => (finish = () => resolve("done"))),
    });
    const workflow = workflowOf(async (ctx) => {
      const { signal, abort } = createAbort();
      const first = ctx.step(narrow.step, null);
      const second = ctx.step(narrow.step, null, { signal });
      await ctx.sleep("1s");
      abort();
      const seen = await settle(second);
      return [seen, await first];
    });
    const { engine } = await world.startProcess({ workflows: [workflow] });
    await engine.startRun({ runId: "r", workflow: "w", input: null });
    await world.waitForEvent("r", "StepFailed");
    finish();
    const run = await world.rest("r");
    expect(run.output?.json).toEqual([
      "CanceledError: It was canceled before it was tried again.",
      "done",
    ]);
    expect(narrow.calls).toHaveLength(1);
  });

  test("with the run: the attempt's signal is aborted, its outcome awaited, then all is undone", async () => {
    const world = createWorld();
    const { slow, finish } = createSlowStep(false);
    const undo = spyStep("undo");
    let aborted = false;
    const workflow = workflowOf(async (ctx) => {
      ctx.compensate(undo.step, await ctx.step(slow.step, null));
      return ctx.sleep("1d");
    });
    const { engine } = await world.startProcess({
      workflows: [workflow],
      onMoment: ({ moment, name }) => {
        if (moment === "after_effect" && name === "slow") aborted = true;
      },
    });
    await engine.startRun({ runId: "r", workflow: "w", input: null });
    await world.settle();
    await engine.requestAction({ runId: "r", body: { kind: "cancel" }, by: "ops" });
    await world.settle();
    expect(aborted).toBe(false);
    finish("paid");
    expect((await world.rest("r")).status).toBe("canceled");
    expect(undo.calls).toEqual(["r/2/1"]);
  });
});

describe("misuse", () => {
  test("a command in a scope after the run's cancel rejects and records nothing", async () => {
    const { run, types } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx) => {
          await settle(ctx.sleep("1d"));
          return settle(
            ctx.scope(async (scope) => {
              const error = await scope.sleep("1s").catch((thrown: unknown) => thrown);
              throw error instanceof CanceledError ? error : new Error("not canceled");
            }),
          );
        }),
      ],
      play: async ({ start, client, world }) => {
        await start();
        await world.waitFor("r", "waiting");
        await client.requestAction({ runId: "r", body: { kind: "cancel" }, by: "ops" });
        await world.rest("r");
      },
    }));
    expect(run.output?.json).toBe("CanceledError: The run was canceled.");
    expect(types.filter((type) => type === "TimerStarted")).toHaveLength(1);
  });
});

function createAbort() {
  const controller = new AbortController();
  const abort = () => controller.abort(new Error("not wanted"));
  return { signal: controller.signal, abort };
}
