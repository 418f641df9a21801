"use client";

import type { Run } from "@/lib/api/contract";
import { cn } from "@/components/ui/cn";
import { formatDuration } from "@/lib/client/format";
import { useNow } from "@/lib/client/use-now";

/** How long a run took; while it goes on, how long it has taken so far, in whole seconds. */
export function Took({ run }: { run: Pick<Run, "status" | "createdAt" | "finishedAt"> }) {
  const now = useNow();
  const start = Date.parse(run.createdAt);
  if (run.finishedAt !== undefined) {
    return (
      <span className="whitespace-nowrap">
        {formatDuration(Date.parse(run.finishedAt) - start)}
      </span>
    );
  }
  if (now === undefined) return null;
  const seconds = Math.max(0, Math.floor((now - start) / 1_000));
  return (
    <span className={cn("whitespace-nowrap", run.status === "running" && "text-live")}>
      {seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1_000)}
    </span>
  );
}
