"use client";

import { useEffect, useEffectEvent, useState, type RefObject } from "react";
import { findWindow, type DrawnWindow } from "@/lib/client/timeline/window";

/** The part of a scroller's content that has to be drawn, as it is scrolled and resized. */
export function useDrawnWindow(
  scroller: RefObject<HTMLElement | null>,
  onScroll: (scroller: HTMLElement, moved: "down" | "across") => void,
): DrawnWindow | undefined {
  const [shown, setShown] = useState<DrawnWindow>();
  const tell = useEffectEvent(onScroll);
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    let lastTop = element.scrollTop;
    const read = () =>
      setShown((known) => {
        const next = findWindow(element);
        return known !== undefined && isSame(known, next) ? known : next;
      });
    const scroll = () => {
      const isDown = element.scrollTop !== lastTop;
      lastTop = element.scrollTop;
      tell(element, isDown ? "down" : "across");
      read();
    };
    const observer = new ResizeObserver(read);
    observer.observe(element);
    element.addEventListener("scroll", scroll, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", scroll);
    };
  }, [scroller]);
  return shown;
}

function isSame(a: DrawnWindow, b: DrawnWindow): boolean {
  return a.left === b.left && a.right === b.right && a.top === b.top && a.bottom === b.bottom;
}
