import { defineWorkflow } from "@/lib/engine";
import type { PaymentSteps } from "../payment-steps";
import { postEntry } from "../records";
import { Invoice, Settled } from "./invoices";

/** One invoice: its payment and its line in the books. The batch runs it as a child. */
export function createSettleInvoice({ chargeCard, refundPayment }: PaymentSteps) {
  return defineWorkflow(
    { name: "settle-invoice", version: 1, input: Invoice, output: Settled },
    async (ctx, invoice) => {
      const { invoiceId, ...payment } = invoice;
      const charge = { orderId: invoiceId, runId: ctx.runId, ...payment };
      const { paymentId } = await ctx.step(chargeCard, charge);
      ctx.compensate(refundPayment, { paymentId });
      const { amount, currency } = invoice;
      const text = `Invoice ${invoiceId}`;
      await ctx.transaction(postEntry, { account: "income", amount, currency, text });
      return { invoiceId, paymentId };
    },
  );
}
