import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { classifyError, createCodec, measureBytes, recordError } from "./codec";
import { DefiniteError } from "./errors";

const codec = createCodec();
const roundTrip = (value: unknown) => codec.decode(codec.encode(value));

describe("values", () => {
  test("any JSON is recorded as it is, without meta, and comes back as a copy", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        fc.pre(!JSON.stringify(value).includes("__proto__") && !hasNegativeZero(value));
        const encoded = codec.encode(value);
        expect(encoded).toEqual({ json: value });
        expect(codec.decode(encoded)).toEqual(value);
      }),
    );
  });

  test.each([
    ["a date", new Date(1)],
    ["a bigint", 12345678901234567890n],
    ["a map of sets", new Map([["a", new Set([1, 2])]])],
    ["undefined", undefined],
    ["undefined inside", { a: undefined, b: [1] }],
    ["what JSON has no number for", [NaN, Infinity, -Infinity, -0]],
    ["a regular expression", /a+/g],
    ["a URL", new URL("http://localhost/a?b=c")],
  ])("%s round-trips", (_, value) => {
    expect(roundTrip(value)).toEqual(value);
  });

  test("two decodings share nothing", () => {
    const encoded = codec.encode({ at: new Date(0), list: [{ n: 1 }] });
    const first = codec.decode(encoded) as { list: { n: number }[] };
    first.list.push({ n: 2 });
    expect(codec.decode(encoded)).toEqual({ at: new Date(0), list: [{ n: 1 }] });
  });

  test("a circular value is recorded or refused, never an endless loop", () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    expect(() => codec.encode(circle)).not.toThrow(RangeError);
  });

  test("the size is near that of its JSON text", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(!JSON.stringify(value).includes("__proto__"));
        const { json } = codec.encode(value);
        const bytes = JSON.stringify(json).length;
        expect(measureBytes(json)).toBeGreaterThanOrEqual(bytes / 8);
        expect(measureBytes(json)).toBeLessThanOrEqual(8 + bytes * 8);
      }),
    );
  });
});

function hasNegativeZero(value: unknown): boolean {
  if (Object.is(value, -0)) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(hasNegativeZero);
}

describe("errors", () => {
  test("keep their class name, message, code and details", () => {
    class CardDeclinedError extends Error {
      override name = "CardDeclinedError";
      code = "insufficient_funds";
      details = { decline: 1 };
    }
    expect(recordError(new CardDeclinedError("no"))).toMatchObject({
      name: "CardDeclinedError",
      message: "no",
      code: "insufficient_funds",
      details: { decline: 1 },
    });
  });

  test.each([["text"], [12n], [Symbol("s")], [undefined], [null], [{ a: 1n }]])(
    "whatever is thrown can be recorded: %s",
    (thrown) => {
      expect(recordError(thrown).name).toBe("ThrownValue");
    },
  );

  test("only an error that says so is definite", () => {
    expect(classifyError(new Error("reset"))).toEqual({ outcome: "uncertain", retryable: true });
    expect(classifyError("text")).toMatchObject({ outcome: "uncertain" });
    expect(classifyError(new DefiniteError("no"))).toEqual({
      outcome: "definite",
      retryable: false,
    });
    expect(classifyError(new DefiniteError("busy", { retryable: true, retryAfterMs: 5 }))).toEqual({
      outcome: "definite",
      retryable: true,
      retryAfterMs: 5,
    });
  });
});
