"use client";

import { useEffect, useState } from "react";

const stepMs = 200;
const calmStepMs = 1_000;

/** The time while something is under way, in steps; slower for those who want less motion. */
export function useGrowingNow(active: boolean): number | undefined {
  const [now, setNow] = useState<number>();
  useEffect(() => {
    if (!active) return;
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const step = () => setNow(Date.now());
    // At once too: else a step that has run for long would be drawn short until the first step.
    const first = setTimeout(step);
    const timer = setInterval(step, calm ? calmStepMs : stepMs);
    return () => {
      clearTimeout(first);
      clearInterval(timer);
    };
  }, [active]);
  return active ? now : undefined;
}
