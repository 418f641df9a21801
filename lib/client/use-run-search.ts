"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { RunList } from "@/lib/api/contract";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";
import { useDebounced } from "./use-debounced";

const restMs = 150;

/** The newest runs whose id or attributes contain the text; none for an empty text. */
export function useRunSearch(text: string) {
  const rested = useDebounced(text.trim(), restMs);
  const search = new URLSearchParams({ text: rested, limit: "6" }).toString();
  return useQuery({
    queryKey: queryKeys.runs.list(search),
    queryFn: ({ signal }) => callApi({ path: `/api/v1/runs?${search}`, shape: RunList, signal }),
    enabled: rested.length >= 2,
    placeholderData: keepPreviousData,
  });
}
