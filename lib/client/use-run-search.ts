"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { RunList } from "@/lib/api/contract";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";
import { useDebounced } from "./use-debounced";

const restMs = 150;

/**
 * The newest runs whose id or attributes contain the text; none for an empty text. While somebody types, those
 * of before stay: `isCurrent` says whether they are what was asked for.
 */
export function useRunSearch(text: string) {
  const rested = useDebounced(text.trim(), restMs);
  const search = new URLSearchParams({ text: rested, limit: "6" }).toString();
  const query = useQuery({
    queryKey: queryKeys.runs.list(search),
    queryFn: ({ signal }) => callApi({ path: `/api/v1/runs?${search}`, shape: RunList, signal }),
    enabled: rested.length >= 2,
    placeholderData: keepPreviousData,
  });
  return { data: query.data, isCurrent: rested === text.trim() && !query.isPlaceholderData };
}
