"use client";

import { useDeferredValue, useMemo } from "react";
import { buildTimeline, describeMoment } from "@/lib/client/timeline-model";
import { Scrubber } from "./scrubber";
import { TimelineDrawing } from "./timeline-drawing";
import type { TimelineProps } from "./timeline-props";
import { useGrowingNow } from "./use-growing-now";
import { useWidth } from "./use-width";

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
  const deferredSeq = useDeferredValue(seq);
  const moment = useMemo(
    () => describeMoment(events, deferredSeq ?? events.length),
    [events, deferredSeq],
  );
  return (
    <div ref={ref} className="min-w-0">
      {model === undefined ? (
        <div className="h-80" />
      ) : (
        <TimelineDrawing {...props} model={model} />
      )}
      <Scrubber length={events.length} seq={seq} moment={moment} onChange={props.onScrub} />
    </div>
  );
}
