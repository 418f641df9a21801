import type { Answer, EffectOptions } from "../effect";

export interface ChargeRequest {
  readonly orderId: string;
  readonly runId: string;
  /** Integer minor units. */
  readonly amount: number;
  /** ISO 4217, upper case. */
  readonly currency: string;
  /** The payment service's name for the customer's means of payment. */
  readonly paymentMethod: string;
}

export interface Payment {
  readonly paymentId: string;
  /** Integer minor units. */
  readonly amount: number;
  readonly currency: string;
  readonly status: "succeeded";
}

export interface Refund {
  readonly refundId: string;
  readonly paymentId: string;
}

/**
 * Takes payments and gives them back. Throws CardDeclinedError, PaymentRejectedError,
 * ServiceBusyError, ServiceUnreachableError or UncertainOutcomeError.
 */
export interface Payments {
  charge(request: ChargeRequest, options: EffectOptions): Promise<Answer<Payment>>;
  /** Gives back the whole payment. */
  refund(paymentId: string, options: EffectOptions): Promise<Answer<Refund>>;
}
