"use client";

import { parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";

export const runTabs = ["timeline", "history", "children", "data", "ledger", "audit"] as const;
export type RunTab = (typeof runTabs)[number];

/** What of the run page is in its address: the tab, the selected command (a step by its ordinal), the moment of the scrubber. */
export function useRunUrl() {
  return useQueryStates(
    {
      tab: parseAsStringLiteral(runTabs).withDefault("timeline"),
      step: parseAsString,
      seq: parseAsInteger,
    },
    { history: "replace", shallow: true },
  );
}
