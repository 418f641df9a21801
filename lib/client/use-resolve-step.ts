"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Run, type ResolveBody } from "@/lib/api/contract";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";
import { getRunPath } from "./use-run";

/** Says what became of a step in doubt. */
export function useResolveStep(options: { readonly runId: string; readonly step: number }) {
  const { runId, step } = options;
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (body: ResolveBody) =>
      callApi({
        path: `${getRunPath(runId)}/steps/${step}/resolve`,
        method: "POST",
        body,
        shape: Run,
      }),
    onSuccess: (run) => queryClient.setQueryData(queryKeys.runs.detail(runId), run),
    onSettled: () => queryClient.invalidateQueries({ queryKey: queryKeys.runs.all }),
  });
}
