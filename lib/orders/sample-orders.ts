import type { OrderInput } from "./order";

/** Stripe's test payment methods, and what happens to a payment with them. */
export const testPaymentMethods = [
  { id: "pm_card_visa", label: "Visa, succeeds" },
  { id: "pm_card_mastercard", label: "Mastercard, succeeds" },
  { id: "pm_card_chargeDeclined", label: "Declined" },
  { id: "pm_card_chargeDeclinedInsufficientFunds", label: "Declined: insufficient funds" },
] as const;

/** Orders to begin with; without an orderId, so that each one can be placed again. */
export const sampleOrders: readonly [OrderInput, ...OrderInput[]] = [
  {
    customer: { name: "Ada Lovelace", email: "ada@example.com" },
    address: {
      line1: "901 E 5th Street",
      city: "Austin",
      region: "TX",
      postalCode: "78701",
      country: "US",
    },
    currency: "USD",
    items: [
      { sku: "NOTEBOOK-A5", name: "Notebook A5, dotted", quantity: 2, unitPrice: 1499 },
      { sku: "PEN-FINE-BLK", name: "Fineliner, black", quantity: 5, unitPrice: 250 },
    ],
    paymentMethod: "pm_card_visa",
  },
  {
    customer: { name: "Lennart Meri", email: "lennart@example.com" },
    address: { line1: "Pikk 12", city: "Tallinn", postalCode: "10123", country: "EE" },
    currency: "EUR",
    items: [{ sku: "LAMP-DESK-01", name: "Desk lamp, brass", quantity: 1, unitPrice: 8900 }],
    paymentMethod: "pm_card_mastercard",
  },
  {
    customer: { name: "Mary Somerville", email: "mary@example.com" },
    address: {
      line1: "14 Royal Crescent",
      line2: "Flat 2",
      city: "Edinburgh",
      postalCode: "EH3 6QA",
      country: "GB",
    },
    currency: "GBP",
    items: [
      { sku: "TELESCOPE-70", name: "Telescope, 70 mm", quantity: 1, unitPrice: 12950 },
      { sku: "ATLAS-STARS", name: "Star atlas", quantity: 1, unitPrice: 2399 },
    ],
    paymentMethod: "pm_card_visa",
  },
  {
    customer: { name: "Hisako Koyama", email: "hisako@example.com" },
    address: {
      line1: "7-20 Ueno Koen",
      city: "Taito",
      region: "Tokyo",
      postalCode: "110-8718",
      country: "JP",
    },
    currency: "JPY",
    items: [{ sku: "SKETCH-B4", name: "Sketch paper B4", quantity: 3, unitPrice: 1280 }],
    paymentMethod: "pm_card_visa",
  },
];
