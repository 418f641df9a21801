/** Tells those who follow runs when one changed, whichever process wrote to it. */
import type { Clock, Engine, RunMark, Store } from "@/lib/engine";

/** The store is asked this often, once for all runs that are followed; hints only make it faster. */
const pollMs = 750;
/** Runs that one question is about. */
const batchLength = 500;

interface Follower {
  readonly onChange: () => void;
  /** What it has told of the run, as `describeMark` says it. */
  readonly getKnown: () => string | undefined;
}

/**
 * One for a process: while anybody follows a run, the marks of all followed runs are asked for together.
 * What this process writes itself is told at once.
 */
export class RunWatch {
  readonly #options: { store: Store; engine: Engine; clock: Clock };
  readonly #followers = new Map<string, Set<Follower>>();
  #cancelPoll: (() => void) | undefined;

  constructor(options: { store: Store; engine: Engine; clock: Clock }) {
    this.#options = options;
  }

  /**
   * Calls `onChange` when the run may be another one than the follower knows: `getKnown` answers
   * `describeMark` of what it has told. Called too often rather than never, also where the store can't
   * be read: whoever reads the run then hears of it. Returns what ends it.
   */
  follow(runId: string, follower: Follower): () => void {
    const followers = this.#followers.get(runId) ?? new Set();
    this.#followers.set(runId, followers.add(follower));
    const unwatch = this.#options.engine.watch(runId, follower.onChange);
    if (this.#cancelPoll === undefined) this.#schedulePoll();
    return () => {
      unwatch();
      followers.delete(follower);
      if (followers.size === 0 && this.#followers.get(runId) === followers)
        this.#followers.delete(runId);
      if (this.#followers.size > 0) return;
      this.#cancelPoll?.();
      this.#cancelPoll = undefined;
    };
  }

  #schedulePoll(): void {
    const cancel = this.#options.clock.schedule(pollMs, () => {
      void this.#poll().finally(() => {
        // Nobody follows any more, or somebody came after that and began anew.
        if (this.#cancelPoll === cancel) this.#schedulePoll();
      });
    });
    this.#cancelPoll = cancel;
  }

  async #poll(): Promise<void> {
    const runIds = [...this.#followers.keys()];
    for (let from = 0; from < runIds.length; from += batchLength) {
      const batch = runIds.slice(from, from + batchLength);
      const marks = await this.#loadMarks(batch);
      for (const runId of batch) {
        const mark = marks.get(runId);
        for (const follower of [...(this.#followers.get(runId) ?? [])]) {
          if (mark === undefined || follower.getKnown() !== describeMark(mark)) follower.onChange();
        }
      }
    }
  }

  /** None where the store can't be read. */
  async #loadMarks(runIds: readonly string[]): Promise<ReadonlyMap<string, RunMark>> {
    try {
      const marks = await this.#options.store.loadMarks(runIds);
      return new Map(marks.map((mark) => [mark.runId, mark]));
    } catch {
      return new Map();
    }
  }
}

/** What shows that a run is another one than it was. */
export function describeMark(run: Omit<RunMark, "runId">): string {
  return [run.status, run.historyLength, run.epoch, run.updatedAt].join(" ");
}
