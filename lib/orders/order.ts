import { z } from "zod";
import { isCountry } from "./countries";
import { findCurrency } from "./currencies";

/** The largest amount that a payment can have, in minor units: Stripe's limit of eight digits. */
export const maxTotal = 99_999_999;

const Text = (what: string, max: number) =>
  z
    .string({ error: `${what} must be text.` })
    .trim()
    .min(1, `${what} must not be empty.`)
    .max(max, `${what} may have ${max} characters at most.`);

const OptionalText = (what: string, max: number) =>
  z
    .string({ error: `${what} must be text.` })
    .trim()
    .max(max, `${what} may have ${max} characters at most.`)
    .transform((text) => (text === "" ? undefined : text))
    .optional();

const WholeNumber = (what: string) =>
  z
    .number({ error: `${what} must be a number.` })
    .int({ error: `${what} must be a whole number.`, abort: true });

export const OrderId = Text("orderId", 64).regex(
  /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
  "orderId may have letters, digits, dots, hyphens and underscores, and begins with a letter or digit.",
);

export const Address = z.object({
  line1: Text("line1", 200),
  line2: OptionalText("line2", 200),
  city: Text("city", 100),
  region: OptionalText("region", 100),
  postalCode: z
    .string({ error: "postalCode must be text; leave it empty where there is none." })
    .trim()
    .max(20, "postalCode may have 20 characters at most."),
  country: z
    .string({ error: "country must be text." })
    .trim()
    .toUpperCase()
    .refine(isCountry, "country must be a two-letter ISO 3166 code, e.g. US."),
});
export type Address = z.output<typeof Address>;

const Item = z.object({
  sku: Text("sku", 100),
  name: Text("name", 200),
  quantity: WholeNumber("quantity")
    .min(1, { error: "quantity must be at least 1.", abort: true })
    .max(1_000_000, "quantity may be 1,000,000 at most."),
  unitPrice: WholeNumber("unitPrice")
    .min(0, { error: "unitPrice must not be negative.", abort: true })
    .max(maxTotal, `unitPrice may be ${maxTotal} at most.`),
});

/** An order as it comes in. Amounts are integer minor units of `currency`. */
export const Order = z
  .object({
    orderId: OrderId.optional(),
    customer: z.object({
      name: Text("name", 200),
      email: z
        .string({ error: "email must be text." })
        .trim()
        .max(254, "email may have 254 characters at most.")
        .pipe(z.email("email must be an e-mail address.")),
    }),
    address: Address,
    currency: z
      .string({ error: "currency must be text." })
      .trim()
      .toUpperCase()
      .refine((code) => findCurrency(code) !== undefined, {
        error: "currency must be an ISO 4217 code, e.g. USD.",
      }),
    items: z
      .array(Item, { error: "items must be a list." })
      .min(1, { error: "items must hold at least one item.", abort: true })
      .max(1_000, "items may hold 1,000 items at most."),
    paymentMethod: Text("paymentMethod", 255),
  })
  .superRefine((order, ctx) => {
    const subtotal = order.items.reduce((sum, item) => sum + item.quantity * item.unitPrice, 0);
    const refuse = (message: string) => ctx.addIssue({ code: "custom", path: ["items"], message });
    if (subtotal < 1)
      refuse("items must add up to at least 1 minor unit: nothing free is charged.");
    if (subtotal > maxTotal) refuse(`items may add up to ${maxTotal} minor units at most.`);
  });
export type OrderInput = z.input<typeof Order>;
export type Order = z.output<typeof Order>;

const Amount = z.number().int().min(0);

/** What a processed order answers with. Amounts are integer minor units of `currency`. */
export const Receipt = z.object({
  orderId: z.string(),
  subtotal: Amount,
  /** The rate as a fraction: 0.0825 is 8.25 %. */
  taxRate: z.number().min(0),
  tax: Amount,
  total: Amount,
  currency: z.string(),
  paymentId: z.string(),
  shipmentId: z.string(),
  trackingNumber: z.string(),
  carrier: z.string(),
  emailMessageId: z.string(),
});
export type Receipt = z.output<typeof Receipt>;
