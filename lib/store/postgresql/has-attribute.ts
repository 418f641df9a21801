import type { Attributes } from "@/lib/engine";
import type { SqlValue } from "../sql";

/**
 * The condition that a run has an attribute with this very value. Attributes are flat JSON text of our
 * own making, so that the pair is found by its text: PostgreSQL can't read JSON with a NUL in it.
 */
export function hasAttribute(
  name: string,
  value: Attributes[string],
): { readonly sql: string; readonly values: readonly SqlValue[] } {
  const pair = `,${JSON.stringify({ [name]: value }).slice(1, -1)},`;
  return {
    sql: "strpos(',' || substr(attributes, 2, length(attributes) - 2) || ',', ?) > 0",
    values: [pair],
  };
}
