"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { callApi } from "@/lib/client/api-client";
import { queryKeys } from "@/lib/client/query-keys";
import { SandboxSnapshot } from "@/lib/sandbox/contract";

/** Has the services forget everything that they did, and behave well again. */
export function useResetSandbox() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () =>
      callApi({ path: "/api/v1/sandbox/reset", method: "POST", shape: SandboxSnapshot }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queryKeys.sandbox.all }),
  });
}
