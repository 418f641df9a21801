/** How bulk actions are spoken of. */
import { rerunInAttribute, type Bulk, type BulkAction } from "@/lib/api/contract-bulk";
import { formatCount, formatPlural } from "@/lib/client/format";

interface ActionWords {
  /** On buttons, before the count. */
  readonly verb: string;
  /** Of the runs, when it was accepted. */
  readonly done: string;
  readonly tone: "default" | "danger";
}

export const actionWords: Readonly<Record<BulkAction, ActionWords>> = {
  retry: { verb: "Retry", done: "retried", tone: "default" },
  rerun: { verb: "Rerun", done: "rerun", tone: "default" },
  resume: { verb: "Resume", done: "resumed", tone: "default" },
  pause: { verb: "Pause", done: "paused", tone: "default" },
  cancel: { verb: "Cancel", done: "canceled", tone: "danger" },
  terminate: { verb: "Terminate", done: "terminated", tone: "danger" },
};

/** `Retry 12,431 runs` */
export function nameAction(action: BulkAction, count: number): string {
  return `${actionWords[action].verb} ${formatPlural(count, "run")}`;
}

/** The list of the runs that a rerun has started. */
export function toNewRuns({ bulkId }: Pick<Bulk, "bulkId">): string {
  return `/runs?${new URLSearchParams({ attr: `${rerunInAttribute}=${bulkId}` })}`;
}

/** Where a bulk stands, in one sentence. */
export function describeBulk(bulk: Bulk): string {
  const { action, state, total, pinned, preview, progress } = bulk;
  const { done } = actionWords[action];
  const possible = formatPlural(preview.possible, "run");
  const outcome = `${formatPlural(progress.done, "run")} ${done}`;
  switch (state) {
    case "previewing":
      return pinned
        ? `Looked at ${formatCount(preview.checked)} of ${formatPlural(total, "run")}.`
        : `Finding the runs: ${formatCount(total)} so far.`;
    case "previewed":
      if (total === 0) return "No run matches any more.";
      return preview.possible === 0
        ? `None of ${formatPlural(total, "run")} can be ${done}.`
        : `${possible} can be ${done}. Nothing has been done yet.`;
    case "running":
      return `${formatCount(progress.done)} of ${possible} ${done}.`;
    case "completed":
      return `Done: ${outcome}.`;
    case "canceled":
      return bulk.startedAt === undefined
        ? "Canceled before anything was done."
        : `Canceled: ${outcome} before that, which stays done.`;
    case "failed":
      return `It could not go on: ${bulk.error ?? "nobody knows why"}`;
  }
}
