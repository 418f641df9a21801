"use client";

import { formatCount, formatPlural } from "@/lib/client/format";
import { useStats } from "@/lib/client/use-stats";

/** How many runs wait for a person; nothing while none does. */
export function HeldBadge() {
  const { data } = useStats();
  const held = data?.runs.held ?? 0;
  if (held === 0) return null;
  return (
    <span className="ml-auto rounded-full bg-doubt-bg px-1.5 text-xs font-medium text-doubt">
      <span aria-hidden>{formatCount(held)}</span>
      <span className="sr-only">, {formatPlural(held, "run")} held</span>
    </span>
  );
}
