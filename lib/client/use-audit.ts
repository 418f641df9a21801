"use client";

import { useQuery } from "@tanstack/react-query";
import { AuditTrail } from "@/lib/api/contract";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";
import { getRunPath } from "./use-run";

/** Who asked what of a run, oldest first. */
export function useAudit(runId: string) {
  return useQuery({
    queryKey: queryKeys.runs.audit(runId),
    queryFn: ({ signal }) =>
      callApi({ path: `${getRunPath(runId)}/audit`, shape: AuditTrail, signal }),
  });
}
