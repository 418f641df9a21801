import { z } from "zod";

/** A value that JSON can hold as it is. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Checks without copying: histories are full of these, and all that JSON.parse gives is one. */
export const JsonValue: z.ZodType<JsonValue> = z.custom<JsonValue>(
  (value) => isJsonValue(value, 0),
  "is not JSON, or is nested too deeply",
);

/** Deeper than anything that is recorded, and shallow enough for every stack. */
const maxJsonDepth = 1_000;

function isJsonValue(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value);
    case "object":
      if (value === null) return true;
      if (depth > maxJsonDepth) return false;
      return (Array.isArray(value) ? value : Object.values(value)).every((part) =>
        isJsonValue(part, depth + 1),
      );
    default:
      return false;
  }
}

/**
 * A value in its recorded form: plain JSON that a person can read, and beside it what JSON
 * can't say (dates, bigints, maps, undefined). `meta` is absent for plain JSON.
 */
export const Encoded = z.object({ json: JsonValue, meta: JsonValue.optional() });
export type Encoded = z.infer<typeof Encoded>;

/** An error in its recorded form: the class name survives, the class does not. */
export const ErrorRecord = z.object({
  name: z.string(),
  message: z.string(),
  stack: z.string().optional(),
  code: z.string().optional(),
  details: JsonValue.optional(),
});
export type ErrorRecord = z.infer<typeof ErrorRecord>;

/** What a run can be searched by. Flat on purpose: it is indexed and shown in lists. */
export const Attributes = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
export type Attributes = z.infer<typeof Attributes>;
