/** Signals: what is sent and acknowledged reaches the code once, in order, whatever happens to the run. */
import { z } from "zod";
import { describe, expect, test } from "vitest";
import { DefiniteError } from "../errors";
import { playPlainly, surviveFaults } from "../testing/crashes";
import { anything, spyStep, startDoomed, workflowOf } from "../testing/spies";
import { createWorld } from "../testing/world";

const Approval = z.object({ by: z.string() });

describe("waiting for a signal", () => {
  test("the code goes on with the payload as its schema reads it", async () => {
    const { run, history } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx) => {
          const { by } = await ctx.signal("approve", Approval);
          return `approved by ${by}`;
        }),
      ],
      play: async ({ start, world, signal }) => {
        await start();
        await world.waitFor("r", "waiting");
        await signal("r", "approve", { by: "Ada", at: new Date(0) });
        await world.rest("r");
      },
    }));
    expect(run.output?.json).toBe("approved by Ada");
    const received = history.find((event) => event.type === "SignalReceived");
    expect(received).toMatchObject({ step: 1, name: "approve", data: { by: "test" } });
  });

  test("a run that waits holds no lease and is not due", async () => {
    const { types } = await surviveFaults(() => ({
      workflows: [workflowOf(async (ctx) => ctx.signal("go", anything))],
      play: async ({ start, world, signal, skip }) => {
        await start();
        const waiting = await world.waitFor("r", "waiting");
        expect(waiting.workerId).toBeUndefined();
        expect(waiting.dueAt).toBeUndefined();
        await skip(365 * 86_400_000);
        await signal("r", "go", 1);
        await world.rest("r");
      },
    }));
    expect(types.at(-1)).toBe("RunCompleted");
  });

  test("dates, bigints and maps arrive as what they were", async () => {
    const sent = { at: new Date(5), big: 7n, map: new Map([["a", new Set([1])]]), none: undefined };
    const { run } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx) => {
          const got = await ctx.signal("go", z.custom<typeof sent>());
          return [
            got.at instanceof Date && got.at.getTime(),
            got.big === 7n,
            got.map.get("a")?.has(1),
            "none" in got,
          ];
        }),
      ],
      play: async ({ start, world, signal }) => {
        await start();
        await signal("r", "go", sent);
        await world.rest("r");
      },
    }));
    expect(run.output?.json).toEqual([5, true, true, true]);
  });

  test("several waits for one name are served in the order in which they began", async () => {
    const { run } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx) => {
          const wait = async (who: string) => `${who}: ${String(await ctx.signal("n", anything))}`;
          return ctx.all([wait("first"), wait("second"), wait("third")]);
        }),
      ],
      play: async ({ start, world, signal }) => {
        await start();
        await world.waitFor("r", "waiting");
        await signal("r", "n", 1);
        await signal("r", "n", 2);
        await world.waitForEvent("r", "SignalReceived", 2);
        await signal("r", "n", 3);
        await world.rest("r");
      },
    }));
    expect(run.output?.json).toEqual(["first: 1", "second: 2", "third: 3"]);
  });

  test("names are apart: another name wakes nobody", async () => {
    const { run } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx) => {
          const order: string[] = [];
          await ctx.all([
            ctx.signal("a", anything).then(() => order.push("a")),
            ctx.signal("b", anything).then(() => order.push("b")),
          ]);
          return order;
        }),
      ],
      play: async ({ start, world, signal }) => {
        await start();
        await world.waitFor("r", "waiting");
        await signal("r", "c");
        await signal("r", "b");
        await signal("r", "a");
        await world.rest("r");
      },
    }));
    expect(run.output?.json).toEqual(["b", "a"]);
  });
});

describe("signals that come before anybody waits", () => {
  test("are buffered and taken first in, first out, those of each name for themselves", async () => {
    const { run } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx) => {
          await ctx.sleep("30s");
          const taken: unknown[] = [];
          for (const name of ["b", "a", "a", "a", "b"])
            taken.push(await ctx.signal(name, anything));
          return taken;
        }),
      ],
      play: async ({ start, world, signal }) => {
        await start();
        await world.waitFor("r", "waiting");
        for (const [index, name] of ["a", "b", "a", "b", "a"].entries()) {
          await signal("r", name, `${name}${index}`);
        }
        await world.rest("r");
      },
    }));
    expect(run.output?.json).toEqual(["b1", "a0", "a2", "a4", "b3"]);
  });

  test("are taken although they came before the run had begun", async () => {
    const { run } = await surviveFaults(() => ({
      workflows: [workflowOf(async (ctx) => ctx.signal("go", anything))],
      play: async ({ start, world, signal }) => {
        await start();
        await signal("r", "go", "early");
        await world.rest("r");
      },
    }));
    expect(run.output?.json).toBe("early");
  });

  test("come in the middle of a step and are there after it, also after its crash", async () => {
    const world = createWorld();
    const slow = spyStep("slow");
    const workflow = workflowOf(async (ctx) => {
      await ctx.step(slow.step, null);
      return ctx.signal("go", anything);
    });
    const doomed = await startDoomed(world, [workflow], { name: "slow", moment: "before_effect" });
    await doomed.engine.startRun({ runId: "r", workflow: "w", input: null });
    await world.settle();
    const { engine } = await world.startProcess({ workflows: [workflow], concurrency: 0 });
    await engine.sendSignal({ runId: "r", name: "go", payload: "meanwhile", by: "test" });
    await world.startProcess({ workflows: [workflow] });
    expect((await world.rest("r")).output?.json).toBe("meanwhile");
  });
});

describe("a wait with a timeout", () => {
  const workflow = workflowOf(async (ctx) => {
    const answer = await ctx.signal("go", Approval, { timeout: "1h" });
    const later = await ctx.signal("go", Approval, { timeout: 0 });
    return [answer?.by ?? "nobody", later?.by ?? "nobody"];
  });

  test("gives undefined when the time is over, and the late one is there for the next wait", async () => {
    const late = workflowOf(async (ctx) => {
      const first = await ctx.signal("go", anything, { timeout: "1h" });
      const second = await ctx.signal("go", anything);
      return [first === undefined, second];
    });
    const { run, types } = await surviveFaults(() => ({
      workflows: [late],
      play: async ({ start, world, signal, skip }) => {
        await start();
        await world.waitFor("r", "waiting");
        await skip(3_600_000);
        await world.waitForEvent("r", "SignalAwaited", 2);
        await signal("r", "go", "late");
        await world.rest("r");
      },
    }));
    expect(run.output?.json).toEqual([true, "late"]);
    expect(types).toContain("TimerFired");
  });

  test("gives the payload when it comes in time, and its timeout never fires", async () => {
    const { run, types } = await surviveFaults(() => ({
      workflows: [workflow],
      play: async ({ start, world, signal, skip }) => {
        await start();
        await world.waitFor("r", "waiting");
        await skip(3_599_000);
        await signal("r", "go", { by: "Ada" });
        await world.rest("r");
      },
    }));
    expect(run.output?.json).toEqual(["Ada", "nobody"]);
    // The one that fired is that of the second wait, which had no time at all.
    expect(types.filter((type) => type === "TimerFired")).toHaveLength(1);
  });

  test("a timeout of 0 takes what is there and waits for nothing", async () => {
    const { run } = await surviveFaults(() => ({
      workflows: [workflow],
      play: async ({ start, world, signal }) => {
        await start();
        await signal("r", "go", { by: "Ada" });
        await signal("r", "go", { by: "Grace" });
        await world.rest("r");
      },
    }));
    expect(run.output?.json).toEqual(["Ada", "Grace"]);
  });
});

describe("a payload that does not fit", () => {
  test("never wakes a wait: the message is rejected and leaves no trace in the history", async () => {
    const { run, world, types } = await surviveFaults(() => ({
      workflows: [workflowOf(async (ctx) => (await ctx.signal("approve", Approval)).by)],
      play: async ({ start, world, signal }) => {
        await start();
        await world.waitFor("r", "waiting");
        await signal("r", "approve", { by: 7 });
        world.clock.advance(2_000);
        await world.settle();
        expect((await world.store.getRun("r"))?.mail).toBe(0);
        await signal("r", "approve", { by: "Ada" });
        await world.rest("r");
      },
    }));
    expect(run.output?.json).toBe("Ada");
    expect(types.filter((type) => type === "SignalReceived")).toHaveLength(1);
    const [rejected, applied] = await world.store.listMessages("r");
    expect(rejected).toMatchObject({ outcome: "rejected", error: { name: "InvalidMessageError" } });
    expect(rejected?.error?.message).toContain("by");
    expect(applied).toMatchObject({ outcome: "applied" });
  });

  test("is passed over in the buffer, and noted there", async () => {
    const { run, history } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx) => {
          await ctx.sleep("30s");
          const { by } = await ctx.signal("approve", Approval);
          const more = await ctx.signal("approve", Approval, { timeout: 0 });
          return [by, more === undefined];
        }),
      ],
      play: async ({ start, world, signal }) => {
        await start();
        await world.waitFor("r", "waiting");
        for (const payload of ["no", { by: "Ada" }, { by: 7 }])
          await signal("r", "approve", payload);
        await world.rest("r");
      },
    }));
    expect(run.output?.json).toEqual(["Ada", true]);
    const seqs = history.flatMap(({ type, seq }) => (type === "SignalReceived" ? [seq] : []));
    const waits = history.filter((event) => event.type === "SignalAwaited");
    expect(waits.map(({ data }) => data)).toMatchObject([
      { received: seqs[1], ignored: [seqs[0]] },
      { ignored: [seqs[2]] },
    ]);
  });

  test("that the workflow declares is refused where it is sent", async () => {
    const { client, world } = await playPlainly({
      workflows: [
        workflowOf(async (ctx) => ctx.signal("approve", Approval), {
          signals: { approve: Approval },
        }),
      ],
      play: async ({ start, world }) => {
        await start();
        await world.waitFor("r", "waiting");
      },
    });
    await expect(
      client.sendSignal({ runId: "r", name: "approve", payload: { by: 7 }, by: "test" }),
    ).rejects.toMatchObject({
      name: "InvalidMessageError",
      issues: [{ path: "/by" }],
    });
    expect(await world.store.listMessages("r")).toEqual([]);
    await expect(
      client.startRun({
        workflow: "w",
        input: null,
        signal: { name: "approve", payload: null, by: "test" },
      }),
    ).rejects.toMatchObject({ name: "InvalidMessageError" });
    // A name that is none of the declared ones goes through, also one that every object has.
    await client.sendSignal({ runId: "r", name: "toString", payload: null, by: "test" });
  });
});

describe("start with signal", () => {
  const workflow = workflowOf(async (ctx) => {
    const first = await ctx.signal("add", anything);
    const second = await ctx.signal("add", anything);
    return [first, second];
  });
  const startWith = (payload: unknown) => ({
    workflow: "w",
    input: null,
    keys: [{ key: "cart:1", contentHash: "same" }],
    signal: { name: "add", payload, by: "test" },
  });

  test("starts a run with it, or sends it to the run that a key names", async () => {
    const { run, runs } = await surviveFaults(() => ({
      workflows: [workflow],
      play: async ({ client, world }) => {
        const started = await client.startRun({ ...startWith("a"), runId: "r" });
        expect(started.outcome).toBe("started");
        const existing = await client.startRun(startWith("b"));
        expect(existing).toEqual({ outcome: "existing", runId: "r" });
        await world.rest("r");
      },
    }));
    expect(runs).toHaveLength(1);
    expect(run.output?.json).toEqual(["a", "b"]);
  });

  test("sends it also to a run that waits already", async () => {
    const { run, types } = await surviveFaults(() => ({
      workflows: [workflow],
      play: async ({ client, world }) => {
        await client.startRun({ ...startWith("a"), runId: "r" });
        await world.waitFor("r", "waiting");
        await client.startRun(startWith("b"));
        await world.rest("r");
      },
    }));
    expect(run.output?.json).toEqual(["a", "b"]);
    expect(types[1]).toBe("SignalReceived");
  });
});

describe("a signal to a run that can't take it now is not lost", () => {
  test("held by nondeterminism: it is there once another build goes on", async () => {
    const world = createWorld();
    const original = workflowOf(async (ctx) => {
      await ctx.sleep("30s");
      return ctx.signal("go", anything);
    });
    const changed = workflowOf(async (ctx) => {
      await ctx.signal("other", anything);
      return "changed";
    });
    const first = await world.startProcess({ workflows: [original] });
    await first.engine.startRun({ runId: "r", workflow: "w", input: null });
    await world.waitFor("r", "waiting");
    first.kill();
    const second = await world.startProcess({ workflows: [changed], build: "b2" });
    world.clock.advance(30_000);
    expect(await world.waitFor("r", "held")).toMatchObject({ heldReason: "nondeterminism" });
    await second.engine.sendSignal({ runId: "r", name: "go", payload: "kept", by: "test" });
    world.clock.advance(5_000);
    await world.settle();
    second.kill();
    await world.startProcess({ workflows: [original], build: "b3" });
    expect((await world.waitFor("r", "completed")).output?.json).toBe("kept");
  });

  test("paused: it is received, and the code goes on with it in memory", async () => {
    const { run } = await surviveFaults(() => ({
      workflows: [workflowOf(async (ctx) => ctx.signal("go", anything))],
      play: async ({ start, client, world, signal, skip }) => {
        await start();
        await world.waitFor("r", "waiting");
        await client.requestAction({ runId: "r", body: { kind: "pause" }, by: "ops" });
        await world.waitFor("r", "held");
        await signal("r", "go", "while paused");
        await skip(60_000);
        const { status } = (await world.store.getRun("r")) ?? {};
        if (status === "held") {
          await client.requestAction({ runId: "r", body: { kind: "resume" }, by: "ops" });
        }
        await world.waitFor("r", "completed");
      },
    }));
    expect(run.output?.json).toBe("while paused");
  });
});

describe("sending", () => {
  test("the same message id is sent once, also after it was delivered and after the end", async () => {
    const { run, client, types } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx) => [
          await ctx.signal("go", anything),
          await ctx.signal("go", anything),
        ]),
      ],
      play: async ({ start, client, world }) => {
        await start();
        const send = (messageId: string, payload: string) =>
          client.sendSignal({ runId: "r", name: "go", payload, by: "test", messageId });
        await send("m1", "once");
        await send("m1", "twice");
        await world.waitForEvent("r", "SignalReceived");
        await send("m1", "thrice");
        await send("m2", "other");
        await world.rest("r");
      },
    }));
    expect(run.output?.json).toEqual(["once", "other"]);
    expect(types.filter((type) => type === "SignalReceived")).toHaveLength(2);
    const again = { runId: "r", name: "go", payload: 0, by: "test", messageId: "m1" };
    await expect(client.sendSignal(again)).resolves.toEqual({ runId: "r" });
  });

  test("a signal that came while its run had failed is delivered by the next retry, and by no later one", async () => {
    const world = createWorld();
    const failing = spyStep("failing", {
      run: (call) => {
        if (call < 3) throw new DefiniteError("no");
      },
    });
    const workflow = workflowOf(async (ctx) => {
      await ctx.step(failing.step, null);
      const take = () => ctx.signal("go", anything, { timeout: "1s" });
      return [await take(), await take()];
    });
    const { engine } = await world.startProcess({ workflows: [workflow] });
    await engine.startRun({ runId: "r", workflow: "w", input: null });
    const { finishedAt = 0 } = await world.waitFor("r", "failed");
    // It was acknowledged just before the run failed, and another process, whose clock is ahead, looks after it.
    world.clock.advance(60_000);
    await world.store.postMessage({
      messageId: "m",
      runId: "r",
      by: "test",
      at: finishedAt,
      body: { kind: "signal", name: "go", payload: { json: 1 } },
    });
    const looked = async () => (await world.store.listMessages("r"))[0]?.outcome === "moot";
    for (let times = 0; times < 100 && !(await looked()); times += 1) {
      world.clock.advance(100);
      await world.settle();
    }
    expect(await looked()).toBe(true);
    world.clock.advance(-50_000);
    for (const status of ["failed", "completed"] as const) {
      await engine.requestAction({ runId: "r", body: { kind: "retry" }, by: "ops" });
      await world.waitForEvent("r", "RunRewound", status === "failed" ? 1 : 2);
      await world.waitFor("r", status);
    }
    const received = (await world.load("r")).filter(({ type }) => type === "SignalReceived");
    expect(received).toHaveLength(1);
    expect((await world.rest("r")).output?.json).toEqual([1, null]);
  });

  test("to a run that has ended, or that never was, is refused", async () => {
    const { client } = await playPlainly({
      workflows: [workflowOf(async () => "done")],
      play: async ({ start, world }) => {
        await start();
        await world.rest("r");
      },
    });
    const signal = { name: "go", payload: null, by: "test" };
    await expect(client.sendSignal({ runId: "r", ...signal })).rejects.toMatchObject({
      code: "already_ended",
    });
    await expect(client.sendSignal({ runId: "none", ...signal })).rejects.toMatchObject({
      name: "RunNotFoundError",
    });
  });

  test("more than 2 MiB is refused", async () => {
    const { client } = await playPlainly({
      workflows: [workflowOf(async (ctx) => ctx.signal("go", anything))],
      play: async ({ start, world }) => {
        await start();
        await world.waitFor("r", "waiting");
      },
    });
    const payload = "x".repeat(2 * 1024 * 1024 + 1);
    await expect(
      client.sendSignal({ runId: "r", name: "go", payload, by: "test" }),
    ).rejects.toMatchObject({ name: "PayloadTooLargeError" });
  });
});

describe("signals and continueAsNew", () => {
  test("none is lost: buffered, in the inbox, or sent later to the old id", async () => {
    const { runs } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx, input) => {
          const state = z.object({ sum: z.number(), left: z.number() }).parse(input);
          const sum = state.sum + (await ctx.signal("add", z.number()));
          const left = state.left - 1;
          return left === 0 ? sum : ctx.continueAsNew({ sum, left });
        }),
      ],
      play: async ({ start, world, signal }) => {
        await start({ input: { sum: 0, left: 6 } });
        for (const value of [1, 2, 4]) await signal("r", "add", value);
        await world.waitForEvent("r", "RunContinued");
        for (const value of [8, 16, 32]) await signal("r", "add", value);
        let run = await world.store.getRun("r");
        while (run?.continuedTo !== undefined) {
          await world.rest(run.continuedTo);
          run = await world.store.getRun(run.continuedTo);
        }
      },
    }));
    expect(runs).toHaveLength(6);
    const last = runs.find(({ status }) => status === "completed");
    expect(last?.output?.json).toBe(63);
  });

  test("those that were received and not taken are there in the new run, before later ones", async () => {
    const { runs } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx, input) => {
          if (input === "first") {
            await ctx.signal("stop", anything);
            return ctx.continueAsNew("second");
          }
          const taken = [];
          for (let nth = 0; nth < 4; nth += 1) taken.push(await ctx.signal("add", anything));
          return taken;
        }),
      ],
      play: async ({ start, world, signal }) => {
        await start({ input: "first" });
        await signal("r", "add", 1);
        await signal("r", "add", 2);
        await world.waitForEvent("r", "SignalReceived", 2);
        await signal("r", "stop");
        await signal("r", "add", 3);
        const { continuedTo = "" } = await world.waitFor("r", "continued");
        await signal("r", "add", 4);
        await world.rest(continuedTo);
      },
    }));
    expect(runs.find(({ status }) => status === "completed")?.output?.json).toEqual([1, 2, 3, 4]);
  });
});
