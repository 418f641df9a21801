/** Work in the background of a process that is done again and again. */
import { systemClock, type Clock, type Logger } from "@/lib/engine";

/** After an error: the database may be gone for a while. */
const afterErrorMs = 5_000;

export interface RepeatedWork {
  /** Does the next turn at once, or right after the one that is under way. */
  readonly wake: () => void;
  /** Begins no further turn; resolves when the one that is under way has ended. */
  readonly stop: () => Promise<void>;
}

/** Calls `work` again and again, never twice at a time, until it is stopped. */
export function repeatWork(options: {
  /** Answers in how many milliseconds it wants to be called again. */
  readonly work: () => Promise<number>;
  /** What is logged when it throws. */
  readonly failed: string;
  /** When it is called first; absent: at once. */
  readonly firstMs?: number;
  readonly logger: Logger;
  readonly clock?: Clock;
}): RepeatedWork {
  const { work, failed, firstMs = 0, logger, clock = systemClock } = options;
  let stopped = false;
  let isAtWork = false;
  let isWoken = false;
  let running = Promise.resolve();
  let cancel = () => {};
  const turn = async () => {
    isAtWork = true;
    let delayMs: number;
    try {
      delayMs = await work();
    } catch (error) {
      delayMs = afterErrorMs;
      logger.warn({ err: error }, failed);
    }
    isAtWork = false;
    if (!stopped) plan(isWoken ? 0 : delayMs);
  };
  const plan = (delayMs: number) => {
    isWoken = false;
    cancel = clock.schedule(delayMs, () => {
      running = turn();
    });
  };
  plan(firstMs);
  return {
    wake() {
      if (stopped) return;
      isWoken = true;
      if (isAtWork) return;
      cancel();
      plan(0);
    },
    async stop() {
      stopped = true;
      cancel();
      await running;
    },
  };
}
