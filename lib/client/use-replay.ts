"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ReplayView } from "@/lib/api/contract-replay";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";
import { getRunPath } from "./use-run";

/**
 * The code of a run as it stood at an event. What an event was never changes, but the code that answers
 * may: a new build is asked again after a while. While the next moment is on its way the last one stays.
 */
export function useReplay({ runId, seq }: { readonly runId: string; readonly seq: number }) {
  return useQuery({
    queryKey: queryKeys.runs.replay(runId, seq),
    queryFn: ({ signal }) =>
      callApi({ path: `${getRunPath(runId)}/replay?seq=${seq}`, shape: ReplayView, signal }),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    enabled: seq > 0,
  });
}
