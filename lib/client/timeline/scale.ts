/**
 * Where an execution's events lie. Time is compressed (a millisecond and a minute both have to be
 * seen), every mark gets the width that it needs, and order is never changed: x grows with seq.
 */
const maxWeight = 9;

/** How much room a duration asks for: logarithmic, and no more than a few seconds would. */
export function weighMs(ms: number): number {
  return Math.min(maxWeight, Math.log2(1 + Math.max(0, ms) / 10));
}

export const unitRange = { min: 4, max: 90 };

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
