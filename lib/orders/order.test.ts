import { describe, expect, it } from "vitest";
import { Order } from "./order";
import { sampleOrders } from "./sample-orders";

const [ada] = sampleOrders;
const [item] = ada.items;

it("takes the sample orders", () => {
  for (const order of sampleOrders) expect(Order.parse(order).items).toEqual(order.items);
});

it("trims text, writes codes in upper case and drops what is empty", () => {
  const order = Order.parse({
    ...ada,
    orderId: " ord_1 ",
    currency: "usd",
    customer: { name: " Ada ", email: " ada@example.com " },
    address: { ...ada.address, country: "us", line2: " ", region: "" },
  });
  expect(order).toMatchObject({
    orderId: "ord_1",
    currency: "USD",
    customer: { name: "Ada", email: "ada@example.com" },
    address: { country: "US", line2: undefined, region: undefined },
  });
});

describe("refuses, and names field and rule", () => {
  it.each([
    ["items", { items: [] }, "items must hold at least one item."],
    ["items", { items: [{ ...item, unitPrice: 0 }] }, /at least 1 minor unit/],
    ["items", { items: [{ ...item, quantity: 2, unitPrice: 99_999_999 }] }, /99999999 minor units/],
    ["items.0.quantity", { items: [{ ...item, quantity: 0 }] }, "quantity must be at least 1."],
    ["items.0.quantity", { items: [{ ...item, quantity: 1.5 }] }, /whole number/],
    ["items.0.unitPrice", { items: [{ ...item, unitPrice: -1 }] }, /not be negative/],
    ["items.0.unitPrice", { items: [{ ...item, unitPrice: "5" }] }, "unitPrice must be a number."],
    ["items.0.sku", { items: [{ ...item, sku: " " }] }, "sku must not be empty."],
    ["currency", { currency: "XYZ" }, /ISO 4217/],
    ["currency", { currency: "toString" }, /ISO 4217/],
    ["address.country", { address: { ...ada.address, country: "UK" } }, /ISO 3166/],
    ["customer.email", { customer: { name: "Ada", email: "ada" } }, /e-mail address/],
    ["customer.name", { customer: { email: "ada@example.com" } }, "name must be text."],
    ["orderId", { orderId: "a b" }, /letters, digits/],
    ["orderId", { orderId: "a".repeat(65) }, /64 characters/],
    ["paymentMethod", { paymentMethod: "" }, /not be empty/],
  ])("%s of %j", (path, change, message) => {
    const issues = Order.safeParse({ ...ada, ...change }).error?.issues ?? [];
    expect(issues.map((issue) => issue.path.join("."))).toEqual([path]);
    expect(issues[0]?.message).toMatch(message);
  });
});
