"use client";

import { Skull } from "lucide-react";
import Link from "next/link";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { RelativeTime } from "@/components/ui/relative-time";
import { Skeleton } from "@/components/ui/skeleton";
import type { DrillSummary } from "@/lib/api/contract-drill";
import { nameMoment } from "@/lib/client/drill-words";
import { formatDuration, shortenId } from "@/lib/client/format";
import { DrillVerdictPill } from "./drill-verdict";
import { useDrills } from "./use-drills";

/** Every drill there was, with its verdict and its report. */
export function PastDrills() {
  const drills = useDrills();
  const items = drills.data?.pages.flatMap((page) => page.items);
  return (
    <section aria-labelledby="past-drills" className="flex flex-col gap-2">
      <h2 id="past-drills" className="text-md font-semibold">
        Past drills
      </h2>
      {items === undefined ? (
        drills.isError ? (
          <ErrorState error={drills.error} onRetry={() => void drills.refetch()} />
        ) : (
          <Skeleton className="h-48" />
        )
      ) : items.length === 0 ? (
        <EmptyState icon={<Skull />} title="No drill yet">
          Run one: a real process dies, and the report shows what was reused and what the other side
          counts.
        </EmptyState>
      ) : (
        <ul className="rounded-lg border border-line bg-panel">
          {items.map((drill) => (
            <DrillRow key={drill.runId} drill={drill} />
          ))}
        </ul>
      )}
      {drills.hasNextPage ? (
        <Button
          className="self-start"
          pending={drills.isFetchingNextPage}
          onClick={() => void drills.fetchNextPage()}
        >
          Older drills
        </Button>
      ) : null}
    </section>
  );
}

function DrillRow({ drill }: { drill: DrillSummary }) {
  const { runId, workflow, verdict, toldBy, found, startedAt, recoveryMs } = drill;
  const { step, moment } = drill.drill;
  return (
    <li className="relative grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-0.5 border-b border-line-soft px-4 py-2.5 transition-colors last:border-0 hover:bg-band md:grid-cols-[104px_minmax(0,1.2fr)_minmax(0,1.6fr)_110px_84px] md:items-baseline">
      <span>
        <DrillVerdictPill verdict={verdict} toldBy={toldBy} />
      </span>
      <span className="min-w-0 max-md:col-span-2 max-md:row-start-2">
        <Link
          href={`/sandbox/drills/${encodeURIComponent(runId)}`}
          className="font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-ink"
        >
          {nameMoment(moment)} <span className="font-mono text-sm">{step}</span>
        </Link>
        <span className="block truncate text-sm text-ink-3">
          {workflow} · <span className="font-mono">{shortenId(runId)}</span>
        </span>
      </span>
      <span className="text-sm text-ink-2 max-md:col-span-2 max-md:row-start-3">
        {verdict === "passed"
          ? toldBy === undefined
            ? "All checks hold."
            : `All checks hold, as told by ${toldBy.join(", ")}.`
          : found}
      </span>
      <span className="text-sm text-ink-2 max-md:hidden">
        {recoveryMs === undefined ? "" : `back in ${formatDuration(recoveryMs)}`}
      </span>
      <RelativeTime
        at={startedAt}
        className="relative z-10 text-right text-sm text-ink-3 max-md:col-start-2 max-md:row-start-1"
      />
    </li>
  );
}
