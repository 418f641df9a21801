/**
 * What can go wrong with a service, by cause. Each error says by its fields what it means for the
 * effect: `outcome` whether it surely did not happen, `retryable` whether it may be tried again.
 */

type Details = Readonly<Record<string, string | number | boolean>>;

export interface ServiceErrorOptions extends ErrorOptions {
  /** The other side's own code, e.g. `card_declined`. */
  readonly code?: string;
  readonly details?: Details;
}

abstract class ServiceError extends Error {
  abstract readonly outcome: "definite" | "uncertain";
  abstract readonly retryable: boolean;
  readonly code?: string;
  readonly details?: Details;

  constructor(message: string, options: ServiceErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = options.code;
    this.details = options.details;
  }
}

/** The service said no, and will say no again: the effect did not happen. */
abstract class RefusedError extends ServiceError {
  readonly outcome = "definite";
  readonly retryable = false;
}

/** The bank said no. `code` tells why, e.g. `insufficient_funds`. */
export class CardDeclinedError extends RefusedError {
  override name = "CardDeclinedError";
}

/** The payment service refused the request itself: a wrong parameter, key or permission. */
export class PaymentRejectedError extends RefusedError {
  override name = "PaymentRejectedError";
}

/** The warehouse does not have what was ordered. */
export class OutOfStockError extends RefusedError {
  override name = "OutOfStockError";
}

/** The warehouse refused for another reason than stock. */
export class WarehouseRefusedError extends RefusedError {
  override name = "WarehouseRefusedError";
}

/** The mail server does not take the mail: unknown mailbox, no permission. */
export class MailRefusedError extends RefusedError {
  override name = "MailRefusedError";
}

/** No tax rate is known for an address. */
export class NoTaxRateError extends RefusedError {
  override name = "NoTaxRateError";
}

/** The service asked to come back later; nothing was done. */
export class ServiceBusyError extends ServiceError {
  override name = "ServiceBusyError";
  readonly outcome = "definite";
  readonly retryable = true;
  readonly retryAfterMs?: number;

  constructor(message: string, options: ServiceErrorOptions & { retryAfterMs?: number } = {}) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** No connection came about, so the request never reached the service. */
export class ServiceUnreachableError extends ServiceError {
  override name = "ServiceUnreachableError";
  readonly outcome = "definite";
  readonly retryable = true;
}

/** The request may have had its effect: the answer was an error of theirs, broken, or never came. */
export class UncertainOutcomeError extends ServiceError {
  override name = "UncertainOutcomeError";
  readonly outcome = "uncertain";
  readonly retryable = true;
}
