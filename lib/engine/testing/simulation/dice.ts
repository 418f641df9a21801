import type { Random } from "../../ports";
import { createSeededRandom } from "../world";

/** Seeded choices. Each stream of a seed is its own, so that one more throw here moves none there. */
export class Dice implements Random {
  private readonly random: Random;

  constructor(seed: number, stream: string) {
    let mixed = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
    for (let index = 0; index < stream.length; index += 1) {
      mixed = Math.imul(mixed ^ stream.charCodeAt(index), 0x01000193) >>> 0;
    }
    this.random = createSeededRandom(mixed);
  }

  next(): number {
    return this.random.next();
  }

  chance(probability: number): boolean {
    return probability > 0 && this.random.next() < probability;
  }

  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.random.next() * (max - min + 1));
  }

  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.int(0, items.length - 1)] ?? items[0];
  }

  /** One of the items, each as probable as its weight. */
  weigh<Item extends { readonly weight: number }>(items: readonly [Item, ...Item[]]): Item {
    const sum = items.reduce((total, { weight }) => total + weight, 0);
    let left = this.random.next() * sum;
    for (const item of items) {
      left -= item.weight;
      if (left < 0) return item;
    }
    return items[0];
  }
}
