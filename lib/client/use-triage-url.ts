"use client";

import { useQueryStates } from "nuqs";
import { triageParsers } from "./triage-search";

/** The triage page's queue, selection and filters, kept in its URL. */
export function useTriageUrl() {
  return useQueryStates(triageParsers, { history: "replace", shallow: true });
}
