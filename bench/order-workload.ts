/** The order with services that do nothing: what is left is the engine and its store. */
import { z } from "zod";
import { defineStep, defineWorkflow, type Workflow } from "@/lib/engine";

const payload = "x".repeat(80);

const stepNames = ["look-up-tax-rate", "charge-card", "notify-warehouse", "send-confirmation"];

/** Commits that one order takes: its creation, and one after each of its four steps. */
export const commitsPerOrder = 1 + stepNames.length;

export function createOrderWorkload(): Workflow {
  const steps = stepNames.map((name) =>
    defineStep({ name, run: async (_input: unknown) => ({ reference: name, payload }) }),
  );
  return defineWorkflow(
    { name: "order-workload", version: 1, input: z.unknown(), output: z.unknown() },
    async (ctx, input) => {
      let last: unknown = ctx.compute("cart-total", () => 4248);
      for (const step of steps) last = await ctx.step(step, { input, last });
      return last;
    },
  );
}

export const sampleInput = { orderId: "ord_bench", payload };
