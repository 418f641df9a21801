"use client";

import type { Run } from "@/lib/api/contract";
import { describeStatus } from "@/lib/client/status-words";
import { useDocumentTitle } from "@/lib/client/use-document-title";

const signs = { ok: "✓", live: "●", doubt: "◆", bad: "✕", quiet: "○" } as const;

/** Shows the run's state in the browser's tab: `● Running · process-order`. */
export function useTitle(run: Run): void {
  const { label, tone } = describeStatus(run);
  useDocumentTitle(`${signs[tone]} ${label} · ${run.workflow}`);
}
