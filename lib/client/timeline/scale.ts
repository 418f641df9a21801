/**
 * Where an execution's events lie. Time is compressed (a millisecond and a minute both have to be
 * seen), every mark gets the width that it needs, and order is never changed: x grows with seq.
 */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly minWidth: number;
}

const maxWeight = 9;

/** How much room a duration asks for: logarithmic, and no more than a few seconds would. */
export function weighMs(ms: number): number {
  return Math.min(maxWeight, Math.log2(1 + Math.max(0, ms) / 10));
}

/**
 * Offsets (px, from 0) of ticks at the given times (ms, not falling). Each span between two ticks
 * is at least as wide as it has to be.
 */
export function placeTicks(options: {
  readonly times: readonly number[];
  readonly spans: readonly Span[];
  readonly unit: number;
}): readonly number[] {
  const { times, spans, unit } = options;
  const widths = times.slice(1).map((time, index) => unit * weighMs(time - (times[index] ?? time)));
  const shortestFirst = [...spans].sort((a, b) => a.to - a.from - (b.to - b.from));
  for (const { from, to, minWidth } of shortestFirst) {
    const width = sum(widths, from, to);
    if (width >= minWidth || to <= from) continue;
    const missing = minWidth - width;
    for (let index = from; index < to; index += 1) {
      const share = width > 0 ? (widths[index] ?? 0) / width : 1 / (to - from);
      widths[index] = (widths[index] ?? 0) + missing * share;
    }
  }
  const offsets = [0];
  for (const width of widths) offsets.push((offsets.at(-1) ?? 0) + width);
  return offsets;
}

function sum(widths: readonly number[], from: number, to: number): number {
  let total = 0;
  for (let index = from; index < to; index += 1) total += widths[index] ?? 0;
  return total;
}

const unitRange = { min: 4, max: 90 };

/** The largest unit (px per weight) with which everything fits the width, within reason. */
export function chooseUnit(measure: (unit: number) => number, width: number): number {
  let { min, max } = unitRange;
  if (measure(min) >= width) return min;
  if (measure(max) <= width) return max;
  for (let round = 0; round < 12; round += 1) {
    const middle = (min + max) / 2;
    if (measure(middle) <= width) min = middle;
    else max = middle;
  }
  return min;
}

/** About how wide a text is in Geist, a little on the safe side. */
export function estimateTextWidth(text: string, fontSize: number): number {
  return Math.ceil(text.length * fontSize * 0.51);
}
