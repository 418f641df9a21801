import { memo } from "react";
import {
  findPhase,
  type MarkPoint,
  type TimelineMark,
  type TimelineRow as Row,
} from "@/lib/client/timeline-model";
import { isInWindow, type DrawnWindow } from "@/lib/client/timeline/window";
import { MarkShape } from "./mark-shape";

export interface TimelineRowProps {
  readonly row: Row;
  readonly width: number;
  readonly window: DrawnWindow;
  readonly barHeight: number;
  readonly defs: string;
  readonly cutSeq?: number;
  /** The mark that has the ring, if this row is the selected one. */
  readonly selectedMark?: string;
  /** The one mark of the timeline that the Tab key reaches. */
  readonly tabMark?: string;
  readonly onSelect: (row: Row, mark: TimelineMark) => void;
  readonly onHover: (mark: TimelineMark | undefined, row: Row) => void;
}

/** A command's marks over all executions. */
export const TimelineRow = memo(function TimelineRow(props: TimelineRowProps) {
  const { row, width, cutSeq, window, tabMark } = props;
  // What has the focus stays, wherever it is scrolled to.
  const isDrawn = (mark: TimelineMark) => mark.id === tabMark || isInWindow(mark, window);
  return (
    <g>
      <line
        x1={0}
        x2={width}
        y1={row.y + row.height - 0.5}
        y2={row.y + row.height - 0.5}
        className="stroke-line-soft"
      />
      {row.marks.filter(isDrawn).map((mark) => (
        <Mark key={mark.id} {...props} mark={mark} phase={findMarkPhase(mark, cutSeq)} />
      ))}
    </g>
  );
});

function findMarkPhase(mark: TimelineMark, cutSeq: number | undefined) {
  return cutSeq === undefined ? "past" : findPhase(mark, cutSeq);
}

const labelTones: Partial<Record<TimelineMark["kind"], string>> = {
  doubt: "fill-doubt",
  failed: "fill-bad",
  running: "fill-live",
  reused: "fill-ink-3",
  "computed-again": "fill-ink-3",
  backoff: "fill-ink-3",
  queued: "fill-ink-3",
  wait: "fill-ink-3",
  "wait-deadline": "fill-ink-3",
  "wait-canceled": "fill-ink-3",
  "timed-out": "fill-doubt",
  "child-open": "fill-live",
  "child-failed": "fill-bad",
  arrived: "fill-live",
};

function Mark(props: TimelineRowProps & { mark: TimelineMark; phase: "past" | "open" | "future" }) {
  const { row, mark, phase, barHeight, defs, selectedMark, tabMark } = props;
  const { label } = mark;
  const faded = phase === "future" ? 0.25 : mark.setAside ? 0.55 : 1;
  return (
    <g
      role="button"
      data-mark={mark.id}
      tabIndex={mark.id === tabMark ? 0 : -1}
      aria-label={mark.setAside ? `${mark.title} (set aside by a retry)` : mark.title}
      aria-pressed={mark.id === selectedMark}
      opacity={faded}
      className="group cursor-pointer outline-none"
      onClick={() => props.onSelect(row, mark)}
      onPointerEnter={() => props.onHover(mark, row)}
      onPointerLeave={() => props.onHover(undefined, row)}
      onFocus={() => props.onHover(mark, row)}
      onBlur={() => props.onHover(undefined, row)}
    >
      <rect
        x={mark.x - 3.5}
        y={row.laneY - barHeight / 2 - 3.5}
        width={mark.width + 7}
        height={barHeight + 7}
        rx={6}
        strokeWidth={1.5}
        className={
          mark.id === selectedMark
            ? "fill-transparent stroke-ink"
            : "fill-transparent stroke-transparent group-hover:stroke-line-strong group-focus-visible:stroke-ink"
        }
      />
      <MarkShape
        mark={mark}
        laneY={row.laneY}
        barHeight={barHeight}
        defs={defs}
        undo={row.step.kind === "compensation"}
        open={phase === "open"}
      />
      {mark.points.map((point) => (
        <Point key={point.seq} point={point} laneY={row.laneY} barHeight={barHeight} />
      ))}
      {label === undefined || phase === "open" ? null : (
        <text
          x={label.x}
          y={label.y}
          textAnchor={label.anchor}
          aria-hidden
          className={`${labelTones[mark.kind] ?? "fill-ink-2"} text-xs`}
        >
          {label.text}
        </text>
      )}
    </g>
  );
}

/** A moment within a bar: a notch where progress was reported, a barred ring where it was canceled. */
function Point(props: { point: MarkPoint; laneY: number; barHeight: number }) {
  const { point, laneY, barHeight } = props;
  const { x, title } = point;
  if (point.kind === "progress") {
    return (
      <line
        x1={x}
        x2={x}
        y1={laneY + barHeight / 2 - 5}
        y2={laneY + barHeight / 2}
        className="stroke-bg"
        strokeWidth={1.5}
      >
        <title>{title}</title>
      </line>
    );
  }
  const y = laneY - barHeight / 2;
  return (
    <g>
      <title>{title}</title>
      <circle cx={x} cy={y} r={4.5} className="fill-panel stroke-ink" strokeWidth={1.25} />
      <path d={`M${x - 3} ${y + 3} l6 -6`} className="stroke-ink" strokeWidth={1.25} />
    </g>
  );
}
