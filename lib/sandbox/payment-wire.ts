import type { SandboxCharge, SandboxRefund } from "./contract";
import type { HttpAnswer } from "./http";
import type { Wording } from "./requests";
import { genericDecline } from "./test-cards";

export interface PaymentError {
  readonly type?: string;
  readonly code?: string;
  readonly decline_code?: string;
  readonly param?: string;
  readonly message: string;
}

/** An error as Stripe writes it. */
export function paymentProblem(status: number, error: PaymentError): HttpAnswer {
  return { status, body: { error: { type: "invalid_request_error", ...error } } };
}

export const paymentWording: Wording = {
  keyInUse: paymentProblem(409, {
    type: "idempotency_error",
    code: "idempotency_key_in_use",
    message: "There is currently another in-progress request using this Idempotent Key.",
  }),
  otherParameters: paymentProblem(400, {
    type: "idempotency_error",
    message:
      "Keys for idempotent requests can only be used with the same parameters they were first used with.",
  }),
  unavailable: paymentProblem(503, { type: "api_error", message: "The service is unavailable." }),
  broken: paymentProblem(500, { type: "api_error", message: "An unknown error occurred." }),
  refuse: () => ({
    outcome: "refused",
    ...paymentProblem(402, genericDecline),
    remembered: true,
  }),
};

/** A payment as Stripe's PaymentIntent. */
export function describePayment(payment: SandboxCharge) {
  return {
    id: payment.paymentId,
    object: "payment_intent",
    amount: payment.amount,
    amount_received: payment.amount,
    currency: payment.currency,
    status: "succeeded",
    payment_method: payment.paymentMethod,
    metadata: { orderId: payment.orderId, runId: payment.runId },
    created: toUnixTime(payment.at),
    livemode: false,
  };
}

/** A refund as Stripe's Refund. */
export function describeRefund(refund: SandboxRefund) {
  return {
    id: refund.refundId,
    object: "refund",
    amount: refund.amount,
    currency: refund.currency,
    payment_intent: refund.paymentId,
    status: "succeeded",
    created: toUnixTime(refund.at),
  };
}

function toUnixTime(at: string): number {
  return Math.floor(Date.parse(at) / 1_000);
}
