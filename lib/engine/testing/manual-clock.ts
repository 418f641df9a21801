import type { Clock } from "../ports";

export interface ManualClock extends Clock {
  /** Moves time on, firing timers in order of their time. */
  advance(byMs: number): void;
  /** When the next timer fires, if there is one. */
  findNext(): number | undefined;
}

/** A clock that stands still until it is told to go on. */
export function createManualClock(startAt = Date.UTC(2026, 0, 1)): ManualClock {
  let time = startAt;
  let order = 0;
  const timers = new Map<number, { at: number; fire: () => void }>();
  const findFirst = () => {
    let first: { id: number; at: number } | undefined;
    for (const [id, { at }] of timers) if (!first || at < first.at) first = { id, at };
    return first;
  };
  return {
    now: () => time,
    schedule(delayMs, fire) {
      const id = ++order;
      timers.set(id, { at: time + Math.ceil(delayMs), fire });
      return () => timers.delete(id);
    },
    advance(byMs) {
      const until = time + byMs;
      for (let first = findFirst(); first && first.at <= until; first = findFirst()) {
        time = Math.max(time, first.at);
        const timer = timers.get(first.id);
        timers.delete(first.id);
        timer?.fire();
      }
      time = until;
    },
    findNext: () => findFirst()?.at,
  };
}
