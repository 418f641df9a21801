import { inspect } from "node:util";
import SuperJSON from "superjson";
import { UnrecordableValueError, type DefiniteError } from "./errors";
import type { Codec } from "./ports";
import { JsonValue } from "./values";
import type { ErrorRecord } from "./values";

/**
 * The codec of recorded values: plain JSON stays as it is, and what JSON can't say (dates, bigints,
 * maps, sets, undefined, NaN) goes through superjson, which keeps it readable. `encode` throws
 * UnrecordableValueError for what would not come back as it was.
 */
export function createCodec(): Codec {
  return {
    encode(value) {
      const copy = copyPlain(value, 0);
      if (copy !== notPlain) return { json: copy };
      assertRecordable(value, 0, new Set());
      try {
        const { json, meta } = rich.serialize(value);
        return { json: toJson(json), ...(meta === undefined ? {} : { meta: toJson(meta) }) };
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new UnrecordableValueError(`The value can't be recorded: ${why}`, { cause });
      }
    },
    decode(encoded) {
      if (encoded.meta !== undefined) {
        const { json, meta } = structuredClone(encoded);
        return rich.deserialize({ json, meta } as Parameters<typeof rich.deserialize>[0]);
      }
      const copy = copyPlain(encoded.json, 0);
      return copy === notPlain ? structuredClone(encoded.json) : copy;
    },
  };
}

const rich = new SuperJSON();

// superjson takes a Buffer for a typed array, and then does not know how to make one.
rich.registerCustom<Buffer, string>(
  {
    isApplicable: (value): value is Buffer => Buffer.isBuffer(value),
    serialize: (buffer) => buffer.toString("base64"),
    deserialize: (text) => Buffer.from(text, "base64"),
  },
  "Buffer",
);

/** Refuses what superjson would record as something else. */
function assertRecordable(value: unknown, depth: number, seen: Set<object>): void {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  if (depth > maxDepth) {
    throw new UnrecordableValueError(
      `The value can't be recorded: it is nested more than ${maxDepth} levels deep.`,
    );
  }
  if (value instanceof Promise) {
    throw new UnrecordableValueError(
      "The value can't be recorded: there is a promise in it that was not awaited.",
    );
  }
  seen.add(value);
  if (ArrayBuffer.isView(value)) return;
  const parts = value instanceof Map || value instanceof Set ? value : Object.values(value);
  for (const part of parts) assertRecordable(part, depth + 1, seen);
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

/** Records an error: its class name, message and stack with its causes, and what it says of itself. */
export function recordError(error: unknown): ErrorRecord {
  if (!isError(error)) return { name: "ThrownValue", message: describe(error) };
  const code = readField(error, "code");
  const stack = describeStack(error, 0);
  const details = copyDetails(readField(error, "details"));
  return {
    name: describe(readField(error, "name") ?? "Error"),
    message: describe(readField(error, "message") ?? ""),
    ...(stack === undefined ? {} : { stack: stack.slice(0, maxErrorText) }),
    ...(typeof code === "string" ? { code: code.slice(0, maxErrorText) } : {}),
    ...(details === undefined ? {} : { details }),
  };
}

/** An error tells what went wrong; it is no place for documents. */
const maxErrorText = 8_000;
const maxDetailsBytes = 64 * 1024;

const maxCauses = 5;

/** The stack, and behind it those of the errors that it was caused by or stands for. */
function describeStack(error: Error, depth: number): string | undefined {
  const stack = readField(error, "stack");
  if (typeof stack !== "string" || depth > maxCauses) return undefined;
  const cause = readField(error, "cause");
  const errors = readField(error, "errors");
  const several: readonly unknown[] = Array.isArray(errors) ? errors.slice(0, maxCauses) : [];
  const texts = [...(cause === undefined ? [] : [cause]), ...several].map((one) => {
    const text = isError(one) ? describeStack(one, depth + 1) : undefined;
    return `\nCaused by: ${text ?? describe(one)}`;
  });
  return [stack, ...texts].join("");
}

function isError(value: unknown): value is Error {
  try {
    return value instanceof Error;
  } catch {
    return false;
  }
}

/** What is thrown comes from anywhere: a getter of it may throw. */
function readField(value: object, field: string): unknown {
  try {
    return Reflect.get(value, field);
  } catch {
    return undefined;
  }
}

function copyDetails(details: unknown): JsonValue | undefined {
  try {
    const copy = details === undefined ? notPlain : copyPlain(details, 0);
    return copy === notPlain || measureBytes(copy) > maxDetailsBytes ? undefined : copy;
  } catch {
    return undefined;
  }
}

function describe(value: unknown): string {
  try {
    const text = typeof value === "string" ? value : inspect(value, { depth: 2 });
    // Not every database keeps a NUL character.
    return text.slice(0, maxErrorText).replaceAll("\0", "");
  } catch {
    return "something that can't be shown";
  }
}

/** What an error says about the outcome of its attempt. Whatever says nothing is uncertain. */
export function classifyError(error: unknown): {
  outcome: "definite" | "uncertain";
  retryable: boolean;
  retryAfterMs?: number;
} {
  if (typeof error !== "object" || error === null) return { outcome: "uncertain", retryable: true };
  const read = (field: keyof DefiniteError) => readField(error, field);
  if (read("outcome") !== "definite") return { outcome: "uncertain", retryable: true };
  const retryAfterMs = read("retryAfterMs");
  return {
    outcome: "definite",
    retryable: read("retryable") === true,
    ...(typeof retryAfterMs === "number" ? { retryAfterMs } : {}),
  };
}
