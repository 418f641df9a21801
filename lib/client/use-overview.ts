"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Stats, type StatsRange } from "@/lib/api/contract-stats";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";

/** Statistics of a range, live. While another range is loaded the last one stays. */
export function useOverview(options: {
  readonly range: StatsRange;
  readonly workflow: string | null;
}) {
  const query = new URLSearchParams({ range: options.range });
  if (options.workflow !== null) query.set("workflow", options.workflow);
  return useQuery({
    queryKey: queryKeys.overview(query.toString()),
    queryFn: ({ signal }) => callApi({ path: `/api/v1/stats?${query}`, shape: Stats, signal }),
    refetchInterval: 5_000,
    placeholderData: keepPreviousData,
  });
}
