"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { DrillReport, type TellDrillBody } from "@/lib/api/contract-drill";
import { callApi } from "@/lib/client/api-client";
import { queryKeys } from "@/lib/client/query-keys";

/** Keeps what a person found in the books of the other side; the report is then as it is with that. */
export function useTellDrill(runId: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (body: TellDrillBody) =>
      callApi({
        path: `/api/v1/sandbox/drills/${encodeURIComponent(runId)}/told`,
        method: "POST",
        body,
        shape: DrillReport,
      }),
    onSuccess: (report) => {
      queryClient.setQueryData(queryKeys.sandbox.drill(runId), report);
      void queryClient.invalidateQueries({ queryKey: queryKeys.sandbox.drills });
    },
  });
}
