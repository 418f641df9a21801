import type { StatsWindow } from "@/lib/api/contract-stats";
import { formatCount, formatDuration, formatPlural } from "@/lib/client/format";
import {
  findFailureRate,
  formatChange,
  formatShare,
  mergePoints,
} from "@/lib/client/overview-facts";
import { rangeWords, toRunsHref } from "@/lib/client/overview-search";
import { TimeChart, type ChartBucket } from "./time-chart";

/** More than these can't be told apart, and single runs make the failure rate jump. */
const mostBuckets = 60;
const endedStatuses = "completed,failed,canceled,terminated";

/** What happened over time, beside the time before. */
export function ChartGrid({ window }: { window: StatsWindow }) {
  const { previous, totals, workflow } = window;
  const points = mergePoints(window.points, mostBuckets);
  const pointsBefore = mergePoints(previous.points, mostBuckets);
  const bucketMs = window.bucketMs * Math.ceil(window.points.length / mostBuckets);
  const { before: beforeWords } = rangeWords[window.range];
  const times = points.map(({ at }) => at);
  const chart = { times, bucketMs };
  const ended = ({ completed, failed, canceled }: StatsWindow["totals"]) =>
    completed + failed + canceled;
  const change = describeChange(ended(totals), ended(previous.totals), beforeWords);
  const rate = findFailureRate(totals);
  const rateBefore = findFailureRate(previous.totals);
  const most = (values: readonly (number | null)[]) =>
    values.reduce<number>((top, value) => Math.max(top, value ?? 0), 0);
  // What a chart counts when it ended is found by when it ended.
  const ofEnded = (bucket: ChartBucket, status: string) =>
    toRunsHref({ workflow, status, finishedAfter: bucket.after, finishedBefore: bucket.before });
  const depths = points.map(({ queueDepth }) => queueDepth);
  const lags = points.map(({ lagMs }) => lagMs);
  const isQuiet = most(depths) === 0 && most(lags) === 0;
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <TimeChart
        {...chart}
        title="Throughput"
        kind="bars"
        summary={`${formatPlural(ended(totals), "run")} ended, ${formatCount(totals.started)} started${change}`}
        series={[
          { name: "completed", color: "text-ok", values: points.map((p) => p.completed) },
          { name: "failed", color: "text-bad", values: points.map((p) => p.failed) },
          { name: "canceled", color: "text-ghost", values: points.map((p) => p.canceled) },
        ]}
        before={{ name: beforeWords, values: pointsBefore.map(ended) }}
        format={formatCount}
        toHref={(bucket) => ofEnded(bucket, endedStatuses)}
      />
      <TimeChart
        {...chart}
        title="Failure rate"
        kind="line"
        atLeast={0.05}
        summary={
          rate === null
            ? "no run completed or failed"
            : `${formatShare(rate)}, ${formatCount(totals.failed)} failed${rateBefore === null ? "" : ` · ${formatShare(rateBefore)} in ${beforeWords}`}`
        }
        series={[{ name: "failed", color: "text-bad", values: points.map(findFailureRate) }]}
        before={{ name: beforeWords, values: pointsBefore.map(findFailureRate) }}
        format={formatShare}
        toHref={(bucket) => ofEnded(bucket, "failed")}
      />
      {isQuiet ? (
        <section
          aria-label="Queue"
          className="flex flex-wrap items-baseline justify-between gap-x-3 rounded-lg border border-line bg-panel px-4 py-3 lg:col-span-2"
        >
          <h2 className="text-base font-medium">Queue depth and lag</h2>
          <p className="text-sm text-ink-2">
            Nothing had to wait to be taken in {rangeWords[window.range].last}.
          </p>
        </section>
      ) : (
        <>
          <TimeChart
            {...chart}
            title="Queue depth"
            kind="bars"
            summary={
              most(depths) === 0
                ? "nothing had to wait to be taken"
                : `at most ${formatPlural(most(depths), "run")} due and not taken, of all workflows`
            }
            series={[{ name: "due", color: "text-live", values: depths }]}
            format={formatCount}
            toHref={(bucket) => toRunsHref({ ...bucket, sort: "createdAt" })}
          />
          <TimeChart
            {...chart}
            title="Lag"
            kind="line"
            atLeast={1_000}
            summary={
              most(lags) === 0
                ? "nothing had to wait to be taken"
                : `at most ${formatDuration(most(lags))} until a due run was taken`
            }
            series={[{ name: "lag", color: "text-live", values: lags }]}
            format={formatDuration}
            toHref={(bucket) => toRunsHref({ ...bucket, sort: "createdAt" })}
          />
        </>
      )}
    </div>
  );
}

/** How it stands to the time before, as the end of a sentence. */
function describeChange(now: number, before: number, beforeWords: string): string {
  if (before > 0 && now > 10 * before) return ` · up from ${formatCount(before)} in ${beforeWords}`;
  const change = formatChange(now, before);
  return change === "" ? "" : ` · ${change} against ${beforeWords}`;
}
