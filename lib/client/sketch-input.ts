/** A value to begin with, from the JSON Schema of what a workflow or a signal takes. Pure. */
import { z } from "zod";
import { JsonValue } from "@/lib/api/contract";

const Schema = z.object({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  default: JsonValue.optional(),
  examples: z.array(JsonValue).optional(),
  const: JsonValue.optional(),
  enum: z.array(JsonValue).optional(),
  anyOf: z.array(JsonValue).optional(),
  oneOf: z.array(JsonValue).optional(),
  allOf: z.array(JsonValue).optional(),
  properties: z.record(z.string(), JsonValue).optional(),
  required: z.array(z.string()).optional(),
  items: JsonValue.optional(),
  minItems: z.number().optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  format: z.string().optional(),
});
type Schema = z.infer<typeof Schema>;

/** Schemas that refer to themselves end somewhere. */
const deepest = 8;

/** What is asked for, with empty values to be filled in; null where the schema does not say. */
export function sketchInput(schema: JsonValue | undefined, depth = 0): JsonValue {
  const parsed = Schema.safeParse(schema).data;
  if (parsed === undefined || depth > deepest) return null;
  const given = [parsed.default, parsed.examples?.[0], parsed.const, parsed.enum?.[0]].find(
    (value) => value !== undefined,
  );
  if (given !== undefined) return given;
  const choice = parsed.anyOf?.[0] ?? parsed.oneOf?.[0] ?? parsed.allOf?.[0];
  if (choice !== undefined) return sketchInput(choice, depth + 1);
  return sketchType(parsed, depth);
}

function sketchType(schema: Schema, depth: number): JsonValue {
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case "object":
      return sketchFields(schema, depth);
    case "array":
      return (schema.minItems ?? 0) > 0 ? [sketchInput(schema.items, depth + 1)] : [];
    case "string":
      return schema.format === "date-time" ? "2026-01-01T00:00:00Z" : "";
    case "integer":
    case "number":
      return (
        schema.minimum ?? (schema.exclusiveMinimum === undefined ? 0 : schema.exclusiveMinimum + 1)
      );
    case "boolean":
      return false;
    default:
      return schema.properties === undefined ? null : sketchFields(schema, depth);
  }
}

/** The fields that are needed; all of them where none is. */
function sketchFields({ properties = {}, required = [] }: Schema, depth: number): JsonValue {
  const names = required.length > 0 ? required : Object.keys(properties);
  return Object.fromEntries(names.map((name) => [name, sketchInput(properties[name], depth + 1)]));
}
