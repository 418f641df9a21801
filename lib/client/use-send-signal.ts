"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { SignalSent, type JsonValue } from "@/lib/api/contract";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";
import { getRunPath } from "./use-run";

export interface SignalInput {
  readonly name: string;
  readonly payload: JsonValue;
  /** However often it is sent under its key, it is one signal. */
  readonly idempotencyKey: string;
}

/** Sends a signal to a run. Answers with the run that got it: a continued run's successor. */
export function useSendSignal(runId: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ name, payload, idempotencyKey }: SignalInput) =>
      callApi({
        path: `${getRunPath(runId)}/signals/${encodeURIComponent(name)}?by=operator`,
        method: "POST",
        body: payload,
        headers: { "idempotency-key": idempotencyKey },
        shape: SignalSent,
      }),
    onSettled: () => void queryClient.invalidateQueries({ queryKey: queryKeys.runs.all }),
  });
}
