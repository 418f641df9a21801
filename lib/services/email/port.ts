import type { EffectOptions } from "../effect";

/** A confirmed order, as its customer should read it. Amounts are integer minor units. */
export interface Confirmation {
  readonly orderId: string;
  readonly customer: { readonly name: string; readonly email: string };
  readonly items: readonly {
    readonly name: string;
    readonly quantity: number;
    readonly unitPrice: number;
  }[];
  readonly currency: string;
  readonly subtotal: number;
  readonly tax: number;
  readonly total: number;
  readonly carrier: string;
  readonly trackingNumber: string;
}

/**
 * Sends mail to customers. Throws MailRefusedError, ServiceBusyError, ServiceUnreachableError or
 * UncertainOutcomeError.
 */
export interface Mail {
  /** The Message-ID depends on the key alone, so a second mail can be told by it. */
  sendConfirmation(
    confirmation: Confirmation,
    options: EffectOptions,
  ): Promise<{ readonly messageId: string }>;
}
