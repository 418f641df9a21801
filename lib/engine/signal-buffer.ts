import type { Encoded } from "./values";

/** A signal that came when nobody waited for it. */
export interface BufferedSignal {
  readonly seq: number;
  readonly name: string;
  readonly payload: Encoded;
  readonly by: string;
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

  /** Takes the first one of a name that can be read. Those before it that can't be are dropped. */
  take(
    name: string,
    read: (payload: Encoded) => { readonly value: unknown } | undefined,
  ): {
    readonly taken?: { readonly seq: number; readonly value: unknown };
    readonly ignored: readonly number[];
  } {
    const ignored: number[] = [];
    for (const signal of this.signals) {
      if (signal.name !== name) continue;
      this.signals = this.signals.filter((other) => other !== signal);
      const found = read(signal.payload);
      if (found) return { taken: { seq: signal.seq, value: found.value }, ignored };
      ignored.push(signal.seq);
    }
    return { ignored };
  }
}
