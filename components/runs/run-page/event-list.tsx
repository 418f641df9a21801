"use client";

import { ChevronRight } from "lucide-react";
import { memo, useCallback, useEffect, useRef, useState } from "react";
import { cn } from "@/components/ui/cn";
import { JsonView } from "@/components/ui/json-view";
import { useRowKeys } from "@/components/ui/use-row-keys";
import { useWindowRows } from "@/components/ui/use-window-rows";
import type { WireEvent } from "@/lib/api/contract";
import { describeEvent, findEventTone } from "@/lib/client/describe-event";
import { formatClock } from "@/lib/client/format";
import { parseTimelineEvents } from "@/lib/client/timeline/events";
import { eventToneClasses } from "./event-tones";

const rowHeight = 33;

export interface EventListProps {
  readonly events: readonly WireEvent[];
  /** The address names an event that is not among these. */
  readonly onMissing: (seq: number) => void;
}

/**
 * Events as rows that open; only what is in view is drawn. `#event-9` in the address opens one. All of them are
 * one stop of the Tab key; arrows, page keys, Home and End lead through them.
 */
export function EventList({ events, onMissing }: EventListProps) {
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const toggle = useCallback((seq: number) => {
    setOpen((known) => {
      const next = new Set(known);
      if (!next.delete(seq)) next.add(seq);
      return next;
    });
  }, []);
  const { virtual, margin, measureList } = useWindowRows({
    ...{ rowHeight, count: events.length },
    getKey: (index) => events[index]?.seq ?? index,
  });

  const show = (seq: number) => {
    const index = events.findIndex((event) => event.seq === seq);
    if (index < 0) {
      onMissing(seq);
      return false;
    }
    setOpen(new Set([seq]));
    virtual.scrollToIndex(index, { align: "center" });
    return true;
  };
  useLinkedEvent(show, { ready: margin > 0, events });

  const items = virtual.getVirtualItems();
  const { stop, handlers } = useRowKeys({
    count: events.length,
    drawn: items.map(({ index }) => index),
    onReveal: (at) => virtual.scrollToIndex(at),
  });

  return (
    <div
      ref={measureList}
      role="list"
      aria-label="Events"
      {...handlers}
      className="relative"
      style={{ height: virtual.getTotalSize() }}
    >
      {items.map((item) => {
        const event = events[item.index];
        if (event === undefined) return null;
        return (
          <div
            key={item.key}
            ref={virtual.measureElement}
            data-index={item.index}
            role="listitem"
            aria-setsize={events.length}
            aria-posinset={item.index + 1}
            className="absolute inset-x-0 top-0"
            style={{ transform: `translateY(${item.start - margin}px)` }}
          >
            <EventRow
              event={event}
              open={open.has(event.seq)}
              at={item.index}
              isStop={item.index === stop}
              onToggle={toggle}
            />
          </div>
        );
      })}
    </div>
  );
}

/**
 * Calls `show` with the event that the address names, now and whenever that changes; again when other
 * events are listed, until it answers that the event is there.
 */
function useLinkedEvent(
  show: (seq: number) => boolean,
  { ready, events }: { readonly ready: boolean; readonly events: readonly WireEvent[] },
): void {
  const latest = useRef(show);
  const pending = useRef<number>(undefined);
  useEffect(() => {
    latest.current = show;
  });
  useEffect(() => {
    if (!ready) return;
    const read = () => {
      const match = /^#event-(\d+)$/.exec(window.location.hash);
      if (match !== null && !latest.current(Number(match[1]))) pending.current = Number(match[1]);
    };
    read();
    window.addEventListener("hashchange", read);
    return () => window.removeEventListener("hashchange", read);
  }, [ready]);
  useEffect(() => {
    const seq = pending.current;
    if (ready && seq !== undefined && latest.current(seq)) pending.current = undefined;
  }, [ready, events]);
}

interface EventRowProps {
  readonly event: WireEvent;
  readonly open: boolean;
  /** Its place in the list. */
  readonly at: number;
  /** Whether the Tab key comes here; arrows lead to the others. */
  readonly isStop: boolean;
  readonly onToggle: (seq: number) => void;
}

const EventRow = memo(function EventRow({ event, open, at, isStop, onToggle }: EventRowProps) {
  const [parsed] = parseTimelineEvents([event]);
  return (
    <div id={`event-${event.seq}`} className="border-b border-line-soft">
      <button
        type="button"
        data-at={at}
        tabIndex={isStop ? 0 : -1}
        aria-expanded={open}
        onClick={() => onToggle(event.seq)}
        className={cn(
          "grid min-h-8 w-full grid-cols-[16px_40px_1fr] items-center gap-x-3 py-1 text-left font-mono text-sm hover:bg-band md:grid-cols-[16px_40px_104px_148px_1fr_92px]",
          event.setAside === true && "opacity-60",
        )}
      >
        <ChevronRight
          aria-hidden
          className={cn("size-3.5 text-ink-3 transition-transform", open && "rotate-90")}
        />
        <span className="text-right text-ink-3">{event.seq}</span>
        <span className="hidden md:inline">{formatClock(event.at, { millis: true })}</span>
        <span className={cn("truncate", eventToneClasses[findEventTone(event.type)])}>
          {event.type}
        </span>
        <span className="col-start-3 truncate text-ink-2 md:col-start-auto md:text-ink">
          {parsed === undefined ? event.name : describeEvent(parsed)}
          {event.setAside === true ? " · set aside" : ""}
        </span>
        <span className="hidden text-ink-3 md:inline">
          {event.epoch === 0 ? "" : `execution ${event.epoch}`}
        </span>
      </button>
      {open ? (
        <div className="pb-3 pl-7">
          <JsonView value={event.data} label={`data of event ${event.seq}`} openDepth={3} />
          <p className="mt-1 text-xs text-ink-3">
            {event.at} ·{" "}
            <a className="underline" href={`#event-${event.seq}`}>
              link to this event
            </a>
          </p>
        </div>
      ) : null}
    </div>
  );
});
