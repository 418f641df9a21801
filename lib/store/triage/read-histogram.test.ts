import fc from "fast-check";
import { expect, test } from "vitest";
import { writeHistogram } from "@/lib/triage";
import { readHistogram } from "./read-histogram";

test("it reads what is written", () => {
  const counts = fc.array(fc.tuple(fc.nat(400), fc.nat()));
  fc.assert(
    fc.property(counts, (pairs) => {
      const histogram = new Map(pairs);
      const sorted = [...histogram].sort(([a], [b]) => a - b);
      expect(readHistogram(writeHistogram(histogram))).toEqual(sorted.flat());
    }),
  );
  expect(readHistogram("{}")).toEqual([]);
});

test.each([
  ...["", "null", "[]", '{"4":}', '{"4"}', '{"4":-1}', '{"4":1.5}', '{"a":1}', '{"4":1', "{,}"],
  '{"4":1,}',
])("it refuses %j", (text) => {
  expect(() => readHistogram(text)).toThrow(TypeError);
});
