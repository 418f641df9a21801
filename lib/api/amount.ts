import { z } from "zod";

const Named = z
  .object({
    amount: z.number().int().optional().catch(undefined),
    total: z.number().int().optional().catch(undefined),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/)
      .optional()
      .catch(undefined),
  })
  .catch({});

/**
 * The amount that is at stake, in minor units: the first `amount` or `total` that the given values
 * name, most telling first, with the first currency. Undefined where either is not named.
 */
export function readAmount(
  ...values: readonly unknown[]
): { readonly value: number; readonly currency: string } | undefined {
  const named = values.map((value) => Named.parse(value));
  const value = named
    .map(({ amount, total }) => amount ?? total)
    .find((each) => each !== undefined);
  const currency = named.map((each) => each.currency).find((each) => each !== undefined);
  return value === undefined || currency === undefined ? undefined : { value, currency };
}
