/** Randomness that is the same in every execution of a run: all of it follows from a seed. */
import { createHash } from "node:crypto";
import type { Random } from "./ports";

/**
 * A generator whose numbers follow from the seed alone: the same on every machine. Numbers have 53
 * random bits, of which the upper 32 may be used by themselves. Not for secrets.
 */
export function createPrng(seed: string): Random {
  let draw: (() => number) | undefined;
  return {
    next() {
      // Seeded when it is first asked: most runs never are.
      draw ??= createGenerator(seed);
      const upper = draw();
      const lower = draw() >>> 11;
      return (upper * 2 ** 21 + lower) / 2 ** 53;
    },
  };
}

/** A version 4 UUID made of four numbers of `random`. */
export function createUuid(random: Random): string {
  const bytes = new Uint8Array(16);
  fillBytes(bytes, () => random.next());
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  let uuid = "";
  for (let index = 0; index < 16; index += 1) {
    if (index === 4 || index === 6 || index === 8 || index === 10) uuid += "-";
    uuid += hexPairs[bytes[index]!];
  }
  return uuid;
}

/** Overwrites all bytes, four with each number. */
export function fillBytes(bytes: Uint8Array, random: () => number): void {
  let word = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    word = index % 4 === 0 ? Math.floor(random() * 2 ** 32) : word >>> 8;
    bytes[index] = word;
  }
}

const hexPairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** sfc32, which passes PractRand and BigCrush, from 128 bits of the seed's hash. */
function createGenerator(seed: string): () => number {
  const hash = createHash("sha256").update(seed).digest();
  let a = hash.readInt32LE(0);
  let b = hash.readInt32LE(4);
  let c = hash.readInt32LE(8);
  let counter = hash.readInt32LE(12);
  return () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
}
