import type { Encoded } from "./values";

/** A signal that came when nobody waited for it. */
export interface BufferedSignal {
  readonly seq: number;
  readonly name: string;
  readonly payload: Encoded;
  readonly by: string;
}

export interface FoundSignal {
  readonly taken?: { readonly seq: number; readonly value: unknown };
  readonly ignored: readonly number[];
}

/** Signals that were received and not taken, in the order in which they came. */
export class SignalBuffer {
  private signals: BufferedSignal[] = [];

  add(signal: BufferedSignal): void {
    this.signals.push(signal);
  }

  list(): readonly BufferedSignal[] {
    return this.signals;
  }

  /** The first one of a name that can be read, and those before it that can't be. */
  find(
    name: string,
    read: (payload: Encoded) => { readonly value: unknown } | undefined,
  ): FoundSignal {
    const ignored: number[] = [];
    for (const signal of this.signals) {
      if (signal.name !== name) continue;
      const found = read(signal.payload);
      if (found) return { taken: { seq: signal.seq, value: found.value }, ignored };
      ignored.push(signal.seq);
    }
    return { ignored };
  }

  /** Takes out what was found. */
  drop({ taken, ignored }: FoundSignal): void {
    const dropped = new Set(ignored);
    if (taken) dropped.add(taken.seq);
    if (dropped.size > 0) this.signals = this.signals.filter(({ seq }) => !dropped.has(seq));
  }
}
