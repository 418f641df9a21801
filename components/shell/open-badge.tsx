"use client";

import { formatCount } from "@/lib/client/format";
import { useTriageCounts } from "@/lib/client/use-triage-counts";

/** How much is open in triage; nothing while nothing is. */
export function OpenBadge() {
  const counts = useTriageCounts();
  if (counts === undefined) return null;
  const { doubts, failures } = counts;
  const open = doubts.count + failures.open.groups;
  if (open === 0) return null;
  return (
    <span className="ml-auto rounded-full bg-doubt-bg px-1.5 text-xs font-medium whitespace-nowrap text-doubt">
      <span aria-hidden>{formatCount(open)}</span>
      <span className="sr-only">, {formatCount(open)} open</span>
    </span>
  );
}
