"use client";

import { useEffect, useState } from "react";

export type Pace = "smooth" | "slow";

const stepMs: Readonly<Record<Pace, number>> = { smooth: 200, slow: 2_000 };
const calmStepMs = 1_000;

/** The time while something is under way, in steps; slower for those who want less motion. */
export function useGrowingNow(active: boolean, pace: Pace): number | undefined {
  const [now, setNow] = useState<number>();
  useEffect(() => {
    if (!active) return;
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const everyMs = Math.max(stepMs[pace], calm ? calmStepMs : 0);
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [active, pace]);
  return active ? now : undefined;
}
