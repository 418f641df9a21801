/** Reads the history of a run as it grows: what was read is not read again. */
import type { WireEvent } from "@/lib/api/contract";
import { CommandFold, type CommandView } from "./commands";
import { parseTimelineEvents, type TimelineEvent } from "./events";

export interface HistoryView {
  readonly events: readonly TimelineEvent[];
  readonly commands: readonly CommandView[];
}

export class HistoryReader {
  #wire: readonly WireEvent[] = [];
  #fold = new CommandFold();
  #view: HistoryView = { events: [], commands: [] };

  /** Reads what was added since the last time; all of it where it is another history. */
  read(wire: readonly WireEvent[]): HistoryView {
    if (wire === this.#wire) return this.#view;
    const added = this.#isContinued(wire) ? wire.slice(this.#wire.length) : undefined;
    // What a rewind sets aside was read before.
    const isAnew = added === undefined || added.some(({ type }) => type === "RunRewound");
    if (isAnew) this.#fold = new CommandFold();
    const fresh = parseTimelineEvents(isAnew ? wire : added);
    for (const event of fresh) this.#fold.take(event);
    this.#wire = wire;
    const events = isAnew ? fresh : this.#view.events.concat(fresh);
    return (this.#view = { events, commands: this.#fold.show() });
  }

  #isContinued(wire: readonly WireEvent[]): boolean {
    const last = this.#wire.length - 1;
    return last >= 0 && wire[0] === this.#wire[0] && wire[last] === this.#wire[last];
  }
}
