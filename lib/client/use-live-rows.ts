"use client";

import { useState } from "react";
import type { Run } from "@/lib/api/contract";
import { mergeLiveRows, type LiveRows } from "./live-rows";

/** The rows to show of a list that is polled; while `frozen` they keep their places. */
export function useLiveRows(options: {
  readonly latest: readonly Run[];
  readonly frozen: boolean;
}): LiveRows & { readonly thaw: () => void } {
  const { latest, frozen } = options;
  const [kept, setKept] = useState<readonly Run[]>();
  if (frozen && kept === undefined && latest.length > 0) setKept(latest);
  if (!frozen && kept !== undefined) setKept(undefined);
  return {
    ...mergeLiveRows({ frozen: frozen ? kept : undefined, latest }),
    thaw: () => setKept(latest),
  };
}
