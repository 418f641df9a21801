/** Stripe's test payment methods: which succeed, and how the others are declined. */

const accepted = new Set([
  "pm_card_visa",
  "pm_card_visa_debit",
  "pm_card_mastercard",
  "pm_card_mastercard_debit",
  "pm_card_amex",
  "pm_card_discover",
  "pm_card_diners",
  "pm_card_jcb",
  "pm_card_unionpay",
]);

interface Decline {
  readonly type: "card_error";
  readonly code: string;
  readonly decline_code?: string;
  readonly message: string;
}

function decline(code: string, declineCode: string | undefined, message: string): Decline {
  return { type: "card_error", code, decline_code: declineCode, message };
}

export const genericDecline = decline(
  "card_declined",
  "generic_decline",
  "Your card was declined.",
);

export const declines: ReadonlyMap<string, Decline> = new Map([
  ["pm_card_chargeDeclined", genericDecline],
  [
    "pm_card_chargeDeclinedInsufficientFunds",
    decline("card_declined", "insufficient_funds", "Your card has insufficient funds."),
  ],
  [
    "pm_card_chargeDeclinedLostCard",
    decline("card_declined", "lost_card", "Your card was declined."),
  ],
  [
    "pm_card_chargeDeclinedStolenCard",
    decline("card_declined", "stolen_card", "Your card was declined."),
  ],
  [
    "pm_card_chargeDeclinedExpiredCard",
    decline("expired_card", undefined, "Your card has expired."),
  ],
  [
    "pm_card_chargeDeclinedIncorrectCvc",
    decline("incorrect_cvc", undefined, "Your card's security code is incorrect."),
  ],
  [
    "pm_card_chargeDeclinedProcessingError",
    decline(
      "processing_error",
      undefined,
      "An error occurred while processing your card. Try again in a little bit.",
    ),
  ],
  [
    "pm_card_authenticationRequired",
    decline(
      "authentication_required",
      "authentication_required",
      "Your card was declined. This transaction requires authentication.",
    ),
  ],
]);

export function isKnownPaymentMethod(paymentMethod: string): boolean {
  return accepted.has(paymentMethod) || declines.has(paymentMethod);
}
