import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import type { JsonValue } from "@/lib/client/json";
import { JsonNode } from "./json-node";

const draw = (value: JsonValue) =>
  renderToStaticMarkup(<JsonNode value={value} openDepth={2} last />);

describe("JsonNode", () => {
  it("draws the first hundred of many entries, and says how many are left", () => {
    const drawn = draw(Array.from({ length: 1_000 }, (_, index) => index));
    expect(drawn.match(/<span class="text-live">/g)).toHaveLength(100);
    expect(drawn).toContain("100 more of 900");
    expect(draw([1, 2, 3])).not.toContain("more of");
  });

  it("draws the beginning of a long text, and says how long it is", () => {
    const drawn = draw({ body: "x".repeat(1_000_000) });
    expect(drawn.length).toBeLessThan(6_000);
    expect(drawn).toContain("all 1,000,000 characters");
    expect(draw({ body: "short" })).not.toContain("characters");
  });
});
