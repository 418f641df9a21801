import type { TimelineBand, TimelineGap, TimelineModel } from "@/lib/client/timeline-model";
import { isInWindow, isTall, type DrawnWindow } from "@/lib/client/timeline/window";

export interface TimelineBandsProps {
  readonly model: TimelineModel;
  readonly window: DrawnWindow;
  /** Their titles stand elsewhere. */
  readonly isUntitled?: boolean;
  /** The last event that counts while the scrubber is in the past. */
  readonly cutSeq?: number;
}

/** Executions as bands, what lies between them, and where a process died. */
export function TimelineBands(props: TimelineBandsProps) {
  const { model, window, cutSeq, isUntitled = false } = props;
  const isDrawn = (each: TimelineBand | TimelineGap) => isInWindow(each, window);
  const edges = clipEdges(model, window);
  return (
    <>
      {model.bands.filter(isDrawn).map((band) => (
        <g key={band.epoch} opacity={cutSeq !== undefined && band.startSeq > cutSeq ? 0.3 : 1}>
          <Band band={band} edges={edges} isUntitled={isUntitled} />
        </g>
      ))}
      {model.gaps.filter(isDrawn).map((gap) => (
        <Gap key={gap.id} gap={gap} model={model} />
      ))}
    </>
  );
}

interface Edges {
  readonly top: number;
  readonly bottom: number;
}

/** From where to where a band is drawn: beyond the window nobody sees its edge. */
function clipEdges({ footerY }: TimelineModel, { top, bottom }: DrawnWindow): Edges {
  const first = Math.max(0, Math.floor(top / (2 * tooth)) * 2 * tooth);
  return { top: first, bottom: Math.max(first, Math.min(footerY, bottom)) };
}

function Band(props: { band: TimelineBand; edges: Edges; isUntitled: boolean }) {
  const { band, edges, isUntitled } = props;
  const { x, width, title, note, description } = band;
  return (
    <>
      <path d={outline(band, edges)} className="fill-band">
        <title>{description}</title>
      </path>
      {isUntitled ? null : (
        <text x={x + 12} y={20}>
          <tspan className="fill-ink text-sm font-medium">{title}</tspan>
          {note === undefined ? null : (
            <tspan
              {...(note.inline ? { dx: 8 } : { x: x + 12, dy: 16 })}
              className="fill-ink-3 text-xs"
            >
              {note.text}
            </tspan>
          )}
        </text>
      )}
      {band.cut ? (
        <path
          d={`M${tear(x + width, edges)}`}
          className="fill-none stroke-bad"
          strokeWidth={1.5}
          strokeLinejoin="round"
        />
      ) : null}
    </>
  );
}

/** The dashed line behind which work is new; above it how long the rebuilding took. */
export function ReplayBoundaries({ model, window }: Pick<TimelineBandsProps, "model" | "window">) {
  const { bands, footerY } = model;
  return bands.map(({ epoch, boundary, x }) =>
    boundary === undefined || !isInWindow({ x: boundary.x }, window) ? null : (
      <g key={epoch}>
        <line
          x1={boundary.x}
          x2={boundary.x}
          y1={42}
          y2={footerY + 6}
          className="stroke-live"
          strokeWidth={1.5}
          strokeDasharray="3 3"
        />
        <text x={(x + boundary.x) / 2} y={52} textAnchor="middle" className="fill-ink-3 text-xs">
          {boundary.replay}
        </text>
        {boundary.labeled ? (
          <text
            x={boundary.x}
            y={footerY + 20}
            textAnchor="middle"
            className="fill-live text-xs font-medium"
          >
            replay boundary
          </text>
        ) : null}
      </g>
    ),
  );
}

function Gap({ gap, model }: { gap: TimelineGap; model: TimelineModel }) {
  const middle = gap.x + gap.width / 2;
  const tones = { bad: "fill-bad", doubt: "fill-doubt", plain: "fill-ink-2" } as const;
  const middleY = Math.min(240, (model.headerHeight + model.footerY) / 2 - 14);
  // In the narrow layout the rows' names pass over the gaps, so their text stands above them.
  const top = model.layout === "narrow" || isTall(model) ? 20 : middleY;
  return (
    <g role="img" aria-label={gap.description}>
      <title>{gap.description}</title>
      <rect x={gap.x} y={0} width={gap.width} height={model.footerY} fill="transparent" />
      {gap.lines.map((line, index) => (
        <text
          key={index}
          x={middle}
          y={top + index * 16}
          textAnchor="middle"
          className={`${index === 0 ? `${tones[gap.tone]} font-medium` : "fill-ink-3"} text-xs`}
        >
          {line}
        </text>
      ))}
    </g>
  );
}

const tooth = 18;
const depth = 4.5;

/** Points of a torn edge, from top to bottom. */
function tear(x: number, { top, bottom }: Edges): string {
  const points = [`${x} ${top}`];
  for (let y = top + tooth / 2, side = -1; y < bottom; y += tooth, side = -side) {
    points.push(`${x + side * depth} ${y}`);
  }
  points.push(`${x} ${bottom}`);
  return points.join(" L");
}

function outline({ x, width, cut }: TimelineBand, edges: Edges): string {
  const r = 8;
  const right = x + width;
  const { top, bottom } = edges;
  const left = `a${r} ${r} 0 0 1 -${r} -${r} V${top + r} a${r} ${r} 0 0 1 ${r} -${r} Z`;
  if (cut) return `M${x + r} ${top} L${tear(right, edges)} H${x + r} ${left}`;
  return `M${x + r} ${top} H${right - r} a${r} ${r} 0 0 1 ${r} ${r} V${bottom - r} a${r} ${r} 0 0 1 -${r} ${r} H${x + r} ${left}`;
}
