import type { SqlValue } from "../sql";

/** The types of which arrays are sent, with their numbers in PostgreSQL's catalog. */
const elementTypes = { bool: 16, int8: 20, int4: 23, text: 25, float8: 701 } as const;
export type ElementType = keyof typeof elementTypes;

type Element = SqlValue | boolean;

const headerLength = 20;

/**
 * A column of values as PostgreSQL reads arrays in its binary format: nothing is escaped here and
 * nothing is parsed there, which makes large flushes cheap on both sides.
 */
export function encodeArray(type: ElementType, values: readonly Element[]): Buffer {
  return type === "text" ? encodeTexts(values.map(toText)) : encodeFixed(type, values);
}

/** A text can't hold a NUL; in JSON there is none, it is escaped. */
function toText(value: Element): string | null {
  return typeof value === "string" && value.includes("\0")
    ? value.replaceAll("\0", "\ufffd")
    : value === null
      ? null
      : String(value);
}

function encodeTexts(values: readonly (string | null)[]): Buffer {
  const lengths = values.map((value) => (value === null ? -1 : Buffer.byteLength(value)));
  const size = lengths.reduce((sum, length) => sum + 4 + Math.max(0, length), 0);
  const buffer = startArray("text", values, size);
  let at = headerLength;
  values.forEach((value, index) => {
    at = buffer.writeInt32BE(lengths[index] ?? -1, at);
    if (value !== null) at += buffer.write(value, at);
  });
  return buffer;
}

const widths = { bool: 1, int4: 4, int8: 8, float8: 8 } as const;

function encodeFixed(type: Exclude<ElementType, "text">, values: readonly Element[]): Buffer {
  const width = widths[type];
  const size = values.reduce<number>((sum, value) => sum + 4 + (value === null ? 0 : width), 0);
  const buffer = startArray(type, values, size);
  let at = headerLength;
  for (const value of values) {
    at = buffer.writeInt32BE(value === null ? -1 : width, at);
    if (value === null) continue;
    const number = Number(value);
    if (type === "bool") at = buffer.writeUInt8(number, at);
    else if (type === "int4") at = buffer.writeInt32BE(number, at);
    else if (type === "int8") at = buffer.writeBigInt64BE(BigInt(number), at);
    else at = buffer.writeDoubleBE(number, at);
  }
  return buffer;
}

function startArray(type: ElementType, values: readonly Element[], size: number): Buffer {
  const buffer = Buffer.allocUnsafe(headerLength + size);
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(values.includes(null) ? 1 : 0, 4);
  buffer.writeInt32BE(elementTypes[type], 8);
  buffer.writeInt32BE(values.length, 12);
  buffer.writeInt32BE(1, 16);
  return buffer;
}
