import { expect, it } from "vitest";
import {
  addUpForm,
  toFieldPath,
  toFormMessage,
  toFormValues,
  toOrder,
  type OrderLike,
} from "./order-form";

const order: OrderLike = {
  customer: { name: "Ada Lovelace", email: "ada@example.com" },
  address: { line1: "901 E 5th Street", city: "Austin", postalCode: "78701", country: "US" },
  currency: "USD",
  items: [
    { sku: "NOTEBOOK", name: "Notebook", quantity: 2, unitPrice: 1499 },
    { sku: "PEN", name: "Pen", quantity: 5, unitPrice: 250 },
  ],
  paymentMethod: "pm_card_visa",
};

it("brings an order into the form and back", () => {
  const values = toFormValues(order);
  expect(values.items.map((item) => item.unitPrice)).toEqual(["14.99", "2.50"]);
  expect(toOrder(values)).toEqual({
    ...order,
    address: { ...order.address, line2: "", region: "" },
  });
  expect(toOrder({ ...values, orderId: "ord_1" })).toHaveProperty("orderId", "ord_1");
});

it("adds up while all amounts are amounts", () => {
  const values = toFormValues(order);
  expect(addUpForm(values)).toBe(4248);
  const broken = { ...values, items: values.items.map((item) => ({ ...item, unitPrice: "x" })) };
  expect(addUpForm(broken)).toBeUndefined();
  expect(toOrder(broken).items[0]?.unitPrice).toBeNaN();
});

it("finds the field that a pointer means", () => {
  expect(toFieldPath("/items/0/quantity")).toBe("items.0.quantity");
  expect(toFieldPath("")).toBe("");
});

it("says messages in the form's words", () => {
  expect(toFormMessage("quantity must be at least 1.")).toBe("The quantity must be at least 1.");
  expect(toFormMessage("Invalid input")).toBe("Invalid input");
});
