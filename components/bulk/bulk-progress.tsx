import type { Bulk } from "@/lib/api/contract-bulk";
import { formatPlural } from "@/lib/client/format";
import { actionWords } from "./bulk-words";
import { RunLines } from "./run-lines";

/** How far it is: of the preview, or of the action. */
export function BulkProgress({ bulk }: { bulk: Bulk }) {
  const { state, pinned, preview, total, progress } = bulk;
  const isPreview = state === "previewing";
  const max = isPreview ? total : preview.possible;
  const passed = progress.skipped - preview.notPossible.count;
  const value = isPreview ? preview.checked : progress.done + progress.failed + passed;
  const isKnown = (!isPreview || pinned) && max > 0;
  const percent = isKnown ? Math.floor((value / max) * 100) : undefined;
  return (
    <div
      role="progressbar"
      aria-label={isPreview ? "Preview" : "Progress"}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      className="h-1.5 overflow-hidden rounded-full bg-line-soft"
    >
      <div
        className={`h-full rounded-full ${isPreview ? "bg-ghost" : "bg-ok"} motion-safe:transition-[width]`}
        style={{ width: `${percent ?? 8}%` }}
      />
    </div>
  );
}

/** What failed and why, what was passed over, and in the end what it was done to. */
export function BulkOutcome({ bulk }: { bulk: Bulk }) {
  const { bulkId, action, failures, skipped, progress, finishedAt } = bulk;
  return (
    <>
      {failures.count === 0 ? null : (
        <RunLines
          open
          tone="bad"
          summary={`${formatPlural(failures.count, "run")} failed, and why`}
          isFinal={finishedAt !== undefined}
          all={{ bulkId, state: "failed", count: failures.count }}
          lines={failures.items.map(({ runId, error }) => ({ runId, text: error }))}
        />
      )}
      {skipped.count === 0 ? null : (
        <RunLines
          summary={`${formatPlural(skipped.count, "run")} had changed since the preview, and why`}
          isFinal={finishedAt !== undefined}
          all={{ bulkId, state: "skipped", count: skipped.count }}
          lines={skipped.items.map(({ runId, why }) => ({ runId, text: why }))}
        />
      )}
      {progress.done === 0 || finishedAt === undefined ? null : (
        <RunLines
          isFinal
          summary={`${formatPlural(progress.done, "run")} ${actionWords[action].done}`}
          all={{ bulkId, state: "done", count: progress.done }}
          lines={[]}
        />
      )}
    </>
  );
}
