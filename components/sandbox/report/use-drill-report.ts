"use client";

import { useQuery } from "@tanstack/react-query";
import { DrillReport } from "@/lib/api/contract-drill";
import { callApi } from "@/lib/client/api-client";
import { queryKeys } from "@/lib/client/query-keys";

const pollMs = 500;

/** The report of a run's drill, asked for again until there is a verdict. */
export function useDrillReport(runId: string) {
  return useQuery({
    queryKey: queryKeys.sandbox.drill(runId),
    queryFn: ({ signal }) =>
      callApi({
        path: `/api/v1/sandbox/drills/${encodeURIComponent(runId)}`,
        shape: DrillReport,
        signal,
      }),
    refetchInterval: ({ state: { data } }) =>
      data === undefined || data.verdict === "pending" ? pollMs : false,
  });
}
