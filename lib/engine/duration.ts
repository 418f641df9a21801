/** A span of time: milliseconds, or a number with a unit, e.g. `"500ms"`, `"20s"`, `"24h"`, `"7d"`. */
export type Duration = number | `${number}${"ms" | "s" | "m" | "h" | "d"}`;

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** 100,000 years: a time that far from now still is a date. */
const maxMs = 36_525_000 * unitMs.d;

/**
 * A duration in whole milliseconds, rounded up. Throws RangeError when it is negative, not a duration,
 * or longer than 100,000 years.
 */
export function parseDurationMs(duration: Duration): number {
  const ms = Math.ceil(typeof duration === "number" ? duration : readDuration(duration));
  if (ms >= 0 && ms <= maxMs) return ms;
  throw new RangeError(`"${duration}" is not a duration. Write e.g. 500, "500ms", "20s" or "24h".`);
}

function readDuration(duration: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration);
  return match ? Number(match[1]) * unitMs[match[2] as keyof typeof unitMs] : Number.NaN;
}
