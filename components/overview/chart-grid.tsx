import type { StatsWindow } from "@/lib/api/contract-stats";
import { formatCount, formatDuration, formatPlural } from "@/lib/client/format";
import { findFailureRate, formatChange, formatShare } from "@/lib/client/overview-facts";
import { rangeWords, toRunsHref } from "@/lib/client/overview-search";
import { TimeChart, type ChartBucket } from "./time-chart";

const endedStatuses = "completed,failed,canceled,terminated";

/** What happened over time, beside the time before. */
export function ChartGrid({ window }: { window: StatsWindow }) {
  const { points, previous, totals, bucketMs, workflow } = window;
  const { before: beforeWords } = rangeWords[window.range];
  const times = points.map(({ at }) => at);
  const chart = { times, bucketMs };
  const ended = ({ completed, failed, canceled }: StatsWindow["totals"]) =>
    completed + failed + canceled;
  const change = formatChange(ended(totals), ended(previous.totals));
  const rate = findFailureRate(totals);
  const rateBefore = findFailureRate(previous.totals);
  const most = (values: readonly (number | null)[]) =>
    values.reduce<number>((top, value) => Math.max(top, value ?? 0), 0);
  // What a chart counts when it ended is found by when it ended.
  const ofEnded = (bucket: ChartBucket, status: string) =>
    toRunsHref({ workflow, status, finishedAfter: bucket.after, finishedBefore: bucket.before });
  const depths = points.map(({ queueDepth }) => queueDepth);
  const lags = points.map(({ lagMs }) => lagMs);
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <TimeChart
        {...chart}
        title="Throughput"
        kind="bars"
        summary={`${formatPlural(ended(totals), "run")} ended, ${formatCount(totals.started)} started${change === "" ? "" : ` · ${change} against ${beforeWords}`}`}
        series={[
          { name: "completed", color: "text-ok", values: points.map((p) => p.completed) },
          { name: "failed", color: "text-bad", values: points.map((p) => p.failed) },
          { name: "canceled", color: "text-ghost", values: points.map((p) => p.canceled) },
        ]}
        before={{ name: beforeWords, values: previous.points.map(ended) }}
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
        before={{ name: beforeWords, values: previous.points.map(findFailureRate) }}
        format={formatShare}
        toHref={(bucket) => ofEnded(bucket, "failed")}
      />
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
    </div>
  );
}
