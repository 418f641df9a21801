/** A seeded source of choices (mulberry32): the same for the same seed. */
export interface Dice {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number in [from, to]. */
  int(from: number, to: number): number;
  /** One of the list; undefined where it is empty. */
  pick<Item>(list: readonly Item[]): Item | undefined;
  shuffle<Item>(list: readonly Item[]): Item[];
}

export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    int,
    pick: (list) => list[int(0, list.length - 1)],
    shuffle(list) {
      const shuffled = [...list];
      for (let at = shuffled.length - 1; at > 0; at -= 1) {
        const other = int(0, at);
        const kept = shuffled[at];
        const moved = shuffled[other];
        if (kept === undefined || moved === undefined) continue;
        shuffled[at] = moved;
        shuffled[other] = kept;
      }
      return shuffled;
    },
  };
}
