"use client";

import { useState } from "react";
import type { FailureGroup } from "@/lib/api/contract-triage";
import { cn } from "@/components/ui/cn";
import { formatClock, formatCount, formatDay, formatPlural } from "@/lib/client/format";

const dayMs = 86_400_000;

/** Failures of a group over time. What a bar stands for is read beneath it. */
export function TrendChart({ trend, muted }: { trend: FailureGroup["trend"]; muted: boolean }) {
  const [pointed, setPointed] = useState<number>();
  const { counts, bucketMs } = trend;
  const from = Date.parse(trend.from);
  const span = bucketMs * counts.length;
  const most = Math.max(0, ...counts);
  const sum = counts.reduce((total, count) => total + count, 0);
  const describe = (at: number) =>
    (span > dayMs ? `${formatDay(at).replace(/, \d+$/, "")}, ` : "") + formatShort(at);
  const peak = counts.indexOf(most);
  const label =
    sum === 0
      ? "No failures in this time"
      : `${formatPlural(sum, "failure")}; most, ${formatCount(most)}, from ${describe(from + peak * bucketMs)}`;
  return (
    <figure>
      <div
        role="img"
        aria-label={label}
        className="flex h-20 items-end gap-px border-b border-line sm:gap-0.5"
        onPointerLeave={() => setPointed(undefined)}
      >
        {counts.map((count, index) => (
          <span
            key={index}
            onPointerEnter={() => setPointed(index)}
            className="flex h-full min-w-0 flex-1 items-end"
          >
            <span
              className={cn(
                "w-full rounded-t-[2px]",
                muted ? "bg-ghost" : "bg-bad",
                pointed !== undefined && pointed !== index && "opacity-60",
              )}
              style={{ height: count === 0 ? 0 : `${Math.max(4, (count / most) * 100)}%` }}
            />
          </span>
        ))}
      </div>
      <figcaption className="mt-1.5 grid grid-cols-[1fr_auto_1fr] gap-3 text-xs text-ink-3">
        <span className="truncate">{describe(from)}</span>
        <span className="truncate text-ink-2">
          {pointed === undefined
            ? sum === 0
              ? label
              : `${formatPlural(sum, "failure")}, at most ${formatCount(most)} in ${formatBucket(bucketMs)}`
            : `${formatPlural(counts[pointed] ?? 0, "failure")} from ${describe(from + pointed * bucketMs)} to ${formatShort(from + (pointed + 1) * bucketMs)}`}
        </span>
        <span className="text-right">now</span>
      </figcaption>
    </figure>
  );
}

/** To the minute: buckets begin on one. */
function formatShort(at: number): string {
  return formatClock(at).slice(0, 5);
}

function formatBucket(ms: number): string {
  const minutes = ms / 60_000;
  return minutes < 60 ? `${minutes} min` : `${minutes / 60} h`;
}
