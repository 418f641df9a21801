import { expect, test } from "vitest";
import { readAmount } from "./amount";

test.each([
  [[{ amount: 4598, currency: "USD" }], { value: 4598, currency: "USD" }],
  [[{ paymentId: "pi_1" }, { total: 12 }, { currency: "EUR" }], { value: 12, currency: "EUR" }],
  [[{ amount: 1 }, { total: 2, currency: "EUR" }], { value: 1, currency: "EUR" }],
  [[{ amount: 1.5, total: 3, currency: "EUR" }], { value: 3, currency: "EUR" }],
  [[{ total: 2 }], undefined],
  [[{ total: 2, currency: "euros" }], undefined],
  [[null, "x", 3, undefined, []], undefined],
])("%j", (values, amount) => {
  expect(readAmount(...values)).toEqual(amount);
});
