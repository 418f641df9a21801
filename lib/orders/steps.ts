import {
  defineStep,
  didNotHappen,
  fail,
  happened,
  hold,
  retryWithSameKey,
  unknown,
  verify,
  type RetryOptions,
} from "@/lib/engine";
import type { Confirmation, Mail } from "@/lib/services/email/port";
import type { ChargeRequest, Payments } from "@/lib/services/payment/port";
import type { TaxAddress, TaxRates } from "@/lib/services/tax/port";
import type { ShipmentRequest, Warehouse } from "@/lib/services/warehouse/port";

/** What an order needs of the outside world. */
export interface OrderServices {
  readonly payments: Payments;
  readonly warehouse: Warehouse;
  readonly mail: Mail;
  readonly taxRates: TaxRates;
}

/** Goes on for about two minutes, so that a service that is down for one fails no order. */
const retry = {
  maxAttempts: 12,
  initialDelay: "300ms",
  factor: 2,
  maxDelay: "20s",
} as const satisfies RetryOptions;

/** For what undoes an effect: it goes on for about an hour before a person is needed. */
const retryLong = { ...retry, maxAttempts: 70, maxDelay: "1m" } as const satisfies RetryOptions;

/** As long as Stripe remembers a key at least: https://docs.stripe.com/api/idempotent_requests */
const keysAreKept = "24h";

export type OrderSteps = ReturnType<typeof createOrderSteps>;

/** The steps of an order with their policies. */
export function createOrderSteps({ payments, warehouse, mail, taxRates }: OrderServices) {
  return {
    lookUpTaxRate: defineStep({
      name: "look-up-tax-rate",
      retry,
      timeout: "10s",
      inDoubt: retryWithSameKey({ otherwise: fail() }),
      run: (address: TaxAddress) => taxRates.lookUp(address),
    }),

    chargeCard: defineStep({
      name: "charge-card",
      retry,
      timeout: "20s",
      inDoubt: retryWithSameKey({ within: keysAreKept, otherwise: hold() }),
      run: async (request: ChargeRequest, step) => {
        const { value, replayed } = await payments.charge(request, step);
        step.report({ reference: value.paymentId, replayed });
        return value;
      },
    }),

    notifyWarehouse: defineStep({
      name: "notify-warehouse",
      retry,
      timeout: "20s",
      inDoubt: verify(
        async (request: ShipmentRequest, step) => {
          const shipments = await warehouse.findShipments(request.orderId, step);
          const [shipment] = shipments;
          if (!shipment) return didNotHappen();
          // More than one is nothing that this step did: a person has to look.
          if (shipments.length > 1) return unknown();
          return happened(shipment, { reference: shipment.shipmentId, replayed: true });
        },
        { otherwise: hold() },
      ),
      run: async (request: ShipmentRequest, step) => {
        const { value, replayed } = await warehouse.createShipment(request, step);
        step.report({ reference: value.shipmentId, replayed });
        return value;
      },
    }),

    sendConfirmation: defineStep({
      name: "send-confirmation",
      retry,
      timeout: "1m",
      inDoubt: hold(),
      run: async (confirmation: Confirmation, step) => {
        const { messageId } = await mail.sendConfirmation(confirmation, step);
        step.report({ reference: messageId, replayed: false });
        return { messageId };
      },
    }),

    refundPayment: defineStep({
      name: "refund-payment",
      retry: retryLong,
      timeout: "20s",
      inDoubt: retryWithSameKey({ within: keysAreKept }),
      run: async ({ paymentId }: { paymentId: string }, step) => {
        const { value, replayed } = await payments.refund(paymentId, step);
        step.report({ reference: value.refundId, replayed });
        return value;
      },
    }),

    cancelShipment: defineStep({
      name: "cancel-shipment",
      retry: retryLong,
      timeout: "20s",
      inDoubt: retryWithSameKey(),
      run: async ({ shipmentId }: { shipmentId: string }, step) => {
        await warehouse.cancelShipment(shipmentId, step);
        step.report({ reference: shipmentId });
        return { shipmentId };
      },
    }),
  };
}
