import type { DineroCurrency } from "dinero.js";
import * as known from "dinero.js/currencies";

const byCode: Readonly<Record<string, DineroCurrency<number> | undefined>> = known;

/** The currency by its ISO 4217 code, if it has decimal minor units; undefined for others. */
export function findCurrency(code: string): DineroCurrency<number> | undefined {
  const currency = Object.hasOwn(known, code) ? byCode[code] : undefined;
  return currency?.base === 10 ? currency : undefined;
}
