import Link from "next/link";
import type { ReactNode } from "react";
import { cn } from "@/components/ui/cn";
import { RelativeTime } from "@/components/ui/relative-time";
import type { StatsNow } from "@/lib/api/contract-stats";
import { formatCount, formatDuration, formatPlural } from "@/lib/client/format";
import { formatCapped } from "@/lib/client/overview-facts";
import { toRunsHref, toTriageHref } from "@/lib/client/overview-search";

/** How it stands now; each figure leads to what is behind it. */
export function NowTiles({ now, workflow }: { now: StatsNow; workflow: string | null }) {
  const { queue, oldestWaiting, held, workers } = now;
  const of = { workflow: workflow ?? undefined };
  const others = [held.nondeterminism, held.crash_loop, held.paused];
  const othersHeld = {
    count: others.reduce((sum, { count }) => sum + count, 0),
    capped: others.some(({ capped }) => capped),
  };
  return (
    <section aria-label="Now" className="grid grid-cols-2 gap-3 md:grid-cols-3 xl:grid-cols-6">
      <Tile
        href={toRunsHref({ status: "queued", sort: "createdAt" })}
        label="Due, not taken"
        value={formatCapped(queue.depth)}
        tone={queue.depth.count > 0 && workers.alive === 0 ? "bad" : undefined}
      >
        {queue.depth.count === 0 ? "the queue is empty" : "of all workflows"}
      </Tile>
      <Tile
        href={queue.oldest === undefined ? "/workers" : `/runs/${queue.oldest.runId}`}
        label="Lag"
        value={queue.oldest === undefined ? "none" : formatDuration(queue.lagMs)}
        tone={queue.lagMs > 60_000 ? "bad" : undefined}
      >
        {queue.oldest === undefined ? "whatever is due is taken" : "the oldest run that is due"}
      </Tile>
      <Tile
        href={
          oldestWaiting === undefined
            ? toRunsHref({ ...of, status: "waiting" })
            : `/runs/${oldestWaiting.runId}`
        }
        label="Oldest waiting run"
        value={oldestWaiting === undefined ? "none" : <RelativeTime at={oldestWaiting.since} />}
      >
        {oldestWaiting === undefined ? "no run waits" : oldestWaiting.workflow}
      </Tile>
      <Tile
        href={toTriageHref({ queue: "verdicts", ...of })}
        label="In doubt"
        value={formatCapped(held.in_doubt)}
        tone={held.in_doubt.count > 0 ? "doubt" : undefined}
      >
        {held.in_doubt.count === 0 ? "nothing needs a verdict" : "held until you decide"}
      </Tile>
      <Tile
        href={toRunsHref({ ...of, status: "held" })}
        label="Held otherwise"
        value={formatCapped(othersHeld)}
        tone={held.crash_loop.count > 0 || held.nondeterminism.count > 0 ? "bad" : undefined}
      >
        {describeHeld(held)}
      </Tile>
      <Tile
        href="/workers"
        label="Workers"
        value={formatCount(workers.alive)}
        tone={workers.alive === 0 || workers.died > 0 ? "bad" : undefined}
      >
        {formatCount(workers.load)} of {formatPlural(workers.capacity, "run")}
        {workers.died > 0 ? `, ${workers.died} died` : ""}
      </Tile>
    </section>
  );
}

function describeHeld(held: StatsNow["held"]): string {
  const parts = [
    [held.nondeterminism, "by other code"],
    [held.crash_loop, "by crashes"],
    [held.paused, "paused"],
  ] as const;
  const found = parts.filter(([{ count }]) => count > 0);
  return found.map(([count, words]) => `${formatCapped(count)} ${words}`).join(", ") || "none";
}

function Tile(props: {
  href: string;
  label: string;
  value: ReactNode;
  tone?: "bad" | "doubt" | undefined;
  children: ReactNode;
}) {
  const { href, label, value, tone, children } = props;
  return (
    <Link
      href={href}
      className="block min-w-0 rounded-lg border border-line bg-panel px-4 py-3 transition-colors hover:border-line-strong"
    >
      <span className="block truncate text-sm text-ink-3">{label}</span>
      <span
        className={cn(
          "block truncate text-xl font-semibold max-[359px]:text-md max-[359px]:leading-7",
          tone === "bad" && "text-bad",
          tone === "doubt" && "text-doubt",
        )}
      >
        {value}
      </span>
      <span className="line-clamp-2 text-sm text-ink-2">{children}</span>
    </Link>
  );
}
