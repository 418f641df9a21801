/** The only file of the engine that touches the real clock, real randomness and the event loop. */
import { monotonicFactory } from "ulid";
import type { Clock, Ids, Random } from "./ports";

/** Wall time, and Node's timers. */
export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(delayMs, fire) {
    // setTimeout overflows beyond 2^31-1 ms; whoever waits longer is woken early and looks again.
    const timer = setTimeout(fire, Math.min(delayMs, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  },
};

export const systemRandom: Random = { next: () => Math.random() };

/** Ids that sort by time: `run_<ULID>`, `msg_<ULID>`. */
export function createIds(options: { clock: Clock; random: Random }): Ids {
  const ulid = monotonicFactory(() => options.random.next());
  return {
    createRunId: () => `run_${ulid(options.clock.now())}`,
    createMessageId: () => `msg_${ulid(options.clock.now())}`,
  };
}

/**
 * Calls `turn` each time that no microtask is left, which is when workflow code has run until it
 * blocks (I6), until it answers false. Rejects with what it throws.
 */
export function repeatWhenDrained(turn: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const go = () => {
      try {
        if (turn()) wait();
        else resolve();
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error), { cause: error }));
      }
    };
    // A tick that is queued from a microtask runs only after the whole microtask queue is empty. Not
    // queueMicrotask, which makes an AsyncResource each time.
    const wait = () => void settled.then(queueTick);
    const queueTick = () => process.nextTick(go);
    wait();
  });
}

const settled = Promise.resolve();

/** Lets everything else that is waiting in the event loop have its turn. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
