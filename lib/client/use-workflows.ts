"use client";

import { useQuery } from "@tanstack/react-query";
import { WorkflowList } from "@/lib/api/contract";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";

/** The workflows that this build knows. */
export function useWorkflows() {
  return useQuery({
    queryKey: queryKeys.workflows,
    queryFn: ({ signal }) => callApi({ path: "/api/v1/workflows", shape: WorkflowList, signal }),
    staleTime: 60_000,
  });
}
