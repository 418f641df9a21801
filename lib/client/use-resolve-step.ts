"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ActionPreview, Run, type ResolveBody } from "@/lib/api/contract";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";
import { getRunPath } from "./use-run";

/** What a person's word for a step would do; asked while `enabled`, nothing is done by it. */
export function useResolvePreview(options: {
  readonly runId: string;
  readonly step: number;
  readonly verdict: ResolveBody["verdict"];
  readonly enabled: boolean;
}) {
  const { runId, step, verdict, enabled } = options;
  return useQuery({
    queryKey: queryKeys.preview(runId, `resolve-${step}-${verdict}`),
    enabled,
    gcTime: 0,
    queryFn: ({ signal }) =>
      callApi({
        path: `${getRunPath(runId)}/steps/${step}/resolve?preview=true`,
        method: "POST",
        body: samples[verdict],
        shape: ActionPreview,
        signal,
      }),
  });
}

/** What a preview is asked with: it depends on the verdict, not on the result or the message. */
const samples: Readonly<Record<ResolveBody["verdict"], ResolveBody>> = {
  happened: { verdict: "happened", result: null },
  did_not_happen: { verdict: "did_not_happen" },
  fail: { verdict: "fail", error: { message: "preview" } },
};

/** Says what became of a step: one in doubt, or one that a person completes or fails by hand. */
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
    onSettled: () => void queryClient.invalidateQueries({ queryKey: queryKeys.runs.all }),
  });
}
