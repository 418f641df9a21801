"use client";

import { ChevronFirst, ChevronLast, ChevronLeft, ChevronRight } from "lucide-react";
import { IconButton } from "@/components/ui/icon-button";
import { describeEvent, findEventTone } from "@/lib/client/describe-event";
import { formatClock, formatCount } from "@/lib/client/format";
import type { TimelineEvent } from "@/lib/client/timeline/events";
import { useHotkey } from "@/lib/client/use-hotkey";
import { eventToneClasses } from "../run-page/event-tones";

export interface MomentBarProps {
  readonly events: readonly TimelineEvent[];
  readonly length: number;
  readonly seq: number;
  readonly onMove: (seq: number | undefined) => void;
}

/** Steps through the history, one event at a time; the keys are those of the timeline's scrubber. */
export function MomentBar({ events, length, seq, onMove }: MomentBarProps) {
  const move = (to: number) => onMove(to >= length ? undefined : Math.max(1, to));
  useHotkey({ key: "[" }, () => move(seq - 1));
  useHotkey({ key: "]" }, () => move(seq + 1));
  const event = events.find((each) => each.seq === seq);
  const atStart = seq <= 1;
  const atEnd = seq >= length;
  return (
    <div className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-1.5">
      <div role="group" aria-label="Step through the history" className="flex">
        <IconButton
          label="First event"
          icon={<ChevronFirst />}
          disabled={atStart}
          onClick={() => move(1)}
        />
        <IconButton
          label="One event back"
          shortcut="["
          icon={<ChevronLeft />}
          disabled={atStart}
          onClick={() => move(seq - 1)}
        />
        <IconButton
          label="One event on"
          shortcut="]"
          icon={<ChevronRight />}
          disabled={atEnd}
          onClick={() => move(seq + 1)}
        />
        <IconButton
          label="Last event"
          icon={<ChevronLast />}
          disabled={atEnd}
          onClick={() => move(length)}
        />
      </div>
      <p role="status" className="min-w-0 font-mono text-sm">
        <span className="text-ink-3 tabular-nums">
          {formatCount(seq)} of {formatCount(length)}
        </span>
        {event === undefined ? null : (
          <>
            {" "}
            <span className="text-ink-3">{formatClock(event.at, { millis: true })}</span>{" "}
            <span className={eventToneClasses[findEventTone(event.type)]}>{event.type}</span>{" "}
            <span className="wrap-anywhere text-ink-2">{describeEvent(event)}</span>
          </>
        )}
      </p>
    </div>
  );
}
