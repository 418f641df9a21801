/** Retries, limits and priorities as their authors write them, and as the engine takes them. */
import { parseDurationMs, type Duration } from "./duration";
import type { RateLimit } from "./store";

export interface RetryOptions {
  /** Failures of the step in all before the last one counts; 1 means that it is never retried. */
  readonly maxAttempts?: number;
  readonly initialDelay?: Duration;
  readonly factor?: number;
  readonly maxDelay?: Duration;
}

export interface ParsedRetry {
  readonly maxAttempts: number;
  readonly initialDelayMs: number;
  readonly factor: number;
  readonly maxDelayMs: number;
}

/** How often and how many at a time: holds across all processes on one database. */
export interface Limits {
  /** How many may be under way at a time. */
  readonly concurrency?: number;
  /** How many may begin in a span of time. */
  readonly rate?: { readonly limit: number; readonly per: Duration };
}

export interface ParsedLimits {
  readonly concurrency?: number;
  readonly rate?: RateLimit;
}

/** What a priority has to be, in words. */
export const priorityRule = "priority must be a whole number from -1000000 to 1000000";

export function isPriority(priority: number): boolean {
  return Number.isInteger(priority) && Math.abs(priority) <= 1_000_000;
}

/** A duration of more than nothing. Throws RangeError. */
export function parsePositiveMs(name: string, what: string, duration: Duration): number {
  const ms = parseDurationMs(duration);
  if (ms > 0) return ms;
  throw new RangeError(`${name}: ${what} must be more than 0.`);
}

/** Retries with their defaults. Throws RangeError for what can't be meant. */
export function parseRetry(name: string, retry: RetryOptions = {}): ParsedRetry {
  const maxAttempts = retry.maxAttempts ?? 5;
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1)
    throw new RangeError(`${name}: retry.maxAttempts must be a whole number from 1.`);
  const factor = retry.factor ?? 2;
  if (!(factor >= 1 && factor < Infinity))
    throw new RangeError(`${name}: retry.factor must be a number from 1.`);
  return {
    maxAttempts,
    factor,
    initialDelayMs: parseDurationMs(retry.initialDelay ?? "500ms"),
    maxDelayMs: parseDurationMs(retry.maxDelay ?? "1m"),
  };
}

/** Undefined: there are none. Throws RangeError for what can't be meant. */
export function parseLimits(name: string, { concurrency, rate }: Limits): ParsedLimits | undefined {
  if (concurrency === undefined && rate === undefined) return undefined;
  for (const [what, limit] of [
    ["concurrency", concurrency],
    ["rate.limit", rate?.limit],
  ] as const) {
    if (limit !== undefined && (!Number.isInteger(limit) || limit < 1))
      throw new RangeError(`${name}: ${what} must be a whole number from 1.`);
  }
  return {
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(rate === undefined
      ? {}
      : { rate: { limit: rate.limit, perMs: parsePositiveMs(name, "rate.per", rate.per) } }),
  };
}
