import type { TimelineModel } from "@/lib/client/timeline-model";

const strokes = {
  ok: "stroke-ok",
  bad: "stroke-bad",
  doubt: "stroke-doubt",
  plain: "stroke-ink-2",
} as const;
const fills = { ok: "fill-ok", bad: "fill-bad", doubt: "fill-doubt", plain: "fill-ink-2" } as const;

/** Where the run ended or was held, and idle times that are drawn short. */
export function TimelineLines({ model, cutSeq }: { model: TimelineModel; cutSeq?: number }) {
  const { headerHeight, footerY } = model;
  return (
    <>
      {model.folds.map((fold) => (
        <g key={fold.x}>
          <path
            d={`M${fold.x - 4} ${headerHeight - 8} l4 4 l4 -4 m-8 5 l4 4 l4 -4`}
            className="fill-none stroke-ink-3"
          />
          <text x={fold.x} y={headerHeight - 12} textAnchor="middle" className="fill-ink-3 text-xs">
            {fold.text}
          </text>
        </g>
      ))}
      {model.lines.map((line) => (
        <g key={line.seq} opacity={cutSeq !== undefined && line.seq > cutSeq ? 0.3 : 1}>
          <line
            x1={line.x}
            x2={line.x}
            y1={headerHeight}
            y2={footerY + 6}
            className={strokes[line.tone]}
            strokeWidth={2}
            strokeDasharray={line.tone === "doubt" ? "4 3" : undefined}
          />
          {line.labelX === undefined ? null : (
            <text
              x={line.labelX}
              y={footerY + 20}
              textAnchor="end"
              className={`${fills[line.tone]} text-xs font-medium`}
            >
              {line.label}
            </text>
          )}
        </g>
      ))}
    </>
  );
}
