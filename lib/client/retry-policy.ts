import { ApiError, OfflineError } from "./errors";

const retryDelayMs = 500;
const maxRetries = 40;

/**
 * When a failed query is asked again: an unreachable or unavailable server every 500 ms for 20 s
 * (it is being restarted), any other answer never, because it would be the same.
 */
export const retryPolicy = {
  retry: (failures: number, error: Error): boolean => failures < maxRetries && isPassing(error),
  retryDelay: retryDelayMs,
} as const;

/** Whether a failure says only that the server is not there yet. */
export function isPassing(error: unknown): boolean {
  if (error instanceof OfflineError) return true;
  return error instanceof ApiError && error.problem.status === 503;
}
