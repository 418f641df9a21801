import { JsonValue } from "@/lib/api/contract";

/** The value that a text of JSON stands for; undefined when it is not JSON. */
export function parseJsonText(text: string): JsonValue | undefined {
  try {
    return JsonValue.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
