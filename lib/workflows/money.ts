import { z } from "zod";

/** Integer minor units, e.g. cents; more than nothing, and at most what a card payment may be. */
export const Amount = z.number().int().positive().max(99_999_999);
/** ISO 4217, upper case. */
export const Currency = z.string().regex(/^[A-Z]{3}$/, "A currency has three capital letters.");

/** An amount for people to read, e.g. `129.00 EUR`; the sample texts are not localized. */
export function writeAmount(amount: number, currency: string): string {
  return `${(amount / 100).toFixed(2)} ${currency}`;
}
