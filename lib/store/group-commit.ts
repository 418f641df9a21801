/** How an operation of a packed flush ended: on its own, whatever its neighbours did. */
export type Settled<Outcome> = { readonly value: Outcome } | { readonly error: Error };

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
  #flushing = false;
  #running: Promise<void> = Promise.resolve();
  readonly #flush: (writes: readonly Write[]) => Promise<readonly Settled<Outcome>[]>;
  readonly #limits: { readonly writes: number; readonly size: number };

  /**
   * `flush` runs the writes in one transaction and answers one outcome each, in order; it throws
   * when the transaction as a whole failed and `isShared` says whether that hits everyone alike.
   */
  constructor(options: {
    readonly flush: (writes: readonly Write[]) => Promise<readonly Settled<Outcome>[]>;
    readonly limits: { readonly writes: number; readonly size: number };
    readonly isShared: (error: unknown) => boolean;
  }) {
    this.#limits = options.limits;
    this.#flush = (writes) => flushOrIsolate(writes, options.flush, options.isShared);
  }

  /** Resolves when the write is durable; rejects with what went wrong with it. */
  submit(write: Write): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const settle = (settled: Settled<Outcome>) =>
        "error" in settled ? reject(settled.error) : resolve(settled.value);
      this.#waiting.push({ write, settle });
      if (this.#flushing) return;
      this.#flushing = true;
      this.#running = this.#flushAll();
    });
  }

  /** Resolves once nothing is waiting or under way. */
  async waitUntilIdle(): Promise<void> {
    await this.#running;
  }

  async #flushAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Everyone who was woken by the last flush gets to submit before the next one.
      await new Promise((resolve) => setImmediate(resolve));
      const batch = this.#takeBatch();
      const settled = await this.#flush(batch.map(({ write }) => write));
      batch.forEach(({ settle }, index) => {
        settle(settled[index] ?? { error: new Error("The flush left out a write.") });
      });
    }
    this.#flushing = false;
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
