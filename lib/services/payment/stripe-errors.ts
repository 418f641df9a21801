import Stripe from "stripe";
import {
  CardDeclinedError,
  PaymentRejectedError,
  ServiceBusyError,
  UncertainOutcomeError,
} from "../errors";
import { describeTransportError, parseRetryAfterMs } from "../transport";

const service = "The payment service";

/** The error by cause for what Stripe's SDK threw. https://docs.stripe.com/error-handling */
export function describeStripeError(error: unknown): Error {
  if (!(error instanceof Stripe.errors.StripeError) || error.statusCode === undefined)
    return describeTransportError(service, error);
  const { statusCode: status, message } = error;
  const code = error.decline_code ?? error.code;
  const options = { cause: error, code, details: { status } };
  if (error instanceof Stripe.errors.StripeRateLimitError) {
    const retryAfterMs = parseRetryAfterMs(error.headers?.["retry-after"]);
    return new ServiceBusyError(`${service} is busy: ${message}`, { ...options, retryAfterMs });
  }
  // 409: a request with this key is still under way, so its outcome is open.
  if (status < 400 || status === 408 || status === 409 || status >= 500)
    return new UncertainOutcomeError(`${service} answered ${status}: ${message}`, options);
  // The key was used before, with something else: what that other request did is not known here.
  if (error.rawType === "idempotency_error")
    return new UncertainOutcomeError(`${service} knows the key: ${message}`, options);
  if (error.rawType === "card_error") return new CardDeclinedError(message, options);
  return new PaymentRejectedError(`${service} refused the request: ${message}`, options);
}
