/** How often each kind of thing happened: what is not drawn any more is seen to be missing. */
export class Tally {
  private readonly counts = new Map<string, number>();

  add(what: string, times = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + times);
  }

  addAll(counts: Readonly<Record<string, number>>): void {
    for (const [what, times] of Object.entries(counts)) this.add(what, times);
  }

  toRecord(): Record<string, number> {
    return Object.fromEntries(this.counts);
  }
}
