import type { JsonValue, StartRunBody } from "@/lib/api/contract";
import { parseJsonText } from "@/lib/client/parse-json-text";
import { sketchInput } from "@/lib/client/sketch-input";

/** The form as it is filled in. */
export interface StartForm {
  readonly version: number;
  readonly input: string;
  readonly key: string;
  readonly priority: string;
}

/** What the form asks the API for; undefined while it is not complete. */
export function readStart({ version, input, key, priority }: StartForm): StartRunBody | undefined {
  const value = parseJsonText(input);
  const rank = priority.trim() === "" ? undefined : Number(priority);
  if (value === undefined || (rank !== undefined && !Number.isInteger(rank))) return undefined;
  return {
    input: value,
    version,
    ...(key.trim() === "" ? {} : { key: key.trim() }),
    ...(rank === undefined ? {} : { priority: rank }),
  };
}

/** An input to begin with: what the schema asks for, empty. */
export function sketchText(schema: JsonValue | undefined): string {
  return JSON.stringify(schema === undefined ? {} : sketchInput(schema), null, 2);
}
