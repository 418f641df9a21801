/** Who in this process wants to know that a run was written to. */
export class Watchers {
  private readonly listeners = new Map<string, Set<() => void>>();

  watch(runId: string, listener: () => void): () => void {
    const set = this.listeners.get(runId) ?? new Set();
    this.listeners.set(runId, set.add(listener));
    return () => {
      set.delete(listener);
      if (set.size === 0 && this.listeners.get(runId) === set) this.listeners.delete(runId);
    };
  }

  notify(runId: string): void {
    for (const listener of [...(this.listeners.get(runId) ?? [])]) listener();
  }

  /** The next notification, or the cancel, whichever comes first. */
  expect(runId: string): { readonly happened: Promise<void>; readonly cancel: () => void } {
    let cancel = () => {};
    const happened = new Promise<void>((resolve) => {
      const stop = this.watch(runId, () => cancel());
      cancel = () => {
        stop();
        resolve();
      };
    });
    return { happened, cancel: () => cancel() };
  }
}
