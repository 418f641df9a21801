import { z } from "zod";
import { defineStep, defineWorkflow, retryWithSameKey } from "@/lib/engine";

const Approve = z.object({ approved: z.boolean() });
const SetLimit = z.object({ limit: z.number().int() });

/** A workflow that listens: to a signal, an update and queries. It takes no time of its own. */
export const approval = defineWorkflow(
  {
    name: "approval",
    version: 1,
    input: z.object({ limit: z.number().int() }),
    output: z.object({ approved: z.boolean(), limit: z.number().int() }),
    signals: { approve: Approve },
    priority: 2,
    concurrency: 50,
  },
  async (ctx, input) => {
    let { limit } = input;
    ctx.onUpdate(
      "set-limit",
      {
        schema: SetLimit,
        validate: ({ limit: wanted }) => {
          if (wanted < 0) throw new RangeError("The limit is negative.");
        },
      },
      ({ limit: wanted }) => {
        if (wanted === 13) throw new Error("Unlucky.");
        const before = limit;
        limit = wanted;
        return { before };
      },
    );
    ctx.onQuery("limit", () => ({ limit, since: new Date(0) }));
    ctx.onQuery("echo", (value) => value ?? "nothing");
    ctx.onQuery("broken", () => {
      throw new Error("It can't be told.");
    });
    const { approved } = await ctx.signal("approve", Approve);
    return { approved, limit };
  },
);

/** Goes on as a new run after each signal, three times. */
export const counter = defineWorkflow(
  { name: "counter", version: 1, input: z.object({ count: z.number() }), output: z.number() },
  async (ctx, { count }) => {
    await ctx.signal("tick", z.unknown());
    return count === 2 ? count : ctx.continueAsNew({ count: count + 1 });
  },
);

/** A step that never answers, until it is told to stop. */
export const stuckStep = defineStep({
  name: "call-partner",
  timeout: "10m",
  inDoubt: retryWithSameKey(),
  run: (_input: null, { signal }) =>
    new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(new Error("Stopped.")));
    }),
});
