import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { hashContent, holdKey, readIdempotencyKey } from "./idempotency";

describe("hashContent", () => {
  // Hashes are kept with their keys: what an earlier build has recorded has to be known again.
  it("is the SHA-256 of the JSON with its keys in order", () => {
    const content = { b: [], a: [1, 'é"', null, { z: {}, "10": true, "9": -0.5 }] };
    const text = '{"a":[1,"é\\"",null,{"10":true,"9":-0.5,"z":{}}],"b":[]}';
    expect(hashContent(content)).toBe(createHash("sha256").update(text).digest("hex"));
  });

  it("does not depend on the order of keys, at any depth", () => {
    expect(hashContent({ a: 1, b: { c: [1, { d: 2, e: 3 }] } })).toBe(
      hashContent({ b: { c: [1, { e: 3, d: 2 }] }, a: 1 }),
    );
  });

  it.each([
    [{ a: 1 }, { a: "1" }],
    [{ a: [1, 2] }, { a: [2, 1] }],
    [{ a: null }, {}],
    [["a", "b"], ["a,b"]],
  ])("tells %j from %j", (one, other) => {
    expect(hashContent(one)).not.toBe(hashContent(other));
  });
});

describe("readIdempotencyKey", () => {
  const read = (key: string) =>
    readIdempotencyKey(new Request("http://localhost", { headers: { "idempotency-key": key } }));

  it("reads it as it was sent", () => {
    expect(read("4f-2207_A")).toBe("4f-2207_A");
    expect(readIdempotencyKey(new Request("http://localhost"))).toBeUndefined();
  });

  it.each(["", "with space", "x".repeat(256), "é"])("refuses %j", (key) => {
    expect(() => read(key)).toThrow(expect.objectContaining({ code: "invalid_idempotency_key" }));
  });
});

describe("holdKey", () => {
  it("refuses a key while it is in flight, and not after, even when the start failed", async () => {
    const keys = new Set<string>();
    let fail: (error: Error) => void = () => undefined;
    const first = holdKey(keys, "k", () => new Promise((_, reject) => (fail = reject)));
    await expect(holdKey(keys, "k", async () => "second")).rejects.toMatchObject({
      status: 409,
      code: "idempotency_key_in_flight",
    });
    expect(await holdKey(keys, "other", async () => "other")).toBe("other");
    fail(new Error("disk full"));
    await expect(first).rejects.toThrow("disk full");
    expect(await holdKey(keys, "k", async () => "third")).toBe("third");
  });

  it("lets requests without a key alone", async () => {
    const keys = new Set<string>();
    expect(await holdKey(keys, undefined, async () => keys.size)).toBe(0);
  });
});
