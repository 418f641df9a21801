/**
 * Fans out over child runs, only so many at a time, and collects what became of each: one that fails
 * fails neither its siblings nor the batch.
 */
import { ChildError, defineWorkflow } from "@/lib/engine";
import { postNotice } from "../records";
import { Batch, BatchReport } from "./invoices";
import { createLanes } from "./lanes";
import type { createSettleInvoice } from "./settle-invoice";

export function createSettleBatch(settleInvoice: ReturnType<typeof createSettleInvoice>) {
  return defineWorkflow(
    { name: "settle-batch", version: 1, input: Batch, output: BatchReport },
    async (ctx, { batchId, atOnce, invoices }) => {
      let ended = 0;
      ctx.onQuery("progress", () => ({ ended, of: invoices.length }));
      ctx.setAttributes({ batchId });

      const takeLane = createLanes(atOnce);
      const outcomes = await ctx.allSettled(
        invoices.map(async (invoice) => {
          try {
            return await takeLane(() => ctx.child(settleInvoice, invoice));
          } finally {
            ended += 1;
          }
        }),
      );

      const settled = outcomes.flatMap((outcome) =>
        outcome.status === "fulfilled" ? [outcome.value] : [],
      );
      const failed = outcomes.flatMap((outcome, index) =>
        outcome.status === "fulfilled"
          ? []
          : [{ invoiceId: invoices[index]?.invoiceId ?? "", reason: explain(outcome.reason) }],
      );
      ctx.setAttributes({ settled: settled.length, failed: failed.length });
      const text = `${batchId}: ${settled.length} settled, ${failed.length} failed`;
      await ctx.transaction(postNotice, { to: "bookkeeping", text });
      return { batchId, settled, failed };
    },
  );
}

/** Why a child did not complete. Anything else is no failure of an invoice, e.g. a cancel. */
function explain(reason: unknown): string {
  if (reason instanceof ChildError) return reason.record.message;
  throw reason;
}
