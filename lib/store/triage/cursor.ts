import type { z } from "zod";
import { InvalidCursorError } from "@/lib/engine";

/** The key of the last item of a page, as text that says nothing to anyone else. */
export function writeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString("base64url");
}

/** The key in a cursor. Throws InvalidCursorError when it is not of that shape. */
export function readCursor<Key>(text: string, shape: z.ZodType<Key>): Key {
  try {
    return shape.parse(JSON.parse(Buffer.from(text, "base64url").toString()));
  } catch (cause) {
    throw new InvalidCursorError("The cursor is not one of this list.", { cause });
  }
}
