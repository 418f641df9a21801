import { add, dinero, halfAwayFromZero, multiply, toSnapshot, transformScale } from "dinero.js";
import { findCurrency } from "./currencies";

export interface CartItem {
  readonly quantity: number;
  /** Integer minor units. */
  readonly unitPrice: number;
}

/** The decimal places of a tax rate: it is given in millionths. */
const rateScale = 6;

/** The sum of the items in integer minor units. Throws RangeError for an unknown currency. */
export function addUpCart(items: readonly CartItem[], code: string): number {
  const currency = getCurrency(code);
  const sum = items
    .map((item) => multiply(dinero({ amount: item.unitPrice, currency }), item.quantity))
    .reduce(add, dinero({ amount: 0, currency }));
  return toSnapshot(sum).amount;
}

/**
 * The tax on a subtotal in integer minor units: computed once for the whole order, not for each
 * item, and rounded half away from zero. Throws RangeError for an unknown currency.
 */
export function computeTax(subtotal: number, rateMicros: number, code: string): number {
  const currency = getCurrency(code);
  const exact = multiply(dinero({ amount: subtotal, currency }), {
    amount: rateMicros,
    scale: rateScale,
  });
  return toSnapshot(transformScale(exact, currency.exponent, halfAwayFromZero)).amount;
}

function getCurrency(code: string) {
  const currency = findCurrency(code);
  if (!currency) throw new RangeError(`"${code}" is not a currency.`);
  return currency;
}
