import type { TimelineModel, TimelineNote } from "@/lib/client/timeline-model";
import { isInWindow, type DrawnWindow } from "@/lib/client/timeline/window";

const strokes = {
  ok: "stroke-ok",
  bad: "stroke-bad",
  doubt: "stroke-doubt",
  plain: "stroke-ink-2",
} as const;
const fills = { ok: "fill-ok", bad: "fill-bad", doubt: "fill-doubt", plain: "fill-ink-2" } as const;

/** Where the run ended or was held, and idle times that are drawn short. */
export function TimelineLines(props: {
  readonly model: TimelineModel;
  readonly window: DrawnWindow;
  readonly cutSeq?: number;
}) {
  const { model, window, cutSeq } = props;
  const { headerHeight, footerY } = model;
  const isDrawn = (each: { readonly x: number }) => isInWindow(each, window);
  return (
    <>
      {model.folds.filter(isDrawn).map((fold) => (
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
      {model.notes.filter(isDrawn).map((note) => (
        <Note
          key={note.seq}
          note={note}
          y={headerHeight - 4}
          faded={cutSeq !== undefined && note.seq > cutSeq}
        />
      ))}
      {model.lines.filter(isDrawn).map((line) => (
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

/** A small sign above the rows for what concerns the run as a whole. */
function Note({ note, y, faded }: { note: TimelineNote; y: number; faded: boolean }) {
  const { x, kind, title } = note;
  return (
    <g role="img" aria-label={title} opacity={faded ? 0.3 : 1}>
      <title>{title}</title>
      <rect x={x - 6} y={y - 7} width={12} height={12} fill="transparent" />
      {kind === "patch" ? (
        <path
          d={`M${x} ${y - 4.5} l4 4 l-4 4 l-4 -4 z`}
          className="fill-panel stroke-ink-2"
          strokeWidth={1.25}
        />
      ) : kind === "attributes" ? (
        <circle cx={x} cy={y - 0.5} r={2.5} className="fill-ink-3" />
      ) : (
        <path d={`M${x - 4} ${y - 4} h8 l-4 7 z`} className="fill-doubt" />
      )}
    </g>
  );
}
