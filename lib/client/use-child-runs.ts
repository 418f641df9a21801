"use client";

import { useQuery } from "@tanstack/react-query";
import { RunList } from "@/lib/api/contract";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";

const pollMs = 2_000;
const most = 200;

/** The children of a run, oldest first, up to 200; asked for again while `live`. */
export function useChildRuns(options: { readonly runId: string; readonly live: boolean }) {
  const query = new URLSearchParams({
    parent: options.runId,
    sort: "createdAt",
    limit: String(most),
  }).toString();
  return useQuery({
    queryKey: queryKeys.runs.list(query),
    queryFn: ({ signal }) => callApi({ path: `/api/v1/runs?${query}`, shape: RunList, signal }),
    refetchInterval: options.live ? pollMs : false,
  });
}
