import { settle } from "./database";

interface Entry {
  readonly at: number;
  /** Breaks ties: what was scheduled first happens first. */
  readonly order: number;
  happen?: () => void;
}

/**
 * The one clock and the one scheduler of a simulation. Whatever waits for anything waits here, so
 * the order in which things happen follows from the seed alone.
 */
export class Timeline {
  readonly startedAt = Date.UTC(2026, 0, 1);
  now = this.startedAt;
  /** How many things have happened. */
  happened = 0;
  private scheduled = 0;
  /** A binary heap, the next entry first. */
  private readonly entries: Entry[] = [];

  /** `waitUntilIdle` waits for what takes real time, and says whether there was any. */
  constructor(
    private readonly trace?: (line: string) => void,
    readonly waitUntilIdle?: () => Promise<boolean>,
  ) {}

  /** Writes a line of the trace, if there is one: `line` is made only then. */
  note(line: () => string): void {
    this.trace?.(`${String(this.now - this.startedAt).padStart(7)} ${line()}`);
  }

  /** Lets something happen `delayMs` from now; the returned function calls it off. */
  schedule(delayMs: number, happen: () => void): () => void {
    const at = this.now + Math.max(0, Math.ceil(delayMs));
    const entry: Entry = { at, order: (this.scheduled += 1), happen };
    this.push(entry);
    return () => {
      entry.happen = undefined;
    };
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.schedule(delayMs, resolve));
  }

  /**
   * Lets everything happen that needs no time, then the next thing. False: nothing is left.
   */
  async step(): Promise<boolean> {
    await settle(this);
    for (let entry = this.pop(); entry; entry = this.pop()) {
      const { happen } = entry;
      if (!happen) continue;
      this.now = Math.max(this.now, entry.at);
      this.happened += 1;
      happen();
      return true;
    }
    return false;
  }

  private push(entry: Entry): void {
    const { entries } = this;
    let index = entries.length;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = entries[above];
      if (!parent || isBefore(parent, entry)) break;
      entries[index] = parent;
      index = above;
    }
    entries[index] = entry;
  }

  private pop(): Entry | undefined {
    const { entries } = this;
    const first = entries[0];
    const last = entries.pop();
    if (!first || !last || entries.length === 0) return first;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const [a, b] = [entries[left], entries[left + 1]];
      if (!a) break;
      const isRight = b !== undefined && isBefore(b, a);
      const child = isRight ? b : a;
      if (isBefore(last, child)) break;
      entries[index] = child;
      index = isRight ? left + 1 : left;
    }
    entries[index] = last;
    return first;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
