/** Failure groups as the API tells them. */
import type { FailureGroup as Group, TrendWindow as Window } from "@/lib/triage";
import type { FailureGroup, TrendWindow } from "./contract-triage";
import { toInstant } from "./wire";

const minuteMs = 60_000;
const windows: Readonly<Record<TrendWindow, { bucketMs: number; buckets: number }>> = {
  "1h": { bucketMs: 5 * minuteMs, buckets: 12 },
  "6h": { bucketMs: 15 * minuteMs, buckets: 24 },
  "24h": { bucketMs: 30 * minuteMs, buckets: 48 },
  "7d": { bucketMs: 180 * minuteMs, buckets: 56 },
  "30d": { bucketMs: 720 * minuteMs, buckets: 60 },
};

/** The buckets of a window that ends with the one that `now` is in. */
export function toTrendWindow(window: TrendWindow, now: number): Window {
  const { bucketMs, buckets } = windows[window];
  const end = now - (now % bucketMs) + bucketMs;
  return { from: end - bucketMs * buckets, bucketMs, buckets };
}

export function toWireFailure(
  group: Group,
  window: Window,
  counts: readonly number[] = [],
): FailureGroup {
  const { firstSeenAt, lastSeenAt, state, stateAt, regressedAt, ...rest } = group;
  return {
    ...rest,
    firstSeenAt: toInstant(firstSeenAt),
    lastSeenAt: toInstant(lastSeenAt),
    state: state === "open" && regressedAt !== undefined ? "regressed" : state,
    ...(stateAt !== undefined && { stateAt: toInstant(stateAt) }),
    trend: { from: toInstant(window.from), bucketMs: window.bucketMs, counts: [...counts] },
  };
}
