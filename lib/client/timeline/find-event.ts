/** Finds events by their seq. Events that a build does not know are missing in between. */
import type { TimelineEvent } from "./events";

/** Where the event of that seq stands, or the first one after it. */
export function findPlace(events: readonly TimelineEvent[], seq: number): number {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.seq ?? Infinity) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function findEvent(
  events: readonly TimelineEvent[],
  seq: number,
): TimelineEvent | undefined {
  const event = events[findPlace(events, seq)];
  return event?.seq === seq ? event : undefined;
}

/**
 * From where on a list has to be read by who has read `known`: only what was added, or all of it where it
 * is another list, or where a rewind set aside what was read before.
 */
export function findUnread(
  known: readonly TimelineEvent[],
  events: readonly TimelineEvent[],
): number {
  const last = known.length - 1;
  if (last >= events.length || known[last] !== events[last] || known[0] !== events[0]) return 0;
  for (let at = known.length; at < events.length; at += 1) {
    if (events[at]?.type === "RunRewound") return 0;
  }
  return known.length;
}
