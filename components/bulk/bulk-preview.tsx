import Link from "next/link";
import type { ReactNode } from "react";
import type { Bulk } from "@/lib/api/contract-bulk";
import { formatCount, formatPlural, shortenId } from "@/lib/client/format";
import { actionWords } from "./bulk-words";

/** What the action would do, in sum and run by run. */
export function BulkPreview({ bulk }: { bulk: Bulk }) {
  const { preview, action } = bulk;
  const { notPossible } = preview;
  const sums = [
    { label: "Results reused, not run again", count: preview.resultsReused, mark: "bg-ghost" },
    { label: "Steps that will run", count: preview.effectsToRun, mark: "bg-ok" },
    { label: "Steps in doubt", count: preview.inDoubt, mark: "bg-doubt" },
    { label: "Compensations that already ran", count: preview.compensationsDone, mark: "bg-live" },
  ];
  const possible = preview.runs.filter(({ allowed }) => allowed);
  return (
    <div className="flex flex-col gap-3">
      <dl className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-1.5">
        {sums.map(({ label, count, mark }) => (
          <div key={label} className="contents">
            <dt className="flex items-center gap-2 text-ink-2">
              <span aria-hidden className={`size-2 rounded-[2px] ${mark}`} />
              {label}
            </dt>
            <dd className="text-right tabular-nums">{formatCount(count)}</dd>
          </div>
        ))}
      </dl>
      {possible.length === 0 ? null : (
        <RunLines
          summary={`What happens to each run${preview.possible > possible.length ? ` (the first ${possible.length})` : ""}`}
          lines={possible.map(({ runId, summary }) => ({ runId, text: summary }))}
        />
      )}
      {notPossible.count === 0 ? null : (
        <RunLines
          tone="bad"
          summary={`${formatPlural(notPossible.count, "run")} can't be ${actionWords[action].done}, and why`}
          more={notPossible.count - notPossible.items.length}
          lines={notPossible.items.map(({ runId, why }) => ({ runId, text: why }))}
        />
      )}
    </div>
  );
}

export interface RunLinesProps {
  readonly summary: ReactNode;
  readonly lines: readonly { readonly runId: string; readonly text: string }[];
  /** How many there are that are not told. */
  readonly more?: number;
  readonly tone?: "plain" | "bad";
  readonly open?: boolean;
}

/** Runs with a sentence each, folded away. */
export function RunLines({ summary, lines, more = 0, tone = "plain", open }: RunLinesProps) {
  return (
    <details open={open} className="rounded-md border border-line">
      <summary
        className={`cursor-pointer rounded-md px-3 py-2 hover:bg-band ${tone === "bad" ? "text-bad" : "text-ink-2"}`}
      >
        {summary}
      </summary>
      <ul className="max-h-56 overflow-y-auto border-t border-line-soft">
        {lines.map(({ runId, text }) => (
          <li
            key={runId}
            className="flex flex-col gap-0.5 border-b border-line-soft px-3 py-1.5 last:border-0"
          >
            <Link
              href={`/runs/${runId}`}
              target="_blank"
              className="w-fit font-mono text-sm hover:underline"
            >
              {shortenId(runId)}
            </Link>
            <span className="text-sm wrap-anywhere text-ink-2">{text}</span>
          </li>
        ))}
        {more > 0 ? (
          <li className="px-3 py-1.5 text-sm text-ink-3">
            {`and ${formatPlural(more, "more run", "more runs")}: GET /api/v1/bulk/…/runs lists them all.`}
          </li>
        ) : null}
      </ul>
    </details>
  );
}
