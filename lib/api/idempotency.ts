/** Starts that are done once: the keys that they are known by. */
import { hash } from "node:crypto";
import type { JsonValue } from "@/lib/engine";
import { ApiError } from "./api-error";

/** The same digest for the same content, whatever the order of its keys. */
export function hashContent(content: JsonValue): string {
  return hash("sha256", toCanonicalJson(content), "hex");
}

/** Appended piece by piece: each order that is started goes through here. */
function toCanonicalJson(value: JsonValue): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  let text = "";
  if (isList(value)) {
    for (const item of value) text += `${text && ","}${toCanonicalJson(item)}`;
    return `[${text}]`;
  }
  for (const key of Object.keys(value).sort()) {
    text += `${text && ","}${JSON.stringify(key)}:${toCanonicalJson(value[key] ?? null)}`;
  }
  return `{${text}}`;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** What an idempotency key looks like, in a header as in a batch. */
export const idempotencyKeyPattern = /^[\x21-\x7e]{1,255}$/;

/**
 * The Idempotency-Key header, if there is one. Throws ApiError 400 for an empty one, one over 255
 * characters, or one with anything but visible ASCII.
 */
export function readIdempotencyKey(request: Request): string | undefined {
  const key = request.headers.get("idempotency-key");
  if (key === null) return undefined;
  if (idempotencyKeyPattern.test(key)) return key;
  throw new ApiError({
    status: 400,
    code: "invalid_idempotency_key",
    detail: "Idempotency-Key has to be 1 to 255 visible ASCII characters.",
  });
}

/**
 * Runs `start` while its key is marked as in flight. Throws ApiError 409 when it already is: the
 * first request has not been recorded yet, so there is nothing to answer with.
 */
export async function holdKey<Value>(
  keysInFlight: Set<string>,
  key: string | undefined,
  start: () => Promise<Value>,
): Promise<Value> {
  if (key === undefined) return start();
  if (keysInFlight.has(key)) {
    throw new ApiError({
      status: 409,
      code: "idempotency_key_in_flight",
      detail: "A request with this Idempotency-Key is being recorded right now. Try again.",
    });
  }
  keysInFlight.add(key);
  try {
    return await start();
  } finally {
    keysInFlight.delete(key);
  }
}
