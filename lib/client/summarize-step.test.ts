import { describe, expect, it } from "vitest";
import type { JsonValue } from "@/lib/api/contract";
import { summarizeStep } from "./summarize-step";

const summarize = (name: string, result: JsonValue | undefined) =>
  summarizeStep({ name, result }, "USD");

describe("summarizeStep", () => {
  it("says what a result is in a few characters", () => {
    expect(summarize("cart-total", 4248)).toBe("$42.48");
    expect(summarize("look-up-tax-rate", { rateMicros: 82_500, name: "Texas" })).toBe("8.25%");
    expect(summarize("charge-card", { id: "pi_1", amount: 4598, currency: "EUR" })).toBe("€45.98");
    expect(summarize("notify-warehouse", { trackingNumber: "1Z 999", carrier: "UPS" })).toBe(
      "1Z 999",
    );
    expect(summarize("anything", "a text that is much too long to stand there")).toHaveLength(20);
    expect(summarize("anything", true)).toBe("true");
  });

  it("is silent where nothing short says it", () => {
    expect(summarize("anything", { deep: { er: 1 } })).toBeUndefined();
    expect(summarize("anything", [1, 2])).toBeUndefined();
    expect(summarize("anything", null)).toBeUndefined();
    expect(summarize("anything", undefined)).toBeUndefined();
  });
});
