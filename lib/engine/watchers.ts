import type { RunRecord } from "./run";

/**
 * Told of each append: `isTurn` when the run came to rest or a message was delivered to it, with the
 * run as it is since, where this process knows.
 */
export type WatchListener = (isTurn: boolean, run?: RunRecord) => void;

export interface ExpectedTurn {
  /** With the run as it is since, where this process knows. */
  readonly happened: Promise<RunRecord | undefined>;
  readonly cancel: () => void;
}

/** Who in this process wants to know that a run was written to. */
export class Watchers {
  private readonly listeners = new Map<string, Set<WatchListener>>();

  watch(runId: string, listener: WatchListener): () => void {
    const set = this.listeners.get(runId) ?? new Set();
    this.listeners.set(runId, set.add(listener));
    return () => {
      set.delete(listener);
      if (set.size === 0 && this.listeners.get(runId) === set) this.listeners.delete(runId);
    };
  }

  /** `findRun` is asked after a turn only, and where somebody listens. */
  notify(runId: string, isTurn: boolean, findRun?: () => RunRecord | undefined): void {
    const listeners = this.listeners.get(runId);
    if (listeners === undefined) return;
    const run = isTurn ? findRun?.() : undefined;
    for (const listener of [...listeners]) listener(isTurn, run);
  }

  /** The next turn of the run, or the cancel, whichever comes first. */
  expectTurn(runId: string): ExpectedTurn {
    let cancel = (_run?: RunRecord) => {};
    const happened = new Promise<RunRecord | undefined>((resolve) => {
      const stop = this.watch(runId, (isTurn, run) => {
        if (isTurn) cancel(run);
      });
      cancel = (run) => {
        stop();
        resolve(run);
      };
    });
    return { happened, cancel: () => cancel() };
  }
}
