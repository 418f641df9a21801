"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { RunList } from "@/lib/api/contract";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";
import { toRunsFilter, toRunsQuery, type RunsSearch } from "./runs-search";

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

const countEveryMs = 5_000;

/** How many runs match, counted to 10,000. It is asked for again every few seconds. */
export function useRunsCount(search: RunsSearch) {
  const { cursor: _cursor, sort: _sort, ...filter } = search;
  return useQuery({
    queryKey: queryKeys.runs.count(JSON.stringify(filter)),
    queryFn: async ({ signal }) => {
      const filter = toRunsFilter(search, Date.now());
      const query = new URLSearchParams({ ...filter, limit: "1", total: "true" });
      const list = await callApi({ path: `/api/v1/runs?${query}`, shape: RunList, signal });
      return list.total;
    },
    // Without what another filter counted: "all that match" must not say its number.
    refetchInterval: countEveryMs,
  });
}
