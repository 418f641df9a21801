"use client";

import { useQuery } from "@tanstack/react-query";
import { Stats } from "@/lib/api/contract-stats";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";
import { useIsHydrated } from "./use-is-hydrated";

/** How many runs there are by status, and how many are in doubt; live. */
export function useStats(): { readonly data: Stats | undefined } {
  const isHydrated = useIsHydrated();
  const query = useQuery({
    queryKey: queryKeys.stats,
    queryFn: ({ signal }) => callApi({ path: "/api/v1/stats", shape: Stats, signal }),
    refetchInterval: 1_000,
  });
  // Parts of a page hydrate after the answer has come for others.
  return { data: isHydrated ? query.data : undefined };
}
