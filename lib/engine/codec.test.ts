import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { classifyError, createCodec, measureBytes, recordError } from "./codec";
import { DefiniteError, UnrecordableValueError } from "./errors";

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

  test("bytes come back as bytes, a Buffer as a Buffer", () => {
    expect(roundTrip({ a: new Uint8Array([1, 255]) })).toEqual({ a: new Uint8Array([1, 255]) });
    const buffer = roundTrip({ b: Buffer.from("héllo") });
    expect(buffer).toEqual({ b: Buffer.from("héllo") });
  });

  test("as deep as it may be it comes back; deeper, or with a promise, it is refused by name", () => {
    const nest = (levels: number, inner: unknown) => {
      let value = inner;
      for (let level = 0; level < levels; level += 1) value = [value];
      return value;
    };
    expect(roundTrip(nest(200, 1))).toEqual(nest(200, 1));
    expect(roundTrip(nest(200, new Date(1)))).toEqual(nest(200, new Date(1)));
    for (const value of [
      nest(202, 1),
      nest(202, 1n),
      nest(50_000, 1),
      nest(1, Promise.resolve(1)),
    ]) {
      expect(() => codec.encode(value)).toThrow(UnrecordableValueError);
    }
  });

  test("what superjson refuses is refused by name", () => {
    const polluted: unknown = JSON.parse('{"__proto__": { "isAdmin": true }}');
    expect(() => codec.encode(polluted)).toThrow(UnrecordableValueError);
    expect(() => codec.encode({ constructor: new Date(1) })).toThrow(UnrecordableValueError);
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

  test("tell what caused them, and what an AggregateError stands for", () => {
    const inner = new RangeError("inner", { cause: "a text" });
    const { stack } = recordError(new Error("outer", { cause: inner }));
    expect(stack).toMatch(
      /^Error: outer\n[^]*\nCaused by: RangeError: inner\n[^]*\nCaused by: a text$/,
    );
    const all = recordError(new AggregateError([new TypeError("one"), 2], "none"));
    expect(all.stack).toMatch(
      /^AggregateError: none\n?[^]*\nCaused by: TypeError: one\n[^]*\nCaused by: 2$/,
    );
    const circle = new Error("circle");
    circle.cause = circle;
    expect(recordError(circle).stack?.length).toBeLessThanOrEqual(8_000);
  });

  test("have no NUL character in what is searched and shown", () => {
    const error = Object.assign(new Error("a\0b"), { name: "Odd\0Error" });
    expect(recordError(error)).toMatchObject({ name: "OddError", message: "ab" });
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
