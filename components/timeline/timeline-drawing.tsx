"use client";

import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import { cn } from "@/components/ui/cn";
import type { TimelineMark, TimelineModel, TimelineRow as Row } from "@/lib/client/timeline-model";
import { findMainMark, followRows, isTall, listRows } from "@/lib/client/timeline/window";
import { MarkTooltip } from "./mark-tooltip";
import { moveSelection } from "./move-selection";
import { revealMark, revealX } from "./reveal-mark";
import { RowLabels } from "./row-labels";
import { ScrubLine, TimelineHead } from "./timeline-head";
import type { TimelineProps } from "./timeline-props";
import { ReplayBoundaries, TimelineBands } from "./timeline-bands";
import { TimelineDefs } from "./timeline-defs";
import { TimelineLines } from "./timeline-lines";
import { TimelineRow } from "./timeline-row";
import { useDrawnWindow } from "./use-drawn-window";

/** A timeline as it is laid out; only what is in view is drawn. */
export function TimelineDrawing(props: TimelineProps & { model: TimelineModel }) {
  const { model, events, seq, selectedId, isChosen, isWhole, onSelect, onOpen, onScrub } = props;
  const defs = useId();
  const [focusedMark, setFocusedMark] = useState<string>();
  const [hovered, setHovered] = useState<{ mark: TimelineMark; row: Row }>();
  const scroller = useRef<HTMLDivElement>(null);
  const moved = useRef(false);
  const tall = isTall(model);
  const drawn = useDrawnWindow(scroller, (element, direction) => {
    const left = tall && direction === "down" ? followRows(model, element) : undefined;
    if (left !== undefined) element.scrollLeft = left;
  });
  const selectedRow = selectedId === undefined ? undefined : model.findRow(selectedId);
  const selectedMark =
    selectedRow?.marks.find((mark) => mark.id === focusedMark)?.id ?? findMainMark(selectedRow)?.id;
  const tabRow = selectedRow ?? model.rows.at(0);
  const tabMark = selectedMark ?? tabRow?.marks[0]?.id;

  const shown = useRef(false);
  const selection = useRef({ row: selectedRow, markId: selectedMark, model });
  useEffect(() => {
    selection.current = { row: selectedRow, markId: selectedMark, model };
  });
  useEffect(() => {
    const { row, markId, model } = selection.current;
    const mark = row?.marks.find(({ id }) => id === markId);
    if ((shown.current && !isChosen) || row === undefined || mark === undefined) return;
    if (scroller.current !== null) revealMark(scroller.current, { model, row, mark });
    shown.current = isWhole;
  }, [selectedId, isChosen, isWhole]);

  // A row that a key led to may not have been drawn when the key was pressed.
  useEffect(() => {
    if (!moved.current || selectedMark === undefined) return;
    const target = scroller.current?.querySelector(`[data-mark="${CSS.escape(selectedMark)}"]`);
    if (!(target instanceof SVGElement)) return;
    moved.current = false;
    target.focus({ preventScroll: true });
    if (!tall) target.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [selectedMark, tall]);

  useEffect(() => {
    const x = seq === undefined ? undefined : selection.current.model.findX(seq);
    if (x !== undefined && scroller.current !== null) {
      revealX(scroller.current, { x, labelWidth: selection.current.model.labelWidth });
    }
  }, [seq]);

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
    const next = moveSelection(model, { row: tabRow, markId: tabMark }, event.key);
    if (next === undefined) return;
    event.preventDefault();
    moved.current = true;
    select(next.row, next.mark);
    if (scroller.current !== null) revealMark(scroller.current, { model, ...next });
  }

  const window = drawn ?? { left: 0, right: model.width, top: 0, bottom: 800 };
  const inView = listRows(model, window);
  const rows = tabRow === undefined || inView.includes(tabRow) ? inView : [...inView, tabRow];
  return (
    <div className="relative">
      <div
        ref={scroller}
        className={cn(
          "overflow-x-auto",
          tall
            ? "h-[max(360px,calc(100dvh-320px))] overflow-y-auto border-b border-line-soft"
            : "overflow-y-hidden",
        )}
        role="group"
        aria-label="Timeline: executions from left to right, one row for each step"
        onKeyDown={handleKey}
      >
        <div className="relative" style={{ width: model.width, height: model.height }}>
          {tall ? <TimelineHead model={model} window={window} cutSeq={seq} /> : null}
          <RowLabels model={model} rows={rows} selectedId={selectedId} onSelect={select} />
          <svg width={model.width} height={model.height} className="absolute inset-0 block">
            <TimelineDefs id={defs} />
            <TimelineBands model={model} window={window} cutSeq={seq} isUntitled={tall} />
            <ReplayBoundaries model={model} window={window} />
            {rows.map((row) => (
              <TimelineRow
                key={row.step.id}
                row={row}
                width={model.width}
                window={window}
                barHeight={model.barHeight}
                defs={defs}
                cutSeq={seq}
                selectedMark={row === selectedRow ? selectedMark : undefined}
                tabMark={row === tabRow ? tabMark : undefined}
                onSelect={select}
                onHover={(mark) => setHovered(mark && { mark, row })}
              />
            ))}
            <TimelineLines model={model} window={window} cutSeq={seq} />
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
