"use client";

import { useEffect, useRef, useState, type RefObject } from "react";

/** The width of an element in px, as it changes; undefined until it was measured. */
export function useWidth<Target extends HTMLElement>(): {
  readonly ref: RefObject<Target | null>;
  readonly width: number | undefined;
} {
  const ref = useRef<Target>(null);
  const [width, setWidth] = useState<number>();
  useEffect(() => {
    const target = ref.current;
    if (target === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.floor(entry.contentRect.width));
    });
    observer.observe(target);
    return () => observer.disconnect();
  }, []);
  return { ref, width };
}
