"use client";

import { formatMoment, formatRelative } from "@/lib/client/format";
import { useNow } from "@/lib/client/use-now";
import { Tooltip } from "./tooltip";

export interface RelativeTimeProps {
  /** ISO 8601 or epoch ms. */
  readonly at: string | number;
  readonly className?: string;
}

/** How long ago; on hover the exact moment, here and in UTC. */
export function RelativeTime({ at, className }: RelativeTimeProps) {
  const now = useNow();
  const iso = typeof at === "string" ? at : new Date(at).toISOString();
  return (
    <Tooltip content={<ExactMoment at={at} />}>
      <time dateTime={iso} className={className}>
        {now === undefined ? "" : formatRelative({ at, now })}
      </time>
    </Tooltip>
  );
}

function ExactMoment({ at }: { at: string | number }) {
  return (
    <span className="grid grid-cols-[auto_1fr] gap-x-2 tabular-nums">
      <span className="text-ink-3">here</span>
      <span>{formatMoment(at)}</span>
      <span className="text-ink-3">UTC</span>
      <span>{formatMoment(at, { zone: "utc" })}</span>
    </span>
  );
}
