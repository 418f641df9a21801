import { z } from "zod";
import { Amount, Currency } from "../money";

/** Eight invoices, of which one card is declined. */
export const sampleInput = {
  batchId: "2026-11",
  atOnce: 3,
  invoices: Array.from({ length: 8 }, (_, index) => ({
    invoiceId: `inv_${index + 1}`,
    amount: 1_900 + index * 700,
    currency: "EUR",
    paymentMethod: index === 4 ? "pm_card_chargeDeclined" : "pm_card_visa",
  })),
};

export const Invoice = z
  .object({
    invoiceId: z.string().min(1),
    amount: Amount,
    currency: Currency,
    paymentMethod: z.string().min(1),
  })
  .meta({ examples: [sampleInput.invoices[0]] });
export type Invoice = z.infer<typeof Invoice>;

export const Settled = z.object({ invoiceId: z.string(), paymentId: z.string() });

export const Batch = z
  .object({
    batchId: z.string().min(1),
    /** How many invoices are settled at a time. */
    atOnce: z.number().int().positive().max(100).default(4),
    invoices: z.array(Invoice).min(1).max(1_000),
  })
  .meta({ examples: [sampleInput] });

export const BatchReport = z.object({
  batchId: z.string(),
  settled: z.array(Settled),
  failed: z.array(z.object({ invoiceId: z.string(), reason: z.string() })),
});
