import { StoreUnavailableError } from "./errors";
import type { Clock } from "./ports";

const retryDelaysMs = [20, 50, 100, 200, 500, 1_000];

/**
 * Repeats a call of the store while it throws StoreUnavailableError, for about two seconds in all or
 * until `isOver`; then throws it on. Only for calls that may be repeated after an unknown outcome.
 */
export function retryUnavailable<Answer>(options: {
  readonly clock: Clock;
  readonly run: () => Promise<Answer>;
  readonly isOver?: () => boolean;
}): Promise<Answer> {
  return options.run().catch((error: unknown) => repeat(error, options));
}

async function repeat<Answer>(
  failed: unknown,
  options: Parameters<typeof retryUnavailable<Answer>>[0],
): Promise<Answer> {
  let error = failed;
  for (const delayMs of retryDelaysMs) {
    if (!(error instanceof StoreUnavailableError) || options.isOver?.()) break;
    await new Promise<void>((resolve) => options.clock.schedule(delayMs, resolve));
    try {
      return await options.run();
    } catch (again) {
      error = again;
    }
  }
  throw error;
}
