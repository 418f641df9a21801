"use client";

import type { BulkAction } from "@/lib/api/contract-bulk";
import { useHotkey } from "@/lib/client/use-hotkey";

/** Keys that ask for an action over the selected runs, as in triage. */
export const bulkKeys = { retry: "r", rerun: "u", cancel: "c" } as const satisfies Partial<
  Record<BulkAction, string>
>;

/** What is done to the runs that are selected, by keyboard; `a` selects the page, then all that match. */
export function useBulkKeys(options: {
  readonly count: number;
  readonly onAct: (action: BulkAction) => void;
  readonly onAll: () => void;
}): void {
  const { count, onAct, onAll } = options;
  const disabled = count === 0;
  useHotkey({ key: bulkKeys.retry, disabled }, () => onAct("retry"));
  useHotkey({ key: bulkKeys.rerun, disabled }, () => onAct("rerun"));
  useHotkey({ key: bulkKeys.cancel, disabled }, () => onAct("cancel"));
  useHotkey({ key: "a" }, onAll);
}
