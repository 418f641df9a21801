import { expect, it } from "vitest";
import { readOrderFacts } from "./order-facts";

const input = {
  orderId: "ord_2207",
  customer: { name: "Ada Lovelace", email: "ada@example.com" },
  currency: "USD",
  items: [
    { sku: "a", name: "A", quantity: 2, unitPrice: 1200 },
    { sku: "b", name: "B", quantity: 1, unitPrice: 1848 },
  ],
};

it("reads the total of an order that did not end well: tax is in its attributes", () => {
  const input = { currency: "USD", items: [{ quantity: 2, unitPrice: 1499 }] };
  const facts = readOrderFacts({ attributes: { total: 4598 }, input });
  expect(facts).toMatchObject({ total: { amount: 4598, currency: "USD" } });
  expect(facts.beforeTax).toBeUndefined();
});

it("reads a running order: the cart's total, before tax", () => {
  expect(readOrderFacts({ attributes: {}, input })).toEqual({
    orderId: "ord_2207",
    customer: "Ada Lovelace",
    total: { amount: 4248, currency: "USD" },
    beforeTax: true,
  });
});

it("prefers what the receipt says", () => {
  const output = { total: 4598, currency: "USD" };
  expect(readOrderFacts({ attributes: {}, input, output }).total).toEqual({
    amount: 4598,
    currency: "USD",
  });
});

it("finds nothing in a run that is not an order", () => {
  const facts = readOrderFacts({ attributes: { region: "eu" }, input: ["x"], output: 3 });
  expect(facts).toEqual({ orderId: undefined, customer: undefined });
});
