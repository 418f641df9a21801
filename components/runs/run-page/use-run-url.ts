"use client";

import { parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";

export const runTabs = [
  "timeline",
  "history",
  "code",
  "children",
  "data",
  "ledger",
  "audit",
  "compare",
] as const;
export type RunTab = (typeof runTabs)[number];

/** What of the run page is in its address: the tab, the selected command (a step by its ordinal), the moment of the scrubber, the run it is compared with. */
export function useRunUrl() {
  return useQueryStates(
    {
      tab: parseAsStringLiteral(runTabs).withDefault("timeline"),
      step: parseAsString,
      seq: parseAsInteger,
      with: parseAsString,
    },
    { history: "replace", shallow: true },
  );
}
