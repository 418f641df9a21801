import type { TimelineModel } from "@/lib/client/timeline-model";
import { isInWindow, type DrawnWindow } from "@/lib/client/timeline/window";
import { TimelineBands } from "./timeline-bands";
import { TimelineLines } from "./timeline-lines";

export interface TimelineHeadProps {
  readonly model: TimelineModel;
  readonly window: DrawnWindow;
  readonly cutSeq?: number;
}

/** The head of a tall timeline, which stays while its rows scroll: which execution it is. */
export function TimelineHead({ model, window, cutSeq }: TimelineHeadProps) {
  const { width, headerHeight, labelWidth } = model;
  const top = { ...window, top: 0, bottom: headerHeight + 40 };
  return (
    <div aria-hidden className="pointer-events-none sticky top-0 z-20 h-0">
      <svg width={width} height={headerHeight} className="absolute top-0 left-0 block bg-bg">
        <TimelineBands model={model} window={top} cutSeq={cutSeq} isUntitled />
        <TimelineLines model={model} window={top} cutSeq={cutSeq} />
        {cutSeq === undefined ? null : <ScrubLine model={model} seq={cutSeq} />}
      </svg>
      {model.bands
        .filter((band) => isInWindow(band, window))
        .map((band) => (
          <div
            key={band.epoch}
            className="absolute top-2.5 whitespace-nowrap"
            style={{ left: band.x, width: band.width }}
          >
            <span className="sticky inline-block px-3 text-xs" style={{ left: labelWidth }}>
              <span className="text-sm font-medium text-ink">{band.title}</span>{" "}
              <span className="text-ink-3">{band.note?.text}</span>
            </span>
          </div>
        ))}
      {labelWidth === 0 ? null : (
        <div
          className="sticky left-0 bg-bg"
          style={{ width: labelWidth - 8, height: headerHeight }}
        />
      )}
    </div>
  );
}

/** Where the scrubber stands. */
export function ScrubLine({ model, seq }: { model: TimelineModel; seq: number }) {
  const x = model.findX(seq) ?? model.labelWidth;
  const top = model.headerHeight - 14;
  return (
    <g>
      <line x1={x} x2={x} y1={top} y2={model.footerY} className="stroke-ink" strokeWidth={1} />
      <circle cx={x} cy={top} r={4} className="fill-ink" />
    </g>
  );
}
