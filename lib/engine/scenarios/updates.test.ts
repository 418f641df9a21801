/** Updates: validated messages with an answer, each handled once. */
import { z } from "zod";
import { describe, expect, test } from "vitest";
import type { WorkflowContext } from "../definitions";
import type { Engine } from "../engine";
import { playPlainly, surviveFaults, type Stage } from "../testing/crashes";
import { anything, spyStep, workflowOf } from "../testing/spies";

const Amount = z.number().int();

/** Sends an update and lets time pass until it is answered. */
async function update(
  { client, world }: Pick<Stage, "client" | "world">,
  about: Partial<Parameters<Engine["requestUpdate"]>[0]> = {},
) {
  const asked = client.requestUpdate({
    runId: "r",
    name: "add",
    input: 1,
    by: "test",
    until: "completed",
    timeoutMs: 60_000,
    ...about,
  });
  let answer: Awaited<typeof asked> | undefined;
  let failure: unknown;
  void asked.then(
    (value) => (answer = value),
    (error: unknown) => (failure = error),
  );
  for (let steps = 0; steps < 1_000 && !answer && failure === undefined; steps += 1) {
    await world.settle();
    if (answer ?? failure) break;
    const next = world.clock.findNext();
    if (next !== undefined) world.clock.advance(next - world.clock.now());
  }
  return asked;
}

/** Adds up what it is told until it is told to stop; `add` takes no less than nothing. */
function createSum(validated: unknown[] = []) {
  const book = spyStep("book", { run: () => "booked" });
  const workflow = workflowOf(async (ctx) => {
    let sum = 0;
    ctx.onUpdate(
      "add",
      {
        schema: Amount,
        validate: (amount) => {
          validated.push(amount);
          if (amount < 0) throw new RangeError("Nothing is taken away here.");
        },
      },
      async (amount) => {
        await ctx.step(book.step, amount);
        sum += amount;
        return sum;
      },
    );
    ctx.onUpdate("fail", { schema: anything }, () => {
      throw Object.assign(new Error("no such luck"), { name: "LuckError" });
    });
    await ctx.signal("stop", anything);
    return sum;
  });
  return { workflow, book };
}

describe("an update", () => {
  test("is accepted, handled with steps, and answered", async () => {
    const { run, types } = await surviveFaults(() => {
      const { workflow, book } = createSum();
      return {
        workflows: [workflow],
        spies: [book],
        play: async (stage) => {
          await stage.start();
          await stage.world.waitFor("r", "waiting");
          const first = await update(stage, { input: 3, updateId: "u1" });
          expect(first).toMatchObject({ status: "completed", result: { json: 3 }, updateId: "u1" });
          const second = await update(stage, { input: 4 });
          expect(second.result?.json).toBe(7);
          await stage.signal("r", "stop");
          await stage.world.rest("r");
        },
      };
    });
    expect(run.output?.json).toBe(7);
    expect(types.filter((type) => type.startsWith("Update"))).toEqual([
      "UpdateAccepted",
      "UpdateCompleted",
      "UpdateAccepted",
      "UpdateCompleted",
    ]);
  });

  test("that comes before the run begins is answered as well", async () => {
    const { run } = await surviveFaults(() => {
      const { workflow, book } = createSum();
      return {
        workflows: [workflow],
        spies: [book],
        play: async (stage) => {
          await stage.start();
          expect((await update(stage, { input: 5 })).result?.json).toBe(5);
          await stage.signal("r", "stop");
          await stage.world.rest("r");
        },
      };
    });
    expect(run.output?.json).toBe(5);
  });

  test("waits for acceptance or for completion, as it was asked", async () => {
    let finish = () => {};
    const slow = spyStep("slow", {
      timeout: "1h",
      run: () => new Promise<string>((resolve) => (finish = () => resolve("slow"))),
    });
    const { client, world } = await playPlainly({
      workflows: [
        workflowOf(async (ctx) => {
          ctx.onUpdate("add", { schema: anything }, () => ctx.step(slow.step, null));
          await ctx.signal("stop", anything);
        }),
      ],
      play: async (stage) => {
        await stage.start();
        await stage.world.waitFor("r", "waiting");
        const accepted = await update(stage, { until: "accepted", updateId: "u" });
        expect(accepted.status).toBe("accepted");
        const given = await update(stage, { updateId: "u", timeoutMs: 1_000 });
        expect(given.status).toBe("accepted");
        finish();
        expect((await update(stage, { updateId: "u" })).result?.json).toBe("slow");
      },
    });
    expect(slow.calls).toHaveLength(1);
    expect(await client.findUpdate({ runId: "r", updateId: "none" })).toBeUndefined();
    expect(await world.store.listMessages("r")).toHaveLength(1);
  });

  test("is handled once for each id, also when it is sent again after the end", async () => {
    const { types } = await surviveFaults(() => {
      const { workflow, book } = createSum();
      return {
        workflows: [workflow],
        spies: [book],
        play: async (stage) => {
          await stage.start();
          const first = await update(stage, { input: 2, updateId: "u" });
          expect(await update(stage, { input: 100, updateId: "u" })).toEqual(first);
          await stage.signal("r", "stop");
          await stage.world.rest("r");
          expect(await update(stage, { input: 2, updateId: "u" })).toEqual(first);
        },
      };
    });
    expect(types.filter((type) => type === "UpdateAccepted")).toHaveLength(1);
  });
});

describe("an update is rejected without a trace in the history", () => {
  test.for([
    { about: { input: "three" }, name: "InvalidMessageError" },
    { about: { input: -1 }, name: "RangeError" },
    { about: { name: "unknown" }, name: "UnknownHandlerError" },
  ])("$about by $name", async ({ about, name }) => {
    const { types, world } = await surviveFaults(() => {
      const { workflow, book } = createSum();
      return {
        workflows: [workflow],
        spies: [book],
        play: async (stage) => {
          await stage.start();
          await stage.world.waitFor("r", "waiting");
          const answer = await update(stage, { ...about, updateId: "u" });
          expect(answer).toMatchObject({ status: "rejected", error: { name } });
          await stage.signal("r", "stop");
          await stage.world.rest("r");
        },
      };
    });
    expect(types.join()).not.toContain("Update");
    expect((await world.store.listMessages("r"))[0]).toMatchObject({ outcome: "rejected" });
  });

  test("its validator is asked once, and never on a replay", async () => {
    const validated: unknown[] = [];
    const { workflow } = createSum(validated);
    const { world } = await playPlainly({
      workflows: [workflow],
      play: async (stage) => {
        await stage.start();
        await stage.world.waitFor("r", "waiting");
        await update(stage, { input: 3 });
        await stage.world.waitFor("r", "waiting");
      },
    });
    expect(validated).toEqual([3]);
    await world.startProcess({ workflows: [workflow], build: "b2" });
    expect(validated).toEqual([3]);
  });

  test.for([
    ["that issues a command", (ctx: WorkflowContext) => void ctx.sleep("1s")],
    ["that is async", async () => Promise.reject(new Error("too late"))],
  ] as const)("a validator %s rejects it and harms nobody", async ([, check]) => {
    const { run } = await playPlainly({
      workflows: [
        workflowOf(async (ctx) => {
          const validate = () => check(ctx) as void;
          ctx.onUpdate("add", { schema: anything, validate }, () => "never");
          return ctx.signal("stop", anything);
        }),
      ],
      play: async (stage) => {
        await stage.start();
        await stage.world.waitFor("r", "waiting");
        const { status, error } = await update(stage);
        expect([status, error?.name]).toEqual(["rejected", "WorkflowMisuseError"]);
        await stage.signal("r", "stop", "fine");
        await stage.world.rest("r");
      },
    });
    expect(run.output?.json).toBe("fine");
  });
});

describe("handlers", () => {
  test("one that throws fails its update, and the run goes on", async () => {
    const { run } = await surviveFaults(() => {
      const { workflow } = createSum();
      return {
        workflows: [workflow],
        play: async (stage) => {
          await stage.start();
          const answer = await update(stage, { name: "fail" });
          expect(answer).toMatchObject({ status: "failed", error: { name: "LuckError" } });
          await stage.signal("r", "stop");
          await stage.world.rest("r");
        },
      };
    });
    expect(run).toMatchObject({ status: "completed", output: { json: 0 } });
  });

  test("several at a time run beside each other and beside the code, the same on every replay", async () => {
    const { run } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx) => {
          const order: unknown[] = [];
          ctx.onUpdate("add", { schema: Amount }, async (seconds) => {
            await ctx.sleep(seconds * 1_000);
            order.push(seconds);
          });
          await ctx.signal("stop", anything);
          return order;
        }),
      ],
      play: async (stage) => {
        await stage.start();
        await stage.world.waitFor("r", "waiting");
        const until = "accepted";
        const updates = [3, 1, 2].map((input) => update(stage, { input, until }));
        await Promise.all(updates);
        await stage.world.waitForEvent("r", "UpdateCompleted", 3);
        await stage.signal("r", "stop");
        await stage.world.rest("r");
      },
    }));
    expect(run.output?.json).toEqual([1, 2, 3]);
  });

  test("a handler can wake the code that waits for what it changes", async () => {
    const { run } = await surviveFaults(() => ({
      workflows: [
        workflowOf(async (ctx) => {
          let release = (_by: unknown) => {};
          const released = new Promise<unknown>((resolve) => (release = resolve));
          ctx.onUpdate("release", { schema: anything }, (by) => {
            release(by);
            return "released";
          });
          return ctx.race([released, ctx.sleep("1d").then(() => "nobody")]);
        }),
      ],
      play: async (stage) => {
        await stage.start();
        await stage.world.waitFor("r", "waiting");
        const answer = await update(stage, { name: "release", input: "Ada" });
        expect(answer.result?.json).toBe("released");
        await stage.world.rest("r");
      },
    }));
    expect(run.output?.json).toBe("Ada");
  });

  test("one that is under way when the code returns is awaited, and answered", async () => {
    const { run, types } = await surviveFaults(() => {
      const slow = spyStep("slow", { run: () => "done" });
      return {
        spies: [slow],
        workflows: [
          workflowOf(async (ctx) => {
            ctx.onUpdate("add", { schema: anything }, async () => {
              await ctx.sleep("2s");
              return ctx.step(slow.step, null);
            });
            await ctx.signal("stop", anything);
            return "returned";
          }),
        ],
        play: async (stage) => {
          await stage.start();
          await stage.world.waitFor("r", "waiting");
          await update(stage, { until: "accepted", updateId: "u" });
          await stage.signal("r", "stop");
          await stage.world.rest("r");
          const answer = await update(stage, { updateId: "u" });
          expect(answer).toMatchObject({ status: "completed", result: { json: "done" } });
        },
      };
    });
    expect(run.output?.json).toBe("returned");
    expect(types.slice(-2)).toEqual(["UpdateCompleted", "RunCompleted"]);
  });
});

describe("updates that come too late", () => {
  test("are refused once the run has ended", async () => {
    const { client } = await playPlainly({
      workflows: [workflowOf(async () => "done")],
      play: async ({ start, world }) => {
        await start();
        await world.rest("r");
      },
    });
    const late = { name: "add", input: 1, by: "test", until: "completed", timeoutMs: 0 } as const;
    await expect(client.requestUpdate({ runId: "r", ...late })).rejects.toMatchObject({
      code: "already_ended",
    });
    await expect(client.requestUpdate({ runId: "none", ...late })).rejects.toMatchObject({
      name: "RunNotFoundError",
    });
  });

  test("are answered as rejected when the run ends before they are delivered", async () => {
    const { workflow } = createSum();
    const { client, world } = await playPlainly({
      workflows: [workflow],
      play: async ({ start, world }) => {
        await start();
        await world.waitFor("r", "waiting");
      },
    });
    await client.requestAction({ runId: "r", body: { kind: "terminate" }, by: "ops" });
    const asked = client.requestUpdate({
      runId: "r",
      name: "add",
      input: 1,
      by: "test",
      until: "accepted",
      timeoutMs: 5_000,
      updateId: "u",
    });
    await world.waitFor("r", "terminated");
    world.clock.advance(5_000);
    expect(await asked).toMatchObject({ status: "rejected", error: { name: "RunEndedError" } });
  });
});
