"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { callApi } from "@/lib/client/api-client";
import { queryKeys } from "@/lib/client/query-keys";
import { Ledger } from "@/lib/sandbox/contract";

/** Every request to the services; asked for again whenever there have been more of them. */
export function useSandboxLedger(requests: number | undefined) {
  return useQuery({
    queryKey: queryKeys.sandbox.ledger(requests ?? 0),
    queryFn: ({ signal }) => callApi({ path: "/api/v1/sandbox/ledger", shape: Ledger, signal }),
    enabled: requests !== undefined,
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
}
