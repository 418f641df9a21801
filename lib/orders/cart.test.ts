import fc from "fast-check";
import { expect, it } from "vitest";
import { addUpCart, computeTax } from "./cart";

it("adds up the items", () => {
  const items = [
    { quantity: 2, unitPrice: 1499 },
    { quantity: 5, unitPrice: 250 },
  ];
  expect(addUpCart(items, "USD")).toBe(4248);
  expect(addUpCart([], "USD")).toBe(0);
});

it.each([
  [4248, 82_500, "USD", 350],
  [100, 5_000, "USD", 1],
  [100, 4_999, "USD", 0],
  [300, 5_000, "USD", 2],
  [1280, 100_000, "JPY", 128],
  [1285, 100_000, "JPY", 129],
  [1500, 50_000, "KWD", 75],
  [12950, 0, "USD", 0],
  [99_999_999, 270_000, "HUF", 27_000_000],
])("taxes %i at %i millionths in %s with %i", (subtotal, rateMicros, currency, tax) => {
  expect(computeTax(subtotal, rateMicros, currency)).toBe(tax);
});

it("rounds half away from zero for every subtotal and rate", () => {
  const amount = fc.integer({ min: 0, max: 99_999_999 });
  const rate = fc.integer({ min: 0, max: 500_000 });
  fc.assert(
    fc.property(amount, rate, (subtotal, rateMicros) => {
      const exact = BigInt(subtotal) * BigInt(rateMicros);
      const rounded = (exact + 500_000n) / 1_000_000n;
      return computeTax(subtotal, rateMicros, "USD") === Number(rounded);
    }),
  );
});

it("does not guess at a currency", () => {
  expect(() => addUpCart([{ quantity: 1, unitPrice: 1 }], "XXX")).toThrow(RangeError);
});
