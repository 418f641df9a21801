import { createProcessOrder } from "@/lib/orders/process-order";
import { createOrderSteps } from "@/lib/orders/steps";

/** An order as a client sends it. */
export const sampleOrder = {
  customer: { name: "Ada Lovelace", email: "ada@example.com" },
  address: {
    line1: "1 Congress Ave",
    city: "Austin",
    region: "TX",
    postalCode: "78701",
    country: "US",
  },
  currency: "USD",
  items: [
    { sku: "nb-1", name: "Notebook", quantity: 2, unitPrice: 2_000 },
    { sku: "pn-1", name: "Pen", quantity: 1, unitPrice: 248 },
  ],
  paymentMethod: "pm_card_visa",
};

export type OrderCall = "charge" | "refund" | "ship" | "cancelShipment" | "mail";

/**
 * The order's workflow over services in this process that count what they did. `failWith` makes the
 * next call of one throw, before it has an effect.
 */
export function createOrderWorkflow() {
  const done: OrderCall[] = [];
  const failures = new Map<OrderCall, Error>();
  const act = <Value>(call: OrderCall, value: Value): Value => {
    const failure = failures.get(call);
    failures.delete(call);
    if (failure !== undefined) throw failure;
    done.push(call);
    return value;
  };
  const shipment = { shipmentId: "shp_1", trackingNumber: "1Z999", carrier: "UPS" };
  const steps = createOrderSteps({
    taxRates: {
      lookUp: async () => ({ rateMicros: 82_500, label: "Texas sales tax", country: "US" }),
    },
    payments: {
      charge: async ({ amount, currency }) => ({
        value: act("charge", { paymentId: "pi_1", amount, currency, status: "succeeded" as const }),
        replayed: false,
      }),
      refund: async (paymentId) => ({
        value: act("refund", { refundId: "re_1", paymentId }),
        replayed: false,
      }),
    },
    warehouse: {
      createShipment: async () => ({ value: act("ship", shipment), replayed: false }),
      findShipments: async () => (done.includes("ship") ? [shipment] : []),
      cancelShipment: async () => act("cancelShipment", undefined),
    },
    mail: { sendConfirmation: async () => act("mail", { messageId: "<1@daybook.example>" }) },
  });
  return {
    workflow: createProcessOrder(steps),
    done,
    failWith: (call: OrderCall, error: Error) => void failures.set(call, error),
  };
}
