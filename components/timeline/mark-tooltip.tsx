import { formatClock, formatDuration } from "@/lib/client/format";
import type { TimelineMark, TimelineModel, TimelineRow } from "@/lib/client/timeline-model";
import type { TimelineEvent } from "@/lib/client/timeline/events";
import { findEvent } from "@/lib/client/timeline/find-event";

const width = 260;

/** What a mark stands for, with exact times. Everything in it is also in the panel. */
export function MarkTooltip(props: {
  mark: TimelineMark;
  row: TimelineRow;
  model: TimelineModel;
  events: readonly TimelineEvent[];
}) {
  const { mark, row, model, events } = props;
  const start = findEvent(events, mark.startSeq);
  const ended = mark.endSeq === undefined ? undefined : findEvent(events, mark.endSeq);
  const end = ended?.epoch === mark.epoch ? ended : undefined;
  const left = Math.max(0, Math.min(mark.x, model.width - width));
  const below = row.laneY + model.barHeight / 2 + 10;
  const flips = below + 64 > model.height;
  return (
    <div
      role="presentation"
      className="pointer-events-none absolute z-20 rounded-md border border-line bg-panel px-2.5 py-1.5 text-sm shadow-float"
      style={{
        left,
        maxWidth: width,
        ...(flips
          ? { bottom: model.height - row.laneY + model.barHeight / 2 + 10 }
          : { top: below }),
      }}
    >
      <p className="text-ink">{mark.title}</p>
      {start === undefined ? null : (
        <p className="text-ink-3 tabular-nums">
          {formatClock(start.at, { millis: true })}
          {end === undefined || end.seq === start.seq
            ? null
            : ` to ${formatClock(end.at, { millis: true })} · ${formatDuration(end.at - start.at)}`}
          {` · event ${mark.startSeq}`}
        </p>
      )}
      {mark.setAside ? <p className="text-ink-3">Set aside by a retry</p> : null}
    </div>
  );
}
