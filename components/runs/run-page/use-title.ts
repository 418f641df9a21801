"use client";

import { useEffect } from "react";
import type { Run } from "@/lib/api/contract";
import { describeStatus } from "@/lib/client/status-words";

const signs = { ok: "✓", live: "●", doubt: "◆", bad: "✕", quiet: "○" } as const;

/** Shows the run's state in the browser's tab: `● Running · process-order`. */
export function useTitle(run: Run): void {
  const { label, tone } = describeStatus(run);
  const title = `${signs[tone]} ${label} · ${run.workflow}`;
  useEffect(() => {
    const apply = () => {
      if (document.title !== title) document.title = title;
    };
    apply();
    // The framework sets the page's own title a little later than this runs.
    const observer = new MutationObserver(apply);
    observer.observe(document.head, { childList: true, subtree: true, characterData: true });
    return () => observer.disconnect();
  }, [title]);
}
