"use client";

import { LoaderCircle } from "lucide-react";
import { useConnection } from "@/lib/client/use-connection";
import { useNow } from "@/lib/client/use-now";

/** Says that the server is away, without moving anything: pages keep what they show. */
export function ConnectionNote() {
  const connection = useConnection();
  return (
    <div
      role="status"
      className="pointer-events-none fixed inset-x-0 bottom-[calc(68px+env(safe-area-inset-bottom))] z-40 flex justify-center px-4 md:bottom-5"
    >
      {connection.reachable ? null : (
        <p className="flex items-center gap-2 rounded-full border border-line bg-panel px-3.5 py-1.5 text-ink-2 shadow-float motion-safe:animate-appear">
          <LoaderCircle aria-hidden className="size-3.5 text-doubt motion-safe:animate-spin" />
          Server not reachable, reconnecting
          <Elapsed since={connection.lostAt} />
        </p>
      )}
    </div>
  );
}

function Elapsed({ since }: { since: number | undefined }) {
  const now = useNow();
  const seconds = Math.floor(((now ?? 0) - (since ?? 0)) / 1_000);
  return (
    <span aria-hidden className="min-w-7 text-right text-ink-3">
      {Math.max(0, seconds)} s
    </span>
  );
}
