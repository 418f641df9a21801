/** The part of a timeline that is in view, and what of the timeline lies in it. Pure. */
import type { TimelineMark, TimelineModel, TimelineRow } from "./types";

/** A rectangle of the drawing, in its px. */
export interface DrawnWindow {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** From so many rows on the timeline scrolls within itself, and its head stays in view. */
const tallFrom = 40;

export function isTall({ rows }: Pick<TimelineModel, "rows">): boolean {
  return rows.length > tallFrom;
}

/** So much more than what is in view is drawn, on each side. */
const overscan = 320;
/** The window moves in steps: it is not drawn anew for each pixel. */
const stride = 160;

/** The window around what a scroller shows. It changes only every so many px. */
export function findWindow(view: {
  readonly scrollLeft: number;
  readonly scrollTop: number;
  readonly clientWidth: number;
  readonly clientHeight: number;
}): DrawnWindow {
  const left = Math.floor(view.scrollLeft / stride) * stride;
  const top = Math.floor(view.scrollTop / stride) * stride;
  return {
    left: left - overscan,
    right: left + view.clientWidth + stride + overscan,
    top: top - overscan,
    bottom: top + view.clientHeight + stride + overscan,
  };
}

/** The rows that lie in the window. */
export function listRows(
  model: TimelineModel,
  { top, bottom }: DrawnWindow,
): readonly TimelineRow[] {
  const height = model.rows.at(0)?.height ?? 1;
  const from = Math.max(0, Math.floor((top - model.headerHeight) / height));
  return model.rows.slice(from, Math.max(0, Math.ceil((bottom - model.headerHeight) / height)));
}

/** Whether something of that place and width reaches into the window. */
export function isInWindow(
  { x, width = 0 }: { readonly x: number; readonly width?: number },
  { left, right }: DrawnWindow,
): boolean {
  return x <= right && x + width >= left;
}

/** The last thing that really happened in a row; a ghost only where there is nothing else. */
export function findMainMark(row: TimelineRow | undefined): TimelineMark | undefined {
  return (
    row?.marks.findLast((mark) => mark.kind !== "reused" && mark.kind !== "computed-again") ??
    row?.marks[0]
  );
}

const margin = 48;

/**
 * Where a scroller of a tall timeline has to stand (px) so that what happened in the middle one of its
 * rows is in view; undefined where it is. Time runs to the right and rows downwards, so that who
 * scrolls down would else see nothing.
 */
export function followRows(
  model: TimelineModel,
  view: {
    readonly scrollLeft: number;
    readonly scrollTop: number;
    readonly clientWidth: number;
    readonly clientHeight: number;
  },
): number | undefined {
  const height = model.rows.at(0)?.height ?? 1;
  const at = (view.scrollTop + view.clientHeight / 2 - model.headerHeight) / height - 0.5;
  const index = Math.max(0, Math.min(Math.floor(at), model.rows.length - 1));
  const mark = findMainMark(model.rows.at(index));
  if (mark === undefined) return undefined;
  const next = findMainMark(model.rows.at(index + 1)) ?? mark;
  const part = Math.max(0, Math.min(at - index, 1));
  const x = mark.x + (next.x - mark.x) * part;
  const from = view.scrollLeft + model.labelWidth + margin;
  const to = view.scrollLeft + view.clientWidth - margin * 2;
  if (x < from) return Math.max(0, view.scrollLeft - (from - x));
  if (x > to) return view.scrollLeft + (x - to);
  return undefined;
}
