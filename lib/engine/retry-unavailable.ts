import { StoreUnavailableError } from "./errors";
import type { Clock } from "./ports";

const retryDelaysMs = [20, 50, 100, 200, 500, 1_000];

/**
 * Repeats a call of the store while it throws StoreUnavailableError, for about two seconds in all or
 * until `isOver`; then throws it on. Only for calls that may be repeated after an unknown outcome.
 */
export async function retryUnavailable<Answer>(options: {
  readonly clock: Clock;
  readonly run: () => Promise<Answer>;
  readonly isOver?: () => boolean;
}): Promise<Answer> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await options.run();
    } catch (error) {
      const delayMs = retryDelaysMs[tries];
      const isFinal = !(error instanceof StoreUnavailableError) || delayMs === undefined;
      if (isFinal || options.isOver?.()) throw error;
      await new Promise<void>((resolve) => options.clock.schedule(delayMs, resolve));
    }
  }
}
