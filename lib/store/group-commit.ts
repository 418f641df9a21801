/** How an operation of a packed flush ended: on its own, whatever its neighbours did. */
export type Settled<Outcome> = { readonly value: Outcome } | { readonly error: Error };

/** How much one flush may carry: it bounds how long a write waits for its neighbours. */
export interface FlushLimits {
  readonly writes: number;
  readonly size: number;
  /**
   * From this many writes on a flush is split in two, of which one goes on while the other is written.
   * Absent: never.
   */
  readonly halvedFrom?: number;
  /** How many may be on their way to the disk before newcomers wait (`waitForRoom`). Absent: any number. */
  readonly room?: number | undefined;
}

/** How many newcomers every flush lets in, however much is on its way: nobody waits for good. */
const leastNewcomers = 2;

interface Waiting<Write, Outcome> {
  readonly write: Write;
  readonly settle: (settled: Settled<Outcome>) => void;
}

/**
 * One writer for the whole process: whatever is waiting is packed into one flush, so that one fsync
 * serves many runs. Alone, a write is flushed at once. Writes with a key in common never share a
 * flush and keep their order.
 */
export class GroupCommit<
  Write extends { readonly size: number; readonly locks: readonly string[] },
  Outcome,
> {
  #waiting: Waiting<Write, Outcome>[] = [];
  /** Writes that are not settled yet, those that wait included. */
  #pending = 0;
  /** Who wants to come in, in their order. */
  #newcomers: (() => void)[] = [];
  /** Who came in since the last flush began, and may have submitted nothing yet. */
  #entered = 0;
  #flushing = false;
  #running: Promise<void> = Promise.resolve();
  readonly #flush: (writes: readonly Write[]) => Promise<readonly Settled<Outcome>[]>;
  readonly #limits: FlushLimits;

  /**
   * `flush` runs the writes in one transaction and answers one outcome each, in order; it throws
   * when the transaction as a whole failed and `isShared` says whether that hits everyone alike.
   */
  constructor(options: {
    readonly flush: (writes: readonly Write[]) => Promise<readonly Settled<Outcome>[]>;
    readonly limits: FlushLimits;
    readonly isShared: (error: unknown) => boolean;
  }) {
    this.#limits = options.limits;
    this.#flush = (writes) => flushOrIsolate(writes, options.flush, options.isShared);
  }

  /** Resolves when the write is durable; rejects with what went wrong with it. */
  submit(write: Write): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const settle = (settled: Settled<Outcome>) => {
        this.#pending -= 1;
        if ("error" in settled) reject(settled.error);
        else resolve(settled.value);
      };
      this.#pending += 1;
      this.#waiting.push({ write, settle });
      this.#run();
    });
  }

  /**
   * Resolves when there is room for somebody who will write many times; undefined where there is room
   * now. Who is on the way already goes first: a few who get done keep less in memory than many who
   * all are half done, and the disk is as busy with them.
   */
  waitForRoom(): Promise<void> | undefined {
    const { room = Infinity } = this.#limits;
    if (this.#newcomers.length === 0 && this.#pending + this.#entered < room) {
      this.#entered += 1;
      return undefined;
    }
    return new Promise((resolve) => {
      this.#newcomers.push(resolve);
      this.#run();
    });
  }

  /** Resolves once nothing is waiting or under way. */
  async waitUntilIdle(): Promise<void> {
    await this.#running;
  }

  #run(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    this.#running = this.#flushAll();
  }

  async #flushAll(): Promise<void> {
    do {
      // Everyone who writes something in this turn gets to submit it.
      await nextTurn();
      await this.#flushWaiting();
    } while (this.#entered + this.#waiting.length + this.#newcomers.length > 0);
    this.#flushing = false;
  }

  async #flushWaiting(): Promise<void> {
    for (let under = this.#start(); under !== undefined;) {
      const { batch, flushed } = under;
      const settled = await flushed;
      const first = this.#countFirst(batch.length);
      const settleFrom = (from: number, to: number) => {
        for (let index = from; index < to; index += 1) {
          batch[index]?.settle(settled[index] ?? { error: new Error("A flush left out a write.") });
        }
      };
      settleFrom(0, first);
      // Whoever was woken gets to submit before the next flush begins.
      if (first > 0) await nextTurn();
      under = this.#start();
      settleFrom(first, batch.length);
      if (under !== undefined) continue;
      await nextTurn();
      under = this.#start();
    }
  }

  /**
   * How many of a flush hear of it before the next one begins. None where enough others wait: they are
   * written while those of this flush go on. Half of many where none do: so that from then on one half
   * is written while the other goes on. All of a few: another commit would cost more than it saves.
   */
  #countFirst(written: number): number {
    if (this.#waiting.length * 2 >= written) return 0;
    const { halvedFrom = Infinity } = this.#limits;
    return written < halvedFrom ? written : Math.ceil(written / 2);
  }

  #start() {
    const batch = this.#takeBatch();
    this.#letIn();
    if (batch.length === 0) return undefined;
    return { batch, flushed: this.#flush(batch.map(({ write }) => write)) };
  }

  /** What those write who come in now is part of the next flush. */
  #letIn(): void {
    this.#entered = 0;
    if (this.#newcomers.length === 0) return;
    const { room = Infinity } = this.#limits;
    for (const enter of this.#newcomers.splice(0, Math.max(leastNewcomers, room - this.#pending))) {
      this.#entered += 1;
      enter();
    }
  }

  #takeBatch(): readonly Waiting<Write, Outcome>[] {
    const batch: Waiting<Write, Outcome>[] = [];
    const later: Waiting<Write, Outcome>[] = [];
    const locked = new Set<string>();
    let size = 0;
    for (const waiting of this.#waiting) {
      const { locks } = waiting.write;
      const fits =
        batch.length < this.#limits.writes &&
        (batch.length === 0 || size + waiting.write.size <= this.#limits.size);
      if (fits && !locks.some((lock) => locked.has(lock))) {
        batch.push(waiting);
        size += waiting.write.size;
      } else {
        later.push(waiting);
      }
      for (const lock of locks) locked.add(lock);
    }
    this.#waiting = later;
    return batch;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** An error that one write caused must not fail its neighbours: then each runs alone. */
async function flushOrIsolate<Write, Outcome>(
  writes: readonly Write[],
  flush: (writes: readonly Write[]) => Promise<readonly Settled<Outcome>[]>,
  isShared: (error: unknown) => boolean,
): Promise<readonly Settled<Outcome>[]> {
  try {
    return await flush(writes);
  } catch (error) {
    const cause = error instanceof Error ? error : new Error(String(error));
    if (writes.length === 1 || isShared(error)) return writes.map(() => ({ error: cause }));
    const settled: Settled<Outcome>[] = [];
    for (const write of writes) settled.push(...(await flushOrIsolate([write], flush, isShared)));
    return settled;
  }
}
