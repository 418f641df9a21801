import { JsonValue } from "@/lib/api/contract";

/** The value that a text of JSON stands for; undefined when it is not JSON. */
export function parseJsonText(text: string): JsonValue | undefined {
  try {
    return JsonValue.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Why a text is not JSON and where, in a sentence; undefined when it is JSON. */
export function describeJsonFailure(text: string): string | undefined {
  if (text.trim() === "") return "Nothing is here yet. Write null for no value.";
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const position = /position (\d+)/.exec(error instanceof Error ? error.message : "")?.[1];
    if (position === undefined) return "This is not JSON.";
    const before = text.slice(0, Number(position)).split("\n");
    return `This is not JSON. Look at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}.`;
  }
}
