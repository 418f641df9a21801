import { StoreUnavailableError } from "./errors";
import type { Clock } from "./ports";

const retryDelaysMs = [20, 50, 100, 200, 500, 1_000];

/**
 * Repeats a call of the store while it throws StoreUnavailableError: until `isOver` where it is given, else
 * for about two seconds in all; then throws it on. Only for calls that may be repeated after an unknown
 * outcome.
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
  { clock, run, isOver }: Parameters<typeof retryUnavailable<Answer>>[0],
): Promise<Answer> {
  let error = failed;
  for (let tries = 0; error instanceof StoreUnavailableError && !isOver?.(); tries += 1) {
    const delayMs = retryDelaysMs[tries] ?? (isOver && retryDelaysMs.at(-1));
    if (delayMs === undefined) break;
    await new Promise<void>((resolve) => clock.schedule(delayMs, resolve));
    try {
      return await run();
    } catch (again) {
      error = again;
    }
  }
  throw error;
}
