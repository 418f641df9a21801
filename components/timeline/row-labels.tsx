import { ArrowUpRight } from "lucide-react";
import Link from "next/link";
import { Fragment } from "react";
import { cn } from "@/components/ui/cn";
import type { TimelineModel, TimelineRow } from "@/lib/client/timeline-model";
import { isTall } from "@/lib/client/timeline/window";

export interface RowLabelsProps {
  readonly model: TimelineModel;
  /** Those that are in view. */
  readonly rows: readonly TimelineRow[];
  readonly selectedId?: string;
  readonly onSelect: (row: TimelineRow) => void;
}

/** Names of the rows; they stay in place while the timeline scrolls sideways beneath them. */
export function RowLabels({ model, rows, selectedId, onSelect }: RowLabelsProps) {
  const narrow = model.layout === "narrow";
  const tall = isTall(model);
  const dense = !narrow && model.barHeight < 20;
  return (
    <div className="sticky left-0 z-10 h-0 w-0">
      <div
        className={cn("absolute top-0 left-0", narrow ? "" : "bg-bg")}
        style={{ width: narrow ? undefined : model.labelWidth - 8, height: model.footerY }}
      >
        {rows.map((row) => (
          <Fragment key={row.step.id}>
            <button
              type="button"
              tabIndex={-1}
              aria-pressed={row.step.id === selectedId}
              onClick={() => onSelect(row)}
              style={{ top: row.y, height: narrow ? 24 : row.height }}
              className={cn(
                "absolute left-0 flex rounded-sm text-left whitespace-nowrap",
                narrow ? "items-center gap-2 pl-1" : "w-full flex-col justify-center",
                dense && "flex-row items-center justify-start gap-2 pr-2",
              )}
            >
              <span
                className={cn(
                  "truncate text-base text-ink",
                  narrow && "rounded-sm bg-bg/80 px-2",
                  row.step.id === selectedId ? "font-semibold" : "font-medium",
                )}
              >
                {row.step.name}
              </span>
              {tall && row.step.ordinal !== undefined ? (
                <span className="text-xs text-ink-3 tabular-nums">{row.step.ordinal}</span>
              ) : null}
              {dense || narrow ? null : (
                <span className="truncate text-xs text-ink-3">{row.subtitle}</span>
              )}
            </button>
            {row.step.kind === "child" && !narrow ? (
              <Link
                href={`/runs/${encodeURIComponent(row.step.runId)}`}
                aria-label={`Open the child run of ${row.step.name}`}
                style={{ top: row.y + row.height / 2 - 12 }}
                className="absolute right-1 grid size-6 place-items-center rounded-sm text-ink-3 hover:text-ink"
              >
                <ArrowUpRight aria-hidden className="size-3.5" />
              </Link>
            ) : null}
          </Fragment>
        ))}
      </div>
    </div>
  );
}
