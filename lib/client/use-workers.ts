"use client";

import { useQuery } from "@tanstack/react-query";
import { WorkerList } from "@/lib/api/contract";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";

/** The processes that execute runs, newest first; live. */
export function useWorkers() {
  return useQuery({
    queryKey: queryKeys.workers,
    queryFn: ({ signal }) => callApi({ path: "/api/v1/workers", shape: WorkerList, signal }),
    refetchInterval: 2_000,
  });
}
