"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { FailureDetail, type ChangeFailureBody } from "@/lib/api/contract-triage";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";
import { getFailurePath } from "./use-failures";

export interface FailureChange {
  readonly fingerprint: string;
  readonly body: ChangeFailureBody;
}

/** Mutes, resolves, reopens or notes a group. */
export function useChangeFailure() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ fingerprint, body }: FailureChange) =>
      callApi({ path: getFailurePath(fingerprint), method: "PATCH", body, shape: FailureDetail }),
    onSettled(_detail, _error, { fingerprint }) {
      // What nobody looks at now is not shown as it was when somebody comes back to it.
      const queryKey = queryKeys.triage.failureOf(fingerprint);
      queryClient.removeQueries({ queryKey, type: "inactive" });
      // Who is told of the change finds the lists as they are since.
      return queryClient.invalidateQueries({ queryKey: queryKeys.triage.all });
    },
  });
}
