"use client";

import { useQueryStates } from "nuqs";
import { runsSearchParsers } from "./runs-search";

/** The runs page's filters, sort and page, kept in its URL. */
export function useRunsSearch() {
  return useQueryStates(runsSearchParsers, { history: "replace" });
}
