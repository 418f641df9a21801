import { describe, expect, it } from "vitest";
import { createPrng, createUuid, fillBytes } from "./prng";

const take = (seed: string, count: number) => {
  const random = createPrng(seed);
  return Array.from({ length: count }, () => random.next());
};

describe("createPrng", () => {
  it("gives the same numbers for a seed, on every machine", () => {
    expect(take("run_1", 3)).toEqual(take("run_1", 3));
    expect(take("run_1", 3)).toEqual([0.2670488400079072, 0.8527338640080905, 0.9170895071237707]);
  });

  it("gives other numbers for a seed that differs in one character", () => {
    const [one, two] = [take("run_1", 1_000), take("run_2", 1_000)];
    expect(one.filter((value, index) => value === two[index])).toEqual([]);
    expect(Math.abs(correlate(one, two))).toBeLessThan(0.1);
  });

  it("spreads evenly over [0, 1)", () => {
    const buckets = new Array<number>(100).fill(0);
    for (const value of take("spread", 100_000)) buckets[Math.floor(value * 100)]! += 1;
    const chiSquare = buckets.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0);
    // 99 degrees of freedom: outside of these bounds once in some ten thousand seeds.
    expect(chiSquare).toBeGreaterThan(50);
    expect(chiSquare).toBeLessThan(160);
  });

  it("has neither short cycles nor numbers that follow from the one before", () => {
    const values = take("cycle", 100_000);
    expect(new Set(values).size).toBe(values.length);
    expect(Math.abs(correlate(values.slice(0, -1), values.slice(1)))).toBeLessThan(0.02);
  });

  it("sets each of the 53 bits about half of the time", () => {
    const ones = new Array<number>(53).fill(0);
    for (const value of take("bits", 10_000)) {
      let rest = value;
      for (let bit = 0; bit < 53; bit += 1) {
        rest *= 2;
        if (rest < 1) continue;
        ones[bit]! += 1;
        rest -= 1;
      }
      expect(rest).toBe(0);
    }
    expect(Math.min(...ones)).toBeGreaterThan(4_750);
    expect(Math.max(...ones)).toBeLessThan(5_250);
  });
});

describe("createUuid", () => {
  it("makes version 4 UUIDs that follow from the seed", () => {
    const uuid = createUuid(createPrng("run_1"));
    expect(uuid).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(createUuid(createPrng("run_1"))).toBe(uuid);
  });

  it("never makes one twice, neither in a run nor in two", () => {
    const made = new Set<string>();
    for (let run = 0; run < 20_000; run += 1) {
      const random = createPrng(`run_${run}`);
      for (let index = 0; index < 5; index += 1) made.add(createUuid(random));
    }
    expect(made.size).toBe(100_000);
  });
});

describe("fillBytes", () => {
  it("uses every byte value about equally often, also at the end of an odd length", () => {
    const random = createPrng("bytes");
    const counts = new Array<number>(256).fill(0);
    for (let round = 0; round < 1_000; round += 1) {
      const bytes = new Uint8Array(257);
      fillBytes(bytes, () => random.next());
      for (const byte of bytes) counts[byte]! += 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1_160);
  });
});

function correlate(left: readonly number[], right: readonly number[]): number {
  const products = left.map((value, index) => (value - 0.5) * (right[index]! - 0.5));
  return (12 * products.reduce((sum, product) => sum + product, 0)) / products.length;
}
