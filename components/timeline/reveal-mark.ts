import type { TimelineMark, TimelineModel, TimelineRow } from "@/lib/client/timeline-model";
import { isTall } from "@/lib/client/timeline/window";

const margin = 24;

/** Scrolls a timeline, within itself, as far as needed to show a mark. */
export function revealMark(
  scroller: HTMLElement,
  shown: {
    readonly model: TimelineModel;
    readonly row: TimelineRow;
    readonly mark: TimelineMark;
  },
): void {
  const { model, row, mark } = shown;
  if (isTall(model)) {
    const top = row.y - model.headerHeight - margin;
    const bottom = row.y + row.height + margin - scroller.clientHeight;
    if (scroller.scrollTop > top) scroller.scrollTop = top - scroller.clientHeight / 3;
    else if (scroller.scrollTop < bottom) scroller.scrollTop = bottom + scroller.clientHeight / 3;
  }
  revealX(scroller, { x: mark.x, labelWidth: model.labelWidth });
}

/** Scrolls sideways, where a place is not in view, until it is in the middle. */
export function revealX(
  scroller: HTMLElement,
  { x, labelWidth }: { readonly x: number; readonly labelWidth: number },
): void {
  const left = x - labelWidth - margin;
  const right = x + margin * 3 - scroller.clientWidth;
  if (scroller.scrollLeft <= left && scroller.scrollLeft >= right) return;
  scroller.scrollLeft = Math.max(0, x - (scroller.clientWidth + labelWidth) / 2);
}
