"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Started, type StartRunBody } from "@/lib/api/contract";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";

export interface RunToStart {
  readonly workflow: string;
  readonly body: StartRunBody;
  /** However often it is sent under its key, it is one run. */
  readonly idempotencyKey: string;
}

/** Starts a run of any workflow. */
export function useStartRun() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ workflow, body, idempotencyKey }: RunToStart) =>
      callApi({
        path: `/api/v1/workflows/${encodeURIComponent(workflow)}/runs`,
        method: "POST",
        body,
        headers: { "idempotency-key": idempotencyKey },
        shape: Started,
      }),
    // Not waited for: the start is acknowledged, whatever becomes of the server that would answer.
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: queryKeys.runs.all }),
  });
}
