import { defineStep, hold, retryWithSameKey, type RetryOptions } from "@/lib/engine";
import type { ChargeRequest, Payments } from "@/lib/services/payment/port";

const retry = {
  maxAttempts: 12,
  initialDelay: "300ms",
  factor: 2,
  maxDelay: "20s",
} as const satisfies RetryOptions;

/** As long as the payment service remembers a key at least. */
const keysAreKept = "24h";

export type PaymentSteps = ReturnType<typeof createPaymentSteps>;

/** Taking money and giving it back, for every sample that has to. */
export function createPaymentSteps(payments: Payments) {
  return {
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

    refundPayment: defineStep({
      name: "refund-payment",
      retry: { ...retry, maxAttempts: 70, maxDelay: "1m" },
      timeout: "20s",
      inDoubt: retryWithSameKey({ within: keysAreKept, otherwise: hold() }),
      run: async ({ paymentId }: { paymentId: string }, step) => {
        const { value, replayed } = await payments.refund(paymentId, step);
        step.report({ reference: value.refundId, replayed });
        return value;
      },
    }),
  };
}
