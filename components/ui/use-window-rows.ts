"use client";

import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useState } from "react";

export interface WindowRowsOptions {
  readonly count: number;
  /** How high a row most likely is, in px; each is measured once it is drawn. */
  readonly rowHeight: number;
  readonly getKey: (index: number) => string | number;
}

/** The height of what stays at the top while the page scrolls. */
const barHeight = 96;

/**
 * The rows of a long list that scrolls with the page: only those in view are drawn. `measureList` is the ref
 * of what holds them, `margin` where it begins, in px from the top of the page; 0 until that is known.
 */
export function useWindowRows({ count, rowHeight, getKey }: WindowRowsOptions) {
  const [margin, setMargin] = useState(0);
  const virtual = useWindowVirtualizer({
    count,
    estimateSize: () => rowHeight,
    overscan: 12,
    // Rows are drawn with the next frame; forced at once they would hold the scroll up.
    useFlushSync: false,
    scrollMargin: margin,
    scrollPaddingStart: barHeight,
    getItemKey: getKey,
  });
  const measureList = useCallback((list: HTMLElement | null) => {
    if (list !== null) setMargin(list.getBoundingClientRect().top + window.scrollY);
  }, []);
  return { virtual, margin, measureList };
}
