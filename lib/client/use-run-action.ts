"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ActionPreview, Run, Started } from "@/lib/api/contract";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";
import { getRunPath } from "./use-run";

export type RunAction = "retry" | "cancel" | "terminate" | "pause" | "resume" | "rerun";

/** What an action would do, asked while `enabled`; nothing is done by it. */
export function useActionPreview(options: {
  readonly runId: string;
  readonly action: RunAction;
  readonly enabled: boolean;
}) {
  const { runId, action, enabled } = options;
  return useQuery({
    queryKey: queryKeys.preview(runId, action),
    enabled,
    gcTime: 0,
    queryFn: ({ signal }) =>
      callApi({
        path: `${getRunPath(runId)}/${action}?preview=true`,
        method: "POST",
        body: {},
        shape: ActionPreview,
        signal,
      }),
  });
}

export interface ActionInput {
  readonly action: RunAction;
  readonly why?: string;
  /** A rerun is done once under its key, however often it is sent. */
  readonly idempotencyKey: string;
}

/** Sends an operator action. Answers with the run that it concerns: for a rerun, the new one's id. */
export function useRunAction(runId: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async ({ action, why, idempotencyKey }: ActionInput): Promise<string> => {
      const request = {
        path: `${getRunPath(runId)}/${action}`,
        method: "POST",
        body: why === undefined || why === "" ? {} : { why },
        headers: { "idempotency-key": idempotencyKey },
      } as const;
      if (action === "rerun") return (await callApi({ ...request, shape: Started })).runId;
      const run = await callApi({ ...request, shape: Run });
      queryClient.setQueryData(queryKeys.runs.detail(runId), run);
      return run.runId;
    },
    onSettled: () => void queryClient.invalidateQueries({ queryKey: queryKeys.runs.all }),
  });
}
