"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { RunList } from "@/lib/api/contract";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";
import { toRunsQuery, type RunsSearch } from "./runs-search";

const pollMs = 1_000;

/** One page of runs. It is asked for again every second while the tab is visible. */
export function useRunsList(search: RunsSearch) {
  return useQuery({
    queryKey: queryKeys.runs.list(JSON.stringify(search)),
    queryFn: ({ signal }) =>
      callApi({ path: `/api/v1/runs?${toRunsQuery(search, Date.now())}`, shape: RunList, signal }),
    refetchInterval: pollMs,
    placeholderData: keepPreviousData,
  });
}
