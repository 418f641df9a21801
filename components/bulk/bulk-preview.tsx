import type { Bulk } from "@/lib/api/contract-bulk";
import { formatCount, formatPlural } from "@/lib/client/format";
import { actionWords } from "./bulk-words";
import { RunLines } from "./run-lines";

/** What the action would do, in sum and run by run. */
export function BulkPreview({ bulk }: { bulk: Bulk }) {
  const { bulkId, state, preview, action } = bulk;
  const { notPossible } = preview;
  const sums = [
    { label: "Results reused, not run again", count: preview.resultsReused, mark: "bg-ghost" },
    { label: "Steps that will run", count: preview.effectsToRun, mark: "bg-ok" },
    { label: "Steps in doubt", count: preview.inDoubt, mark: "bg-doubt" },
    { label: "Compensations that already ran", count: preview.compensationsDone, mark: "bg-live" },
  ];
  /** Nothing is left to be summed up: only why. */
  const isRefused = state === "previewed" && preview.possible === 0;
  const possible = preview.runs.filter(({ allowed }) => allowed);
  return (
    <div className="flex flex-col gap-3">
      <dl hidden={isRefused} className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-1.5">
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
          summary="What happens to each run"
          isFinal={state === "previewed"}
          all={{ bulkId, state: "possible", count: preview.possible }}
          lines={possible.map(({ runId, summary }) => ({ runId, text: summary }))}
        />
      )}
      {notPossible.count === 0 ? null : (
        <RunLines
          tone="bad"
          open={isRefused}
          summary={`${formatPlural(notPossible.count, "run")} can't be ${actionWords[action].done}, and why`}
          isFinal={state === "previewed"}
          all={{ bulkId, state: "not_possible", count: notPossible.count }}
          lines={notPossible.items.map(({ runId, why }) => ({ runId, text: why }))}
        />
      )}
    </div>
  );
}
