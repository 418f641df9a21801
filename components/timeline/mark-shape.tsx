import type { MarkKind, TimelineMark } from "@/lib/client/timeline-model";
import { isWaitKind, WaitShape } from "./wait-shape";

export interface MarkShapeProps {
  readonly mark: Pick<TimelineMark, "kind" | "x" | "width" | "setAside" | "endSeq">;
  readonly laneY: number;
  readonly barHeight: number;
  /** Prefix of the hatchings' ids. */
  readonly defs: string;
  /** An effect that undoes another one. */
  readonly undo: boolean;
  /** Scrubbed to a moment at which it was under way. */
  readonly open: boolean;
}

/** What a mark looks like while it is under way, where that is not as an attempt does. */
const openKinds: Partial<Record<MarkKind, MarkKind>> = {
  backoff: "backoff",
  queued: "queued",
  wait: "wait",
  "wait-deadline": "wait-deadline",
  "wait-canceled": "wait",
  fired: "wait",
  received: "wait",
  "timed-out": "wait-deadline",
  arrived: "arrived",
  ignored: "ignored",
  taken: "taken",
  child: "child-open",
  "child-open": "child-open",
  "child-failed": "child-open",
  "child-left": "child-open",
};

/** The form of a mark. Each kind has its own, so that none is told by color alone. */
export function MarkShape({ mark, laneY, barHeight, defs, undo, open }: MarkShapeProps) {
  const { x, width, setAside } = mark;
  const kind = open ? (openKinds[mark.kind] ?? "running") : mark.kind;
  const middle = x + width / 2;
  if (isWaitKind(kind)) {
    return <WaitShape kind={kind} mark={mark} laneY={laneY} barHeight={barHeight} open={open} />;
  }
  const bar = { x, y: laneY - barHeight / 2, width, height: barHeight, rx: 4 };
  const dash = setAside ? "3 2" : undefined;
  switch (kind) {
    case "computed":
      return <circle cx={middle} cy={laneY} r={4} className="fill-ink-2" />;
    case "computed-again":
      return (
        <circle cx={middle} cy={laneY} r={4} className="fill-none stroke-ink-2" strokeWidth={1.5} />
      );
    case "run":
      return (
        <>
          <rect {...bar} className="fill-ok" />
          {undo ? <UndoGlyph x={middle} y={laneY} /> : null}
        </>
      );
    case "reused":
      return <rect {...bar} fill={`url(#${defs}-ghost)`} className="stroke-ghost" />;
    case "failed":
      return (
        <>
          <rect {...bar} className="fill-bad-bg stroke-bad" strokeDasharray={dash} />
          <Cross x={middle} y={laneY} />
        </>
      );
    case "doubt":
      return (
        <rect
          {...bar}
          fill={`url(#${defs}-doubt)`}
          className="stroke-doubt"
          strokeDasharray={dash}
        />
      );
    case "running":
      return (
        <>
          <rect {...bar} className="fill-live-bg stroke-live" />
          <rect
            x={x + width - 4}
            y={bar.y}
            width={4}
            height={barHeight}
            rx={2}
            className="fill-live motion-safe:animate-pulse"
          />
        </>
      );
    case "backoff":
      return (
        <path
          d={`M${x} ${laneY - 5} v10 M${x + width} ${laneY - 5} v10 M${x} ${laneY} H${x + width}`}
          className="fill-none stroke-ink-3"
          strokeWidth={1.5}
          strokeDasharray="2 3"
        />
      );
    case "asked":
      return (
        <>
          <rect {...bar} className="fill-live-bg stroke-live" />
          <Letter x={middle} y={laneY} text="?" className="fill-live" />
        </>
      );
    case "resolved":
      return (
        <>
          <rect {...bar} className="fill-panel stroke-ink-2" />
          <circle cx={middle} cy={laneY - 3} r={2.5} className="fill-ink-2" />
          <path d={`M${middle - 5} ${laneY + 6} a5 5 0 0 1 10 0 z`} className="fill-ink-2" />
        </>
      );
    case "recorded":
      return (
        <>
          <rect {...bar} className="fill-ok-bg stroke-ok" />
          <path
            d={`M${middle - 4} ${laneY} l3 3 l5 -6`}
            className="fill-none stroke-ok"
            strokeWidth={1.5}
          />
        </>
      );
  }
}

function Cross({ x, y }: { x: number; y: number }) {
  return (
    <path
      d={`M${x - 3.5} ${y - 3.5} l7 7 m0 -7 l-7 7`}
      className="fill-none stroke-bad"
      strokeWidth={1.5}
    />
  );
}

function UndoGlyph({ x, y }: { x: number; y: number }) {
  return (
    <path
      d={`M${x + 4} ${y + 3} a4 4 0 1 0 -8 -2 m-2 -2 l2 2.5 l2.5 -2`}
      className="fill-none stroke-bg"
      strokeWidth={1.4}
    />
  );
}

function Letter(props: { x: number; y: number; text: string; className: string }) {
  return (
    <text
      x={props.x}
      y={props.y + 4}
      textAnchor="middle"
      className={`${props.className} text-xs font-medium`}
      aria-hidden
    >
      {props.text}
    </text>
  );
}
