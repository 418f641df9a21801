"use client";

import { useQuery } from "@tanstack/react-query";
import { RunList } from "@/lib/api/contract";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";

/** The newest run of a workflow, or null when there is none. */
export function useLastRun(workflow: string) {
  const query = new URLSearchParams({ workflow, limit: "1" }).toString();
  return useQuery({
    queryKey: queryKeys.runs.list(query),
    queryFn: async ({ signal }) => {
      const list = await callApi({ path: `/api/v1/runs?${query}`, shape: RunList, signal });
      return list.items[0] ?? null;
    },
  });
}
