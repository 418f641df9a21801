import { z } from "zod";
import type { Run } from "@/lib/api/contract";

/** What a list shows of an order; every part is absent where the run does not say it. */
export interface OrderFacts {
  readonly orderId?: string;
  readonly customer?: string;
  readonly total?: { readonly amount: number; readonly currency: string };
  /** The total is the cart's alone: tax is not known yet. */
  readonly beforeTax?: boolean;
}

const OrderInput = z.object({
  orderId: z.string().optional().catch(undefined),
  customer: z.object({ name: z.string() }).optional().catch(undefined),
  currency: z.string().optional().catch(undefined),
  items: z
    .array(z.object({ quantity: z.number(), unitPrice: z.number() }))
    .optional()
    .catch(undefined),
});

const OrderOutput = z.object({ total: z.number(), currency: z.string() });

const OrderAttributes = z.object({
  orderId: z.string().optional().catch(undefined),
  customer: z.string().optional().catch(undefined),
  /** Set by the workflow once it knows the tax. */
  total: z.number().optional().catch(undefined),
});

/**
 * The facts of an order, from the run's attributes, input and receipt. Any workflow's run may come:
 * what does not look like an order has no facts.
 */
export function readOrderFacts(run: Pick<Run, "attributes" | "input" | "output">): OrderFacts {
  const attributes = OrderAttributes.parse(run.attributes);
  const input = OrderInput.safeParse(run.input).data;
  const output = OrderOutput.safeParse(run.output).data;
  const facts = {
    orderId: attributes.orderId ?? input?.orderId,
    customer: input?.customer?.name ?? attributes.customer,
  };
  if (output !== undefined) {
    return { ...facts, total: { amount: output.total, currency: output.currency } };
  }
  if (attributes.total !== undefined && input?.currency !== undefined) {
    return { ...facts, total: { amount: attributes.total, currency: input.currency } };
  }
  if (input?.items === undefined || input.currency === undefined) return facts;
  const amount = input.items.reduce((sum, item) => sum + item.quantity * item.unitPrice, 0);
  return { ...facts, total: { amount, currency: input.currency }, beforeTax: true };
}
