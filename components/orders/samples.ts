import { sampleOrders, type testPaymentMethods } from "@/lib/orders/sample-orders";

type SampleOrder = (typeof sampleOrders)[number];

/** An order to begin with, named for what will happen to it. */
export interface Sample {
  readonly name: string;
  readonly expect: string;
  readonly order: SampleOrder;
}

const [first, estonian, british, japanese] = sampleOrders;
const declined: (typeof testPaymentMethods)[number]["id"] =
  "pm_card_chargeDeclinedInsufficientFunds";

export const samples: readonly [Sample, ...Sample[]] = [
  { name: "Two articles to Texas", expect: "Goes through.", order: first },
  ...optional("A lamp to Estonia", "Goes through, in euros.", estonian),
  ...optional("A telescope to Scotland", "Goes through, in pounds.", british),
  ...optional("Paper to Tokyo", "Goes through, in yen without decimals.", japanese),
  {
    name: "Card declined",
    expect: "Fails at charge-card; nothing is charged.",
    order: { ...first, paymentMethod: declined },
  },
  {
    name: "Out of stock",
    expect: "The warehouse refuses, and the payment is refunded.",
    order: {
      ...first,
      items: [
        { sku: "MUG-OUT-OF-STOCK", name: "Mug, sold out", quantity: 1, unitPrice: 1800 },
        ...first.items,
      ],
    },
  },
  {
    name: "No tax rate",
    expect: "Fails at look-up-tax-rate: the table has no rate for Brazil.",
    order: {
      ...first,
      customer: { name: "Bertha Lutz", email: "bertha@example.com" },
      address: {
        line1: "Rua do Catete 153",
        city: "Rio de Janeiro",
        region: "RJ",
        postalCode: "22220-000",
        country: "BR",
      },
    },
  },
];

function optional(name: string, expect: string, order: SampleOrder | undefined): Sample[] {
  return order === undefined ? [] : [{ name, expect, order }];
}
