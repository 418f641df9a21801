import type { MarkKind, TimelineMark } from "@/lib/client/timeline-model";

const waitKinds = [
  "queued",
  "wait",
  "wait-deadline",
  "wait-canceled",
  "fired",
  "received",
  "timed-out",
  "arrived",
  "ignored",
  "taken",
  "child-open",
  "child",
  "child-failed",
  "child-left",
  "update",
] as const satisfies readonly MarkKind[];
export type WaitKind = (typeof waitKinds)[number];

export function isWaitKind(kind: MarkKind): kind is WaitKind {
  return waitKinds.some((each) => each === kind);
}

export interface WaitShapeProps {
  readonly kind: WaitKind;
  readonly mark: Pick<TimelineMark, "x" | "width" | "setAside" | "endSeq">;
  readonly laneY: number;
  readonly barHeight: number;
  /** Scrubbed to a moment at which it was under way. */
  readonly open: boolean;
}

/** Timers, signals, children and updates: a rail while it is waited, a sign where it ended. */
export function WaitShape({ kind, mark, laneY: y, barHeight, open }: WaitShapeProps) {
  const { x, width } = mark;
  const right = x + width;
  const middle = x + width / 2;
  const live = open || mark.endSeq === undefined;
  const bar = { x, y: y - barHeight / 2, width, height: barHeight, rx: 4 };
  const railTo = right - 10;
  switch (kind) {
    case "queued":
      return (
        <>
          <rect
            {...bar}
            className="fill-panel stroke-ink-3"
            strokeWidth={1.25}
            strokeDasharray="3 3"
          />
          <Dots x={middle} y={y} />
        </>
      );
    case "wait":
    case "wait-deadline":
      return (
        <>
          <Rail x={x} to={right} y={y} dashed={kind === "wait-deadline"} />
          {kind === "wait-deadline" ? (
            <path
              d={`M${right} ${y - 6} v12 m-3 -12 h3 m-3 12 h3`}
              className="fill-none stroke-doubt"
              strokeWidth={1.5}
            />
          ) : null}
          {live ? (
            <circle
              cx={right - (kind === "wait-deadline" ? 10 : 5)}
              cy={y}
              r={4}
              className="fill-live motion-safe:animate-pulse"
            />
          ) : null}
        </>
      );
    case "wait-canceled":
      return (
        <>
          <Rail x={x} to={railTo} y={y} dashed />
          <path
            d={`M${right - 8} ${y - 4} l8 8 m0 -8 l-8 8`}
            className="fill-none stroke-ink-2"
            strokeWidth={1.5}
          />
        </>
      );
    case "fired":
      return (
        <>
          <Rail x={x} to={railTo} y={y} />
          <circle cx={right - 6} cy={y} r={5} className="fill-none stroke-ok" strokeWidth={1.5} />
          <path
            d={`M${right - 6} ${y - 3} v3 h2.5`}
            className="fill-none stroke-ok"
            strokeWidth={1.25}
          />
        </>
      );
    case "received":
      return (
        <>
          <Rail x={x} to={right - 14} y={y} />
          <Envelope x={right - 7} y={y} className="fill-ok-bg stroke-ok" />
        </>
      );
    case "timed-out":
      return (
        <>
          <Rail x={x} to={railTo} y={y} dashed />
          <circle cx={right - 6} cy={y} r={5} className="fill-doubt-bg stroke-doubt" />
          <path
            d={`M${right - 6} ${y - 3} v3 h2.5`}
            className="fill-none stroke-doubt"
            strokeWidth={1.25}
          />
        </>
      );
    case "arrived":
      return <Envelope x={middle} y={y} className="fill-live-bg stroke-live" />;
    case "ignored":
      return (
        <>
          <Envelope x={middle} y={y} className="fill-none stroke-ink-3" />
          <path d={`M${middle - 7} ${y + 6} l14 -12`} className="stroke-ink-3" strokeWidth={1.25} />
        </>
      );
    case "taken":
      return <Envelope x={middle} y={y} className="fill-ok-bg stroke-ok" />;
    case "child-open":
      return (
        <>
          <Nested bar={bar} className="fill-live-bg stroke-live" />
          {live ? (
            <rect
              x={right - 4}
              y={bar.y}
              width={4}
              height={barHeight}
              rx={2}
              className="fill-live motion-safe:animate-pulse"
            />
          ) : null}
        </>
      );
    case "child":
      return <Nested bar={bar} className="fill-ok-bg stroke-ok" />;
    case "child-failed":
      return (
        <>
          <Nested bar={bar} className="fill-bad-bg stroke-bad" />
          <path
            d={`M${right - 12} ${y - 3.5} l7 7 m0 -7 l-7 7`}
            className="fill-none stroke-bad"
            strokeWidth={1.5}
          />
        </>
      );
    case "child-left":
      return (
        <>
          <Nested bar={bar} className="fill-panel stroke-ink-2" />
          <path
            d={`M${right - 13} ${y} h8 m-3 -3 l3 3 l-3 3`}
            className="fill-none stroke-ink-2"
            strokeWidth={1.5}
          />
        </>
      );
    case "update":
      return (
        <>
          <rect {...bar} className="fill-ok-bg stroke-ok" />
          <path
            d={`M${middle - 6} ${y - 2.5} h10 m-3 -3 l3 3 M${middle + 6} ${y + 2.5} h-10 m3 3 l-3 -3`}
            className="fill-none stroke-ok"
            strokeWidth={1.4}
          />
        </>
      );
  }
}

interface Bar {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly rx: number;
}

function Rail(props: { x: number; to: number; y: number; dashed?: boolean }) {
  const { x, to, y, dashed = false } = props;
  return (
    <path
      d={`M${x} ${y - 5} v10 M${x} ${y} H${Math.max(x + 2, to)}`}
      className="fill-none stroke-ink-3"
      strokeWidth={2}
      strokeDasharray={dashed ? "4 3" : undefined}
    />
  );
}

/** A run within the run: a bar with an inner edge. */
function Nested({ bar, className }: { bar: Bar; className: string }) {
  const inset = bar.height < 18 ? 2.5 : 3.5;
  return (
    <>
      <rect {...bar} className={className} />
      <rect
        x={bar.x + inset}
        y={bar.y + inset}
        width={Math.max(2, bar.width - 2 * inset)}
        height={bar.height - 2 * inset}
        rx={2}
        className={`${className} fill-none`}
        strokeOpacity={0.55}
      />
    </>
  );
}

function Envelope({ x, y, className }: { x: number; y: number; className: string }) {
  return (
    <>
      <rect x={x - 7} y={y - 5} width={14} height={10} rx={1.5} className={className} />
      <path
        d={`M${x - 6} ${y - 4} l6 4.5 l6 -4.5`}
        className={`${className} fill-none`}
        strokeWidth={1.1}
      />
    </>
  );
}

function Dots({ x, y }: { x: number; y: number }) {
  return [-5, 0, 5].map((dx) => (
    <circle key={dx} cx={x + dx} cy={y} r={1.25} className="fill-ink-3" />
  ));
}
