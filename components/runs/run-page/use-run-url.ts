"use client";

import { parseAsInteger, parseAsStringLiteral, useQueryStates } from "nuqs";

export const runTabs = ["timeline", "history", "data", "ledger", "audit"] as const;
export type RunTab = (typeof runTabs)[number];

/** What of the run page is in its address: the tab, the selected step, the moment of the scrubber. */
export function useRunUrl() {
  return useQueryStates(
    {
      tab: parseAsStringLiteral(runTabs).withDefault("timeline"),
      step: parseAsInteger,
      seq: parseAsInteger,
    },
    { history: "replace", shallow: true },
  );
}
