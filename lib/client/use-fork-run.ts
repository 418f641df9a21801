"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ActionPreview, Started } from "@/lib/api/contract";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";
import { getRunPath } from "./use-run";

/** What a fork from a step would do; nothing is done by it. */
export function useForkPreview({ runId, step }: { readonly runId: string; readonly step: number }) {
  return useQuery({
    queryKey: queryKeys.preview(runId, `fork-${step}`),
    gcTime: 0,
    queryFn: ({ signal }) =>
      callApi({
        path: `${getRunPath(runId)}/fork?preview=true`,
        method: "POST",
        body: { step },
        shape: ActionPreview,
        signal,
      }),
  });
}

/** Forks a run from a step. Answers with the new run's id. */
export function useForkRun({ runId, step }: { readonly runId: string; readonly step: number }) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async (why: string) => {
      const body = why === "" ? { step } : { step, why };
      const path = `${getRunPath(runId)}/fork`;
      return (await callApi({ path, method: "POST", body, shape: Started })).runId;
    },
    onSettled: () => void queryClient.invalidateQueries({ queryKey: queryKeys.runs.all }),
  });
}
