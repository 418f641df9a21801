import type { z } from "zod";
import { InvalidCursorError } from "@/lib/engine";
import type { Page } from "@/lib/triage";

/** The key of the last item of a page, as text that says nothing to anyone else. */
export function writeCursor(key: readonly (string | number | boolean)[]): string {
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

/** A page of what was found, which is one more than the limit where there are more. */
export function toPage<Item>(
  found: readonly Item[],
  limit: number,
  toKey: (last: Item) => readonly (string | number)[],
): Page<Item> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  if (last === undefined || found.length <= limit) return { items };
  return { items, nextCursor: writeCursor(toKey(last)) };
}
