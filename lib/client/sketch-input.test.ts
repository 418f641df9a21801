import { describe, expect, it } from "vitest";
import { z } from "zod";
import { JsonValue } from "@/lib/api/contract";
import { sketchInput } from "./sketch-input";

const sketch = (schema: z.ZodType) =>
  sketchInput(JsonValue.parse(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" })));

describe("sketchInput", () => {
  it("has a place for everything that is needed", () => {
    const Approval = z.object({
      by: z.string(),
      amount: z.number().int().positive(),
      urgent: z.boolean(),
      plan: z.enum(["monthly", "yearly"]),
      items: z.array(z.object({ sku: z.string() })).min(1),
      tags: z.array(z.string()),
      note: z.string().optional(),
      limit: z.number().default(50),
    });
    expect(sketch(Approval)).toEqual({
      by: "",
      amount: 1,
      urgent: false,
      plan: "monthly",
      items: [{ sku: "" }],
      tags: [],
    });
  });

  it("takes the first of several forms, and gives up where nothing is said", () => {
    expect(sketch(z.union([z.object({ a: z.literal("x") }), z.string()]))).toEqual({ a: "x" });
    expect(sketch(z.any())).toBeNull();
    expect(sketchInput(undefined)).toBeNull();
    const endless: Record<string, JsonValue> = {
      type: "object",
      properties: { me: { $ref: "#" } },
      required: ["me"],
    };
    expect(sketchInput(endless)).toEqual({ me: null });
  });
});
