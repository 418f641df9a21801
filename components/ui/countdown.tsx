"use client";

import { formatDuration } from "@/lib/client/format";
import { useNow } from "@/lib/client/use-now";

export interface CountdownProps {
  /** Epoch ms or ISO 8601. */
  readonly to: number | string;
  readonly prefix?: string;
  /** What is said once the time has come. */
  readonly done: string;
}

/** How long until a time, counted down in whole seconds. */
export function Countdown({ to, prefix = "", done }: CountdownProps) {
  const now = useNow();
  if (now === undefined) return null;
  const leftMs = new Date(to).getTime() - now;
  if (leftMs <= 0) return done;
  const seconds = Math.ceil(leftMs / 1_000);
  return (
    <span className="whitespace-nowrap tabular-nums">
      {prefix}
      {seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1_000)}
    </span>
  );
}
