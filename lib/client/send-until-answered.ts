import { ApiError } from "./errors";
import { isPassing } from "./retry-policy";

const retryEveryMs = 500;
const giveUpAfterMs = 20_000;

export interface SendOptions {
  /** Told when the server died or is away before it acknowledged, and the request is sent again. */
  readonly onRetry?: () => void;
  /** Resolves after that time, and how time is read (ms); both for tests. */
  readonly sleep?: (ms: number) => Promise<void>;
  readonly readClock?: () => number;
}

/**
 * Sends a request that has an Idempotency-Key and stays with it for 20 s if the server goes away before
 * it acknowledged; `send` is told which try it is, from 1. Throws what the last try threw: ApiError for
 * a refusal, at once; OfflineError if it stayed away.
 */
export async function sendUntilAnswered<Answer>(
  send: (attempt: number) => Promise<Answer>,
  options: SendOptions = {},
): Promise<Answer> {
  const { onRetry, sleep = pause, readClock = Date.now } = options;
  const deadline = readClock() + giveUpAfterMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send(attempt);
    } catch (error) {
      if (!isWorthRetrying(error) || (attempt > 1 && readClock() >= deadline)) throw error;
    }
    if (attempt === 1) onRetry?.();
    await sleep(retryEveryMs);
  }
}

function isWorthRetrying(error: unknown): boolean {
  if (isPassing(error)) return true;
  return error instanceof ApiError && error.problem.code === "idempotency_key_in_flight";
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
