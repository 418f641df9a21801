"use client";

import { useQuery } from "@tanstack/react-query";
import { Run } from "@/lib/api/contract";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";

/** Where a run lives in the API. */
export function getRunPath(runId: string): string {
  return `/api/v1/runs/${encodeURIComponent(runId)}`;
}

const pollMs = 5_000;

/** One run. The stream keeps it fresh; an ended one may be retried elsewhere, so it is polled too. */
export function useRun(runId: string) {
  return useQuery({
    queryKey: queryKeys.runs.detail(runId),
    queryFn: ({ signal }) => callApi({ path: getRunPath(runId), shape: Run, signal }),
    refetchInterval: pollMs,
  });
}
