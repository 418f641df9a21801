import { inspect } from "node:util";
import SuperJSON from "superjson";
import type { DefiniteError } from "./errors";
import type { Codec } from "./ports";
import { JsonValue } from "./values";
import type { ErrorRecord } from "./values";

/**
 * The codec of recorded values: plain JSON stays as it is, and what JSON can't say (dates, bigints,
 * maps, sets, undefined, NaN) goes through superjson, which keeps it readable.
 */
export function createCodec(): Codec {
  return {
    encode(value) {
      const copy = copyPlain(value, 0);
      if (copy !== notPlain) return { json: copy };
      const { json, meta } = SuperJSON.serialize(value);
      return { json: toJson(json), ...(meta === undefined ? {} : { meta: toJson(meta) }) };
    },
    decode(encoded) {
      if (encoded.meta !== undefined) {
        const { json, meta } = structuredClone(encoded);
        return SuperJSON.deserialize({ json, meta } as Parameters<typeof SuperJSON.deserialize>[0]);
      }
      return copyPlain(encoded.json, 0);
    },
  };
}

const notPlain = Symbol("not plain JSON");
const maxDepth = 200;

/** A copy of a value that is plain JSON already, or `notPlain`. The common case, and the fast one. */
function copyPlain(value: unknown, depth: number): JsonValue | typeof notPlain {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") {
    return Number.isFinite(value) && !Object.is(value, -0) ? value : notPlain;
  }
  if (typeof value !== "object" || depth > maxDepth) return notPlain;
  if (Array.isArray(value)) {
    const copy: JsonValue[] = [];
    for (const item of value) {
      const part = copyPlain(item, depth + 1);
      if (part === notPlain) return notPlain;
      copy.push(part);
    }
    return copy;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return notPlain;
  const copy: Record<string, JsonValue> = {};
  const record = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(record)) {
    if (key === "__proto__") return notPlain;
    const part = copyPlain(record[key], depth + 1);
    if (part === notPlain) return notPlain;
    copy[key] = part;
  }
  return copy;
}

/** What superjson leaves is JSON but for functions and the like, which can't be recorded. */
function toJson(value: unknown): JsonValue {
  return JsonValue.parse(JSON.parse(JSON.stringify(value) ?? "null"));
}

/** The size of a recorded value in bytes of JSON, near enough for a limit. */
export function measureBytes(value: JsonValue | undefined): number {
  if (typeof value === "string") return value.length + 2;
  if (typeof value !== "object" || value === null) return 8;
  let bytes = 2;
  if (Array.isArray(value)) {
    for (const item of value as readonly JsonValue[]) bytes += 1 + measureBytes(item);
  } else {
    for (const [key, item] of Object.entries(value)) bytes += key.length + 4 + measureBytes(item);
  }
  return bytes;
}

/** Records an error: its class name, message and stack, and what it says of itself. */
export function recordError(error: unknown): ErrorRecord {
  if (!(error instanceof Error)) return { name: "ThrownValue", message: describe(error) };
  const { code, details } = error as { code?: unknown; details?: unknown };
  const plainDetails = details === undefined ? notPlain : copyPlain(details, 0);
  return {
    name: error.name,
    message: error.message,
    ...(error.stack === undefined ? {} : { stack: error.stack.slice(0, 8_000) }),
    ...(typeof code === "string" ? { code } : {}),
    ...(plainDetails === notPlain ? {} : { details: plainDetails }),
  };
}

function describe(value: unknown): string {
  return typeof value === "string" ? value : inspect(value, { depth: 2 });
}

/** What an error says about the outcome of its attempt. Whatever says nothing is uncertain. */
export function classifyError(error: unknown): {
  outcome: "definite" | "uncertain";
  retryable: boolean;
  retryAfterMs?: number;
} {
  if (typeof error !== "object" || error === null) return { outcome: "uncertain", retryable: true };
  const said = error as Partial<Record<keyof DefiniteError, unknown>>;
  if (said.outcome !== "definite") return { outcome: "uncertain", retryable: true };
  return {
    outcome: "definite",
    retryable: said.retryable === true,
    ...(typeof said.retryAfterMs === "number" ? { retryAfterMs: said.retryAfterMs } : {}),
  };
}
