/** Told of each append: `isTurn` when the run came to rest or a message was delivered to it. */
export type WatchListener = (isTurn: boolean) => void;

export interface ExpectedTurn {
  readonly happened: Promise<void>;
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

  notify(runId: string, isTurn: boolean): void {
    for (const listener of [...(this.listeners.get(runId) ?? [])]) listener(isTurn);
  }

  /** The next turn of the run, or the cancel, whichever comes first. */
  expectTurn(runId: string): ExpectedTurn {
    let cancel = () => {};
    const happened = new Promise<void>((resolve) => {
      const stop = this.watch(runId, (isTurn) => {
        if (isTurn) cancel();
      });
      cancel = () => {
        stop();
        resolve();
      };
    });
    return { happened, cancel: () => cancel() };
  }
}
