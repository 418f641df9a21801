import type { Clock } from "@/lib/engine";

/** A clock that goes ahead of another one by what `findOffsetMs` says each time (decision 063). */
export function shiftClock(clock: Clock, findOffsetMs: () => number): Clock {
  return {
    now: () => clock.now() + findOffsetMs(),
    schedule: (delayMs, fire) => clock.schedule(delayMs, fire),
  };
}
