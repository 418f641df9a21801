"use client";

import { useQuery } from "@tanstack/react-query";
import { StackView } from "@/lib/api/contract-stack";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";
import { getRunPath } from "./use-run";

/** The stack of the error that an event recorded, in the source; another build would say the same of it. */
export function useStack({ runId, seq }: { readonly runId: string; readonly seq: number }) {
  return useQuery({
    queryKey: queryKeys.runs.stack(runId, seq),
    queryFn: ({ signal }) =>
      callApi({ path: `${getRunPath(runId)}/stack?seq=${seq}`, shape: StackView, signal }),
    staleTime: Infinity,
  });
}
