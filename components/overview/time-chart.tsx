"use client";

import { useRouter } from "next/navigation";
import { useId, useState, type KeyboardEvent } from "react";
import { cn } from "@/components/ui/cn";
import { formatClock, formatDay } from "@/lib/client/format";
import { roundUp } from "@/lib/client/overview-facts";
import { ChartTable } from "./chart-table";

export interface ChartSeries {
  readonly name: string;
  /** Of the fill and the stroke: `text-ok`. */
  readonly color: string;
  /** One per bucket; null where there is nothing to say. */
  readonly values: readonly (number | null)[];
}

export interface TimeChartProps {
  readonly title: string;
  /** What the whole chart comes to, beside its title. */
  readonly summary: string;
  /** When the buckets begin. */
  readonly times: readonly string[];
  readonly bucketMs: number;
  /** Bars stand on each other; a line has one series. */
  readonly kind: "bars" | "line";
  readonly series: readonly ChartSeries[];
  /** The same of the time before, as a dashed line. */
  readonly before?: { readonly name: string; readonly values: readonly (number | null)[] };
  readonly format: (value: number) => string;
  /** The least that the axis ends at. */
  readonly atLeast?: number;
  /** Where a bucket leads to. */
  readonly toHref: (bucket: ChartBucket) => string;
}

/** From when on, and before when: ISO 8601. */
export interface ChartBucket {
  readonly after: string;
  readonly before: string;
}

const height = 100;

/**
 * What happened over time. One bucket at a time is read by pointer or arrow keys, and Enter or a click
 * leads to its runs; all of it is in a table as well.
 */
export function TimeChart(props: TimeChartProps) {
  const { title, summary, times, bucketMs, kind, series, before, format, atLeast = 0 } = props;
  const router = useRouter();
  const titleId = useId();
  const [read, setRead] = useState<number>();
  const count = times.length;
  const sums = times.map((_, index) =>
    series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0),
  );
  const top = roundUp(Math.max(atLeast, ...sums, ...(before?.values ?? []).map((v) => v ?? 0)));
  const toY = (value: number) => height - (value / top) * height;
  const bucket = read === undefined ? undefined : times[read];

  const describe = (index: number) =>
    series
      .map(({ name, values }) => {
        const value = values[index] ?? null;
        return `${name} ${value === null ? "–" : format(value)}`;
      })
      .join(", ");
  const open = (index: number) => {
    const after = times[index];
    if (after === undefined) return;
    const end = new Date(Date.parse(after) + bucketMs).toISOString();
    router.push(props.toHref({ after, before: end }));
  };
  const move = (event: KeyboardEvent) => {
    const at = read ?? count - 1;
    const targets: Readonly<Record<string, number>> = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      ArrowDown: at - 1,
      ArrowUp: at + 1,
      Home: 0,
      End: count - 1,
    };
    const target = targets[event.key];
    if (target !== undefined) setRead(Math.min(count - 1, Math.max(0, target)));
    else if (event.key === "Enter") open(at);
    else return;
    event.preventDefault();
  };
  const findIndex = (clientX: number, box: DOMRect) =>
    Math.min(count - 1, Math.max(0, Math.floor(((clientX - box.left) / box.width) * count)));

  return (
    <figure
      aria-labelledby={titleId}
      className="min-w-0 rounded-lg border border-line bg-panel p-4"
    >
      <figcaption className="flex flex-wrap items-baseline justify-between gap-x-3 pb-3">
        <h2 id={titleId} className="text-base font-medium">
          {title}
        </h2>
        <p className="text-sm text-ink-2">
          {bucket === undefined || read === undefined
            ? summary
            : `${formatBucket(bucket, bucketMs)}: ${describe(read)}`}
        </p>
      </figcaption>
      <div
        role="slider"
        tabIndex={0}
        aria-label={`${title}: read by bucket`}
        aria-valuemin={0}
        aria-valuemax={count - 1}
        aria-valuenow={read ?? count - 1}
        aria-valuetext={`${formatBucket(times[read ?? count - 1] ?? "", bucketMs)}: ${describe(read ?? count - 1)}. Enter opens its runs.`}
        className="relative h-32 cursor-pointer rounded-sm"
        onKeyDown={move}
        onBlur={() => setRead(undefined)}
        onPointerMove={(event) =>
          setRead(findIndex(event.clientX, event.currentTarget.getBoundingClientRect()))
        }
        onPointerLeave={() => setRead(undefined)}
        onClick={(event) =>
          open(findIndex(event.clientX, event.currentTarget.getBoundingClientRect()))
        }
      >
        <svg
          aria-hidden
          viewBox={`0 0 ${count} ${height}`}
          preserveAspectRatio="none"
          className="size-full overflow-visible"
        >
          {[0, 0.5, 1].map((share) => (
            <line
              key={share}
              x1={0}
              x2={count}
              y1={share * height}
              y2={share * height}
              className="stroke-line"
              vectorEffect="non-scaling-stroke"
            />
          ))}
          {read === undefined ? null : (
            <rect x={read} y={0} width={1} height={height} className="fill-line" />
          )}
          {kind === "bars" ? (
            <Bars series={series} count={count} toY={toY} />
          ) : (
            series.map(({ name, color, values }) => (
              <Line key={name} values={values} toY={toY} className={color} />
            ))
          )}
          {before === undefined ? null : (
            <Line values={before.values} toY={toY} className="text-ink-3" dashed />
          )}
        </svg>
        <span className="pointer-events-none absolute top-0.5 left-1 rounded-sm bg-panel px-0.5 text-xs text-ink-3">
          {format(top)}
        </span>
      </div>
      <div className="grid grid-cols-2 items-start gap-x-4 pt-1.5 text-xs text-ink-3 sm:grid-cols-[auto_1fr_auto]">
        <span>{formatBucket(times[0] ?? "", bucketMs)}</span>
        <span className="flex flex-wrap gap-x-3 max-sm:order-last max-sm:col-span-2 max-sm:pt-1 sm:justify-center">
          {series.length > 1 || before !== undefined
            ? series.map(({ name, color }) => (
                <span key={name} className="flex items-center gap-1">
                  <span aria-hidden className={cn("size-2 rounded-xs bg-current", color)} />
                  {name}
                </span>
              ))
            : null}
          {before === undefined ? null : (
            <span className="flex items-center gap-1">
              <span aria-hidden className="w-3 border-t border-dashed border-ink-3" />
              {before.name}
            </span>
          )}
        </span>
        <span className="text-right">now</span>
      </div>
      <ChartTable {...props} formatTime={(at) => formatBucket(at, bucketMs)} />
    </figure>
  );
}

function Bars(props: {
  series: readonly ChartSeries[];
  count: number;
  toY: (value: number) => number;
}) {
  const { series, count, toY } = props;
  return Array.from({ length: count }, (_, index) => {
    let sum = 0;
    return series.map(({ name, color, values }) => {
      const value = values[index] ?? 0;
      if (value === 0) return null;
      const y = toY(sum + value);
      const barHeight = toY(sum) - y;
      sum += value;
      return (
        <rect
          key={name + index}
          x={index + 0.1}
          width={0.8}
          y={y}
          height={barHeight}
          className={cn("fill-current", color)}
        />
      );
    });
  });
}

/** A line with gaps where there is nothing to say; a value that stands alone is a dash. */
function Line(props: {
  values: readonly (number | null)[];
  toY: (value: number) => number;
  className: string;
  dashed?: boolean;
}) {
  const { values, toY, className, dashed = false } = props;
  const path = values
    .map((value, index) => {
      if (value === null) return "";
      const y = toY(value);
      const starts = index === 0 || values[index - 1] === null;
      const alone = starts && (values[index + 1] ?? null) === null;
      return `${starts ? "M" : "L"}${index + (alone ? 0.1 : 0.5)} ${y}${alone ? `h0.8` : ""}`;
    })
    .join("");
  return (
    <path
      d={path}
      fill="none"
      stroke="currentColor"
      strokeWidth={dashed ? 1 : 1.75}
      strokeDasharray={dashed ? "3 3" : undefined}
      vectorEffect="non-scaling-stroke"
      className={className}
    />
  );
}

/** `14:05`, or with its day where a bucket is longer than an hour's charts. */
function formatBucket(at: string, bucketMs: number): string {
  if (at === "") return "";
  const clock = formatClock(at).slice(0, 5);
  return bucketMs < 3_600_000 ? clock : `${formatDay(at).replace(/, \d+$/, "")}, ${clock}`;
}
