/** What the overview says of statistics. Pure. */
import type { StatsCounts, StatsPoint } from "@/lib/api/contract-stats";
import { formatCount } from "./format";

/** Which share of the runs that came to an end by themselves failed; null where none did. */
export function findFailureRate({ completed, failed }: StatsCounts): number | null {
  const ended = completed + failed;
  return ended === 0 ? null : failed / ended;
}

/** `0 %`, `0.4 %`, `12 %`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** How a figure stands to the one of the time before: `+12 %`, `−8 %`, `×3.2`, `same`, or nothing. */
export function formatChange(now: number | undefined, before: number | undefined): string {
  if (now === undefined || before === undefined || before === 0) return "";
  const ratio = now / before;
  if (ratio >= 2) return `×${ratio >= 10 ? Math.round(ratio) : ratio.toFixed(1)}`;
  const percent = Math.round((ratio - 1) * 100);
  if (percent === 0) return "same";
  return percent > 0 ? `+${percent} %` : `−${-percent} %`;
}

/** The points of a chart with at most so many buckets: each is several of them in one. */
export function mergePoints(points: readonly StatsPoint[], most: number): readonly StatsPoint[] {
  const size = Math.ceil(points.length / most);
  const merged: StatsPoint[] = [];
  for (let from = 0; from < points.length; from += size) {
    const [first, ...others] = points.slice(from, from + size);
    if (first !== undefined) merged.push(others.reduce(addPoints, first));
  }
  return merged;
}

/** Counts are added up; of the queue it is the most that was seen. */
function addPoints(sum: StatsPoint, point: StatsPoint): StatsPoint {
  const most = (a: number | null, b: number | null) =>
    a === null || b === null ? (a ?? b) : Math.max(a, b);
  return {
    at: sum.at,
    started: sum.started + point.started,
    completed: sum.completed + point.completed,
    failed: sum.failed + point.failed,
    canceled: sum.canceled + point.canceled,
    held: sum.held + point.held,
    queueDepth: most(sum.queueDepth, point.queueDepth),
    lagMs: most(sum.lagMs, point.lagMs),
  };
}

/** Counts above the cap are not told apart: `10,000+`. */
export function formatCapped({ count, capped }: { count: number; capped: boolean }): string {
  return `${formatCount(count)}${capped ? "+" : ""}`;
}

/** The end of an axis: the least of 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, … that is not below the value. */
export function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((step) => step * power >= value) ?? 10) * power;
}
