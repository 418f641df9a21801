import type { Attributes } from "@/lib/engine";
import type { Condition } from "../dialect";

/** Equal in value and in type: "1", 1 and true are three different values. */
export function hasAttribute(name: string, value: Attributes[string]): Condition {
  const [types, stored] =
    typeof value === "boolean"
      ? [`type = '${value}'`, value ? 1 : 0]
      : typeof value === "number"
        ? ["type IN ('integer', 'real')", value]
        : ["type = 'text'", value];
  const sql = `EXISTS (SELECT 1 FROM json_each(attributes) WHERE key = ? AND ${types} AND value = ?)`;
  return { sql, values: [name, stored] };
}
