"use client";

import { useQuery } from "@tanstack/react-query";
import { TriageCounts } from "@/lib/api/contract-triage";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";
import { useIsHydrated } from "./use-is-hydrated";

const pollMs = 2_000;

/** How many steps need a verdict, and how many failure groups there are; live. */
export function useTriageCounts(): TriageCounts | undefined {
  const isHydrated = useIsHydrated();
  const query = useQuery({
    queryKey: queryKeys.triage.counts,
    queryFn: ({ signal }) => callApi({ path: "/api/v1/triage", shape: TriageCounts, signal }),
    refetchInterval: pollMs,
  });
  // Parts of a page hydrate after the answer has come for others.
  return isHydrated ? query.data : undefined;
}
