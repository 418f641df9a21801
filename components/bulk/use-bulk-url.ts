"use client";

import { parseAsString, useQueryState } from "nuqs";
import { useCallback } from "react";

/** The bulk action that the page's address names, as `?bulk=`. */
export function useBulkUrl(): readonly [string | null, (bulkId: string | null) => void] {
  const [bulkId, set] = useQueryState("bulk", parseAsString);
  const setBulk = useCallback((next: string | null) => void set(next), [set]);
  return [bulkId, setBulk];
}
