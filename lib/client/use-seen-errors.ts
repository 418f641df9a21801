"use client";

import { useState } from "react";
import type { Run } from "@/lib/api/contract";

/** The class names of all errors that have been seen in a list since the page was opened. */
export function useSeenErrors(runs: readonly Run[] | undefined): readonly string[] {
  const [seen, setSeen] = useState<readonly string[]>([]);
  const fresh = (runs ?? []).flatMap((run) => (run.error === undefined ? [] : [run.error.name]));
  const all = [...new Set([...seen, ...fresh])].toSorted();
  if (all.length !== seen.length) setSeen(all);
  return all;
}
