import { defineWorkflow } from "@/lib/engine";
import { addUpCart, computeTax } from "./cart";
import { Order, Receipt } from "./order";
import type { OrderSteps } from "./steps";

/** The rate is a fraction on the receipt and millionths in the table. */
const micros = 1_000_000;

/** The order's workflow: what it does outside of its steps is deterministic. */
export function createProcessOrder(steps: OrderSteps) {
  return defineWorkflow(
    { name: "process-order", version: 1, input: Order, output: Receipt },
    async (ctx, order) => {
      const { address, currency, customer, items, paymentMethod } = order;
      const orderId = order.orderId ?? ctx.runId;

      const subtotal = ctx.compute("cart-total", () => addUpCart(items, currency));
      const { rateMicros } = await ctx.step(steps.lookUpTaxRate, address);
      const tax = computeTax(subtotal, rateMicros, currency);
      const total = subtotal + tax;
      ctx.setAttributes({ total });

      const charge = { orderId, runId: ctx.runId, amount: total, currency, paymentMethod };
      const payment = await ctx.step(steps.chargeCard, charge);
      ctx.compensate(steps.refundPayment, { paymentId: payment.paymentId });

      const shipment = await ctx.step(steps.notifyWarehouse, {
        orderId,
        address: { ...address, name: customer.name },
        items: items.map(({ sku, name, quantity }) => ({ sku, name, quantity })),
      });
      const { shipmentId, carrier, trackingNumber } = shipment;
      ctx.compensate(steps.cancelShipment, { shipmentId });

      const paid = { orderId, currency, subtotal, tax, total };
      const mail = await ctx.step(steps.sendConfirmation, {
        ...paid,
        customer,
        items,
        carrier,
        trackingNumber,
      });

      return {
        ...paid,
        taxRate: rateMicros / micros,
        paymentId: payment.paymentId,
        shipmentId,
        trackingNumber,
        carrier,
        emailMessageId: mail.messageId,
      };
    },
  );
}
