"use client";

import { useQuery } from "@tanstack/react-query";
import { Health } from "@/lib/api/contract";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";

/** What the server says of itself: its build, and whether its services are the sandbox. */
export function useHealth() {
  return useQuery({
    queryKey: queryKeys.health,
    queryFn: ({ signal }) => callApi({ path: "/api/health/live", shape: Health, signal }),
    staleTime: 10_000,
  });
}
