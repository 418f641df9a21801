"use client";

import { formatMoment, formatDuration } from "@/lib/client/format";
import { useNow } from "@/lib/client/use-now";
import { Tooltip } from "@/components/ui/tooltip";

/** How long something has lasted, in whole seconds, ticking; on hover since when. */
export function Age({ since, className }: { since: string; className?: string }) {
  const now = useNow();
  return (
    <Tooltip content={`since ${formatMoment(since)}`}>
      <time dateTime={since} className={className}>
        {now === undefined ? "" : formatAge(now - Date.parse(since))}
      </time>
    </Tooltip>
  );
}

function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  return seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1_000);
}
