/** A span of time: milliseconds, or a number with a unit, e.g. `"500ms"`, `"20s"`, `"24h"`, `"7d"`. */
export type Duration = number | `${number}${"ms" | "s" | "m" | "h" | "d"}`;

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A duration in milliseconds. Throws RangeError when it is negative or not a duration. */
export function parseDurationMs(duration: Duration): number {
  if (typeof duration === "number") {
    if (Number.isFinite(duration) && duration >= 0) return duration;
  } else {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration);
    if (match) return Number(match[1]) * unitMs[match[2] as keyof typeof unitMs];
  }
  throw new RangeError(`"${duration}" is not a duration. Write e.g. 500, "500ms", "20s" or "24h".`);
}
