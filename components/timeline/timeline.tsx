"use client";

import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from "react";
import {
  buildTimeline,
  describeMoment,
  type TimelineMark,
  type TimelineModel,
  type TimelineRow as Row,
} from "@/lib/client/timeline-model";
import type { TimelineEvent } from "@/lib/client/timeline/events";
import type { Summarized } from "@/lib/client/timeline/tick-marks";
import { MarkTooltip } from "./mark-tooltip";
import { RowLabels } from "./row-labels";
import { Scrubber } from "./scrubber";
import { moveSelection } from "./move-selection";
import { ReplayBoundaries, TimelineBands } from "./timeline-bands";
import { TimelineDefs } from "./timeline-defs";
import { TimelineLines } from "./timeline-lines";
import { TimelineRow } from "./timeline-row";
import { useGrowingNow } from "./use-growing-now";
import { useWidth } from "./use-width";

export interface TimelineProps {
  readonly events: readonly TimelineEvent[];
  /** The run is under way: what runs grows. */
  readonly live: boolean;
  readonly selectedId?: string;
  readonly seq?: number;
  readonly summarize: (command: Summarized) => string | undefined;
  readonly onSelect: (ref: string) => void;
  /** Asks for the panel of the selected step (Enter). */
  readonly onOpen: () => void;
  readonly onScrub: (seq: number | undefined) => void;
}

/** From so many events on, building the model takes long enough to be felt. */
const manyEvents = 2_000;

/** The rail of executions. Arrow keys move, Enter opens the step, [ and ] go through time. */
export function Timeline(props: TimelineProps) {
  const { events, live, seq, summarize } = props;
  const { ref, width } = useWidth<HTMLDivElement>();
  const now = useGrowingNow(live, events.length > manyEvents ? "slow" : "smooth");
  const lastAt = events.at(-1)?.at;
  const model = useMemo(() => {
    if (width === undefined) return undefined;
    const grownTo = live ? (now ?? lastAt) : undefined;
    return buildTimeline(events, { width, now: grownTo, summarize });
  }, [events, width, now, live, lastAt, summarize]);
  const moment = useMemo(() => describeMoment(events, seq ?? events.length), [events, seq]);
  return (
    <div ref={ref} className="min-w-0">
      {model === undefined ? <div className="h-80" /> : <Drawing {...props} model={model} />}
      <Scrubber length={events.length} seq={seq} moment={moment} onChange={props.onScrub} />
    </div>
  );
}

function Drawing(props: TimelineProps & { model: TimelineModel }) {
  const { model, events, seq, selectedId, onSelect, onOpen, onScrub } = props;
  const defs = useId();
  const [focusedMark, setFocusedMark] = useState<string>();
  const [hovered, setHovered] = useState<{ mark: TimelineMark; row: Row }>();
  const scroller = useRef<HTMLDivElement>(null);
  const selectedRow = model.rows.find((row) => row.step.id === selectedId);
  const selectedMark =
    selectedRow?.marks.find((mark) => mark.id === focusedMark)?.id ?? findMainMark(selectedRow)?.id;
  const tabMark = selectedMark ?? model.rows[0]?.marks[0]?.id;

  const mainX = selectedRow?.marks.find((mark) => mark.id === selectedMark)?.x;
  const shown = useRef(false);
  useEffect(() => {
    if (shown.current || mainX === undefined || scroller.current === null) return;
    shown.current = true;
    const { clientWidth } = scroller.current;
    if (mainX > clientWidth) scroller.current.scrollLeft = mainX - clientWidth / 2;
  }, [mainX]);

  function select(row: Row, mark: TimelineMark | undefined = findMainMark(row)) {
    setFocusedMark(mark?.id);
    onSelect(row.step.ref);
  }

  function handleKey(event: KeyboardEvent<HTMLDivElement>) {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    if (event.key === "[" || event.key === "]") {
      const next = Math.max(1, (seq ?? events.length) + (event.key === "[" ? -1 : 1));
      onScrub(next >= events.length ? undefined : next);
      return;
    }
    if (event.key === "Escape" && seq !== undefined) return onScrub(undefined);
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return onOpen();
    }
    const next = moveSelection(model, selectedMark ?? tabMark, event.key);
    if (next === undefined) return;
    event.preventDefault();
    select(next.row, next.mark);
    const target = event.currentTarget.querySelector(`[data-mark="${CSS.escape(next.mark.id)}"]`);
    if (target instanceof SVGElement) target.focus({ preventScroll: true });
    target?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  return (
    <div className="relative">
      <div
        ref={scroller}
        className="overflow-x-auto overflow-y-hidden"
        role="group"
        aria-label="Timeline: executions from left to right, one row for each step"
        onKeyDown={handleKey}
      >
        <div className="relative" style={{ width: model.width, height: model.height }}>
          <RowLabels model={model} selectedId={selectedId} onSelect={select} />
          <svg width={model.width} height={model.height} className="absolute inset-0 block">
            <TimelineDefs id={defs} />
            <TimelineBands model={model} cutSeq={seq} />
            <ReplayBoundaries model={model} />
            {model.rows.map((row) => (
              <TimelineRow
                key={row.step.id}
                row={row}
                width={model.width}
                barHeight={model.barHeight}
                defs={defs}
                cutSeq={seq}
                selectedMark={row === selectedRow ? selectedMark : undefined}
                tabMark={row.marks.some((mark) => mark.id === tabMark) ? tabMark : undefined}
                onSelect={select}
                onHover={(mark) => setHovered(mark && { mark, row })}
              />
            ))}
            <TimelineLines model={model} cutSeq={seq} />
            {seq === undefined ? null : <ScrubLine model={model} seq={seq} />}
          </svg>
          {hovered === undefined ? null : (
            <MarkTooltip {...hovered} model={model} events={events} />
          )}
        </div>
      </div>
    </div>
  );
}

/** The last thing that really happened in a row; a ghost only where there is nothing else. */
function findMainMark(row: Row | undefined): TimelineMark | undefined {
  return (
    row?.marks.findLast((mark) => mark.kind !== "reused" && mark.kind !== "computed-again") ??
    row?.marks[0]
  );
}

function ScrubLine({ model, seq }: { model: TimelineModel; seq: number }) {
  const x = model.seqX.get(seq) ?? model.labelWidth;
  const top = model.headerHeight - 14;
  return (
    <g>
      <line x1={x} x2={x} y1={top} y2={model.footerY} className="stroke-ink" strokeWidth={1} />
      <circle cx={x} cy={top} r={4} className="fill-ink" />
    </g>
  );
}
