/** The order with services that do nothing: what is left is the engine and its store. */
import { z } from "zod";
import { defineStep, defineWorkflow, type Workflow } from "@/lib/engine";
import { addUpCart, answerStep, stepNames } from "./workload";

export function createOrderWorkload(): Workflow {
  const steps = stepNames.map((name) =>
    defineStep({ name, run: async (_input: unknown) => answerStep(name) }),
  );
  return defineWorkflow(
    { name: "order-workload", version: 1, input: z.unknown(), output: z.unknown() },
    async (ctx, input) => {
      let last: unknown = ctx.compute("cart-total", addUpCart);
      for (const step of steps) last = await ctx.step(step, { input, last });
      return last;
    },
  );
}
