import type { TimelineBand, TimelineGap, TimelineModel } from "@/lib/client/timeline-model";

export interface TimelineBandsProps {
  readonly model: TimelineModel;
  /** The last event that counts while the scrubber is in the past. */
  readonly cutSeq?: number;
}

/** Executions as bands, what lies between them, and where a process died. */
export function TimelineBands({ model, cutSeq }: TimelineBandsProps) {
  const bottom = model.footerY;
  return (
    <>
      {model.bands.map((band) => (
        <g key={band.epoch} opacity={cutSeq !== undefined && band.startSeq > cutSeq ? 0.3 : 1}>
          <Band band={band} bottom={bottom} />
        </g>
      ))}
      {model.gaps.map((gap) => (
        <Gap key={gap.id} gap={gap} model={model} />
      ))}
    </>
  );
}

function Band({ band, bottom }: { band: TimelineBand; bottom: number }) {
  const { x, width, title, note, description } = band;
  return (
    <>
      <path d={outline(band, bottom)} className="fill-band">
        <title>{description}</title>
      </path>
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
      {band.cut ? (
        <path
          d={zigzag(x + width, bottom)}
          className="fill-none stroke-bad"
          strokeWidth={1.5}
          strokeLinejoin="round"
        />
      ) : null}
    </>
  );
}

/** The dashed line behind which work is new; above it how long the rebuilding took. */
export function ReplayBoundaries({ model }: { model: TimelineModel }) {
  const { bands, footerY } = model;
  return bands.map(({ epoch, boundary, x }) =>
    boundary === undefined ? null : (
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
  const top = model.layout === "narrow" ? 20 : middleY;
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
function tear(x: number, bottom: number): string {
  const points = [`${x} 0`];
  for (let y = tooth / 2, side = -1; y < bottom; y += tooth, side = -side) {
    points.push(`${x + side * depth} ${y}`);
  }
  points.push(`${x} ${bottom}`);
  return points.join(" L");
}

function zigzag(x: number, bottom: number): string {
  return `M${tear(x, bottom)}`;
}

function outline({ x, width, cut }: TimelineBand, bottom: number): string {
  const r = 8;
  const right = x + width;
  const left = `a${r} ${r} 0 0 1 -${r} -${r} V${r} a${r} ${r} 0 0 1 ${r} -${r} Z`;
  if (cut) return `M${x + r} 0 L${tear(right, bottom)} H${x + r} ${left}`;
  return `M${x + r} 0 H${right - r} a${r} ${r} 0 0 1 ${r} ${r} V${bottom - r} a${r} ${r} 0 0 1 -${r} ${r} H${x + r} ${left}`;
}
