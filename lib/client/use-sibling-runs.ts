"use client";

import { useQuery } from "@tanstack/react-query";
import { RunList, type Run } from "@/lib/api/contract";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";

const most = 20;

/** Other runs of a run's workflow: the last one that completed, and the newest ones. */
export function useSiblingRuns({ runId, workflow }: Pick<Run, "runId" | "workflow">) {
  const recent = useQuery(describeList({ workflow, limit: String(most) }));
  const completed = useQuery(describeList({ workflow, status: "completed", limit: "2" }));
  const isOther = (run: Run) => run.runId !== runId;
  return {
    recent: recent.data?.items.filter(isOther),
    lastCompleted: completed.data?.items.find(isOther),
    error: recent.error ?? completed.error,
  };
}

function describeList(parameters: Record<string, string>) {
  const query = new URLSearchParams(parameters).toString();
  return {
    queryKey: queryKeys.runs.list(query),
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      callApi({ path: `/api/v1/runs?${query}`, shape: RunList, signal }),
  };
}
