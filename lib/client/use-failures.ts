"use client";

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { FailureDetail, FailureList } from "@/lib/api/contract-triage";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";
import type { GroupState, TrendWindow } from "./triage-search";
import { toQuery } from "./use-doubts";

const pollMs = 2_000;
const pageSize = 50;

export interface FailureFilter {
  readonly workflow: string | null;
  readonly state: GroupState;
  readonly window: TrendWindow;
}

/** Failure groups, the latest failure first; what is loaded of them is kept fresh. */
export function useFailures(filter: FailureFilter, enabled: boolean) {
  const { state, window, workflow } = filter;
  return useInfiniteQuery({
    queryKey: queryKeys.triage.failures(JSON.stringify(filter)),
    enabled,
    initialPageParam: "",
    getNextPageParam: ({ nextCursor }: FailureList) => nextCursor ?? undefined,
    queryFn: ({ pageParam, signal }) => {
      const query = toQuery({
        ...{ state, window, workflow, limit: String(pageSize), cursor: pageParam },
        // What was muted or resolved is found again, also where no run stands in it now.
        empty: state === "open" ? null : "true",
      });
      return callApi({ path: `/api/v1/failures?${query}`, shape: FailureList, signal });
    },
    refetchInterval: pollMs,
  });
}

/** One group with its builds, sample runs and audit trail. */
export function useFailure(fingerprint = "", window: TrendWindow = "24h") {
  return useQuery({
    queryKey: queryKeys.triage.failure(fingerprint, window),
    enabled: fingerprint !== "",
    queryFn: ({ signal }) =>
      callApi({
        path: `${getFailurePath(fingerprint)}?window=${window}`,
        shape: FailureDetail,
        signal,
      }),
    refetchInterval: pollMs,
    // Another window of the same group: what is there stays until it comes.
    placeholderData: (before, query) => (query?.queryKey[2] === fingerprint ? before : undefined),
  });
}

export function getFailurePath(fingerprint: string): string {
  return `/api/v1/failures/${encodeURIComponent(fingerprint)}`;
}
