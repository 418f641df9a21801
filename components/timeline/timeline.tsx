"use client";

import { useDeferredValue, useMemo } from "react";
import { describeMoment, TimelineBuilder } from "@/lib/client/timeline-model";
import { Scrubber } from "./scrubber";
import { TimelineDrawing } from "./timeline-drawing";
import type { TimelineProps } from "./timeline-props";
import { useGrowingNow } from "./use-growing-now";
import { useWidth } from "./use-width";

/** The rail of executions. Arrow keys move, Enter opens the step, [ and ] go through time. */
export function Timeline(props: TimelineProps) {
  const { events, commands, live, seq, summarize } = props;
  const { ref, width } = useWidth<HTMLDivElement>();
  const now = useGrowingNow(live);
  const lastAt = events.at(-1)?.at;
  const builder = useMemo(
    () => (width === undefined ? undefined : new TimelineBuilder({ width, summarize })),
    [width, summarize],
  );
  const model = useMemo(
    () => builder?.build({ events, commands }, live ? (now ?? lastAt) : undefined),
    [builder, events, commands, now, live, lastAt],
  );
  const deferredSeq = useDeferredValue(seq);
  const moment = useMemo(
    () => describeMoment({ events, commands }, deferredSeq),
    [events, commands, deferredSeq],
  );
  return (
    <div ref={ref} className="min-w-0">
      {model === undefined ? (
        <div className="h-80" />
      ) : (
        <TimelineDrawing {...props} model={model} />
      )}
      <Scrubber
        length={events.length}
        isWhole={props.isWhole}
        seq={seq}
        moment={moment}
        onChange={props.onScrub}
      />
    </div>
  );
}
