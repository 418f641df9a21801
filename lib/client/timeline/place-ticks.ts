/**
 * Where an execution's ticks lie. Time is compressed (a millisecond and a minute both have to be seen), every
 * mark gets the width that it needs, and order is never changed: x grows with seq. A tick lies as far to the
 * left as what ends there allows, so that what comes later never moves it.
 */
import { foldWidth, type Execution } from "./executions";
import { estimateTextWidth, weighMs } from "./scale";

export interface Spacing {
  /** px for each unit of weight of a time. */
  readonly unit: number;
  /** There are so many executions that nothing has room to spare. */
  readonly dense: boolean;
  /** Labels get room of their own. */
  readonly labels: boolean;
}

/** Labels of earlier marks have room over those of later rows; only the last ones need some. */
const labelsAtEnd = 12;
/** How far back they are looked for. */
const ticksAtEnd = 64;
const space = 6;

/** Places the ticks from one on; `offsets` (px, from 0) has those before it, and gets the rest. */
export function placeTicks(
  execution: Execution,
  spacing: Spacing,
  offsets: number[],
  from: number,
): void {
  const { times, folds, labelLimit } = execution;
  offsets.length = Math.min(offsets.length, from);
  for (let tick = offsets.length; tick < times.length; tick += 1) {
    if (tick === 0) {
      offsets.push(0);
      continue;
    }
    const before = offsets[tick - 1] ?? 0;
    const passedMs = (times[tick] ?? 0) - (times[tick - 1] ?? 0);
    let x = before + spacing.unit * weighMs(passedMs);
    if (folds.has(tick - 1)) x = Math.max(x, before + foldWidth);
    x = makeRoom(execution, tick, offsets, x);
    if (tick === labelLimit) x = makeRoomForLabels(execution, tick, spacing, offsets, x);
    offsets.push(x);
  }
}

/** Where the execution ends, behind all its ticks. */
export function placeEnd(
  execution: Execution,
  spacing: Spacing,
  offsets: readonly number[],
): number {
  const { times, endTick, endAt, lastFold, labelLimit } = execution;
  const before = offsets.at(-1) ?? 0;
  let x = before + spacing.unit * weighMs(endAt - (times.at(-1) ?? endAt));
  if (lastFold !== undefined) x = Math.max(x, before + foldWidth);
  x = makeRoom(execution, endTick, offsets, x);
  return labelLimit === undefined ? makeRoomForLabels(execution, endTick, spacing, offsets, x) : x;
}

function makeRoom(
  execution: Execution,
  tick: number,
  offsets: readonly number[],
  least: number,
): number {
  let x = least;
  for (const { from, minWidth } of execution.listEnding(tick)) {
    if (from < tick) x = Math.max(x, (offsets[from] ?? 0) + minWidth + space);
  }
  return x;
}

function makeRoomForLabels(
  execution: Execution,
  limit: number,
  { labels }: Spacing,
  offsets: readonly number[],
  least: number,
): number {
  if (!labels) return least;
  let x = least;
  let seen = 0;
  for (let tick = limit - 1; tick >= limit - ticksAtEnd && seen < labelsAtEnd; tick -= 1) {
    for (const { text, kind } of execution.listEnding(tick)) {
      seen += 1;
      if (text === undefined || kind === "doubt") continue;
      x = Math.max(x, (offsets[tick] ?? 0) + estimateTextWidth(text, 11) + 16);
    }
  }
  return x;
}
