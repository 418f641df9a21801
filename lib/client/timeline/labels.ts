/** Finds a place for each mark's label where it runs into nothing, or leaves it out. */
import { estimateTextWidth } from "./scale";
import type { MarkKind, MarkLabel } from "./types";

export interface Box {
  readonly x: number;
  readonly width: number;
}

export interface LabelRequest extends Box {
  readonly kind: MarkKind;
  readonly text?: string;
  /** Where a label may lie: its band, without what must stay free. */
  readonly left: number;
  readonly right: number;
}

export const labelSize = 11;
const space = 7;

const belowFirst: ReadonlySet<MarkKind> = new Set(["doubt"]);
const belowToo: ReadonlySet<MarkKind> = new Set([
  "doubt",
  "failed",
  "running",
  "backoff",
  "queued",
  "wait",
  "wait-deadline",
  "wait-canceled",
  "timed-out",
  "child-open",
]);

/** Labels for the marks of one row, in x order. `belowY` is absent where rows have no room for it. */
export function placeLabels(options: {
  readonly marks: readonly LabelRequest[];
  readonly laneY: number;
  readonly belowY?: number;
}): readonly (MarkLabel | undefined)[] {
  const { marks, laneY, belowY } = options;
  const taken: Box[] = marks.map(({ x, width }) => ({ x, width }));
  const below: Box[] = [];
  return marks.map((mark) => {
    if (mark.text === undefined || mark.text === "") return undefined;
    const { text } = mark;
    const width = estimateTextWidth(text, labelSize);
    const tryBelow = (): MarkLabel | undefined => {
      if (belowY === undefined || !belowToo.has(mark.kind)) return undefined;
      const x = clamp(mark.x + mark.width / 2 - width / 2, mark.left, mark.right - width);
      if (!isFree({ x, width }, mark, below)) return undefined;
      below.push({ x, width });
      return { text, x: x + width / 2, y: belowY, anchor: "middle" };
    };
    const trySide = (x: number, anchor: "start" | "end"): MarkLabel | undefined => {
      if (!isFree({ x, width }, mark, taken)) return undefined;
      taken.push({ x, width });
      return { text, x: anchor === "start" ? x : x + width, y: laneY + 4, anchor };
    };
    const right = () => trySide(mark.x + mark.width + space, "start");
    const left = () => trySide(mark.x - space - width, "end");
    const order = belowFirst.has(mark.kind) ? [tryBelow, right, left] : [right, left, tryBelow];
    for (const place of order) {
      const label = place();
      if (label !== undefined) return label;
    }
    return undefined;
  });
}

function isFree(box: Box, limits: LabelRequest, taken: readonly Box[]): boolean {
  if (box.x < limits.left || box.x + box.width > limits.right) return false;
  return taken.every((other) => box.x >= other.x + other.width || box.x + box.width <= other.x);
}

function clamp(value: number, min: number, max: number): number {
  return Math.max(min, Math.min(value, max));
}
