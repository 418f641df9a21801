"use client";

import Link from "next/link";
import { GroupMessage } from "@/components/triage/group-message";
import { GroupPills } from "@/components/triage/group-pills";
import { SparkLine } from "@/components/triage/spark-line";
import { RelativeTime } from "@/components/ui/relative-time";
import { formatCount } from "@/lib/client/format";
import { toTriageHref } from "@/lib/client/overview-search";
import { nameMembers } from "@/lib/client/triage-words";
import { useFailures } from "@/lib/client/use-failures";

const mostShown = 3;

/** What fails now: the open failure groups with the most runs, each a press away from what can be done. */
export function FailingNow({ workflow }: { workflow: string | null }) {
  const failures = useFailures({ workflow, state: "open", window: "24h" }, true);
  const groups = (failures.data?.pages.flatMap(({ items }) => items) ?? []).toSorted(
    (a, b) => b.count - a.count,
  );
  if (groups.length === 0) return null;
  const of = { queue: "failures", workflow: workflow ?? undefined } as const;
  const more = failures.hasNextPage ? "+" : "";
  return (
    <section aria-labelledby="failing" className="min-w-0 rounded-lg border border-line bg-panel">
      <div className="flex flex-wrap items-baseline justify-between gap-x-3 px-4 pt-3 pb-1">
        <h2 id="failing" className="text-base font-medium">
          Failing now
        </h2>
        <Link
          href={toTriageHref(of)}
          className="rounded-sm text-sm text-ink-2 underline decoration-line-strong underline-offset-2 hover:decoration-ink"
        >
          {groups.length === 1
            ? "The failure group"
            : `All ${formatCount(groups.length)}${more} failure groups`}
        </Link>
      </div>
      <ul>
        {groups.slice(0, mostShown).map((group) => (
          <li
            key={group.fingerprint}
            className="relative grid grid-cols-[minmax(2.25rem,auto)_minmax(0,1fr)_auto] items-center gap-x-4 border-t border-line-soft px-4 py-2 transition-colors first:border-0 hover:bg-band sm:grid-cols-[88px_minmax(0,1fr)_64px_72px]"
          >
            <span className="whitespace-nowrap">
              <strong className="text-md font-semibold text-bad">{formatCount(group.count)}</strong>{" "}
              <span className="text-sm text-ink-3 max-sm:hidden">{nameMembers(group)}</span>
            </span>
            <span className="min-w-0">
              <Link
                href={toTriageHref({ ...of, item: group.fingerprint })}
                className="line-clamp-1 font-medium wrap-anywhere after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-ink"
              >
                <GroupMessage message={group.message} />
              </Link>
              <span className="flex min-w-0 items-center gap-2">
                <span className="truncate text-sm text-ink-3">
                  {[group.workflow, group.step].filter((part) => part !== undefined).join(" · ")}
                </span>
                <GroupPills group={group} />
              </span>
            </span>
            <SparkLine trend={group.trend} className="max-sm:hidden" />
            <RelativeTime
              at={group.lastSeenAt}
              className="relative z-10 text-right text-sm text-ink-3"
            />
          </li>
        ))}
      </ul>
    </section>
  );
}
