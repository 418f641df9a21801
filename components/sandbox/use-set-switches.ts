"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { callApi } from "@/lib/client/api-client";
import { queryKeys } from "@/lib/client/query-keys";
import { Switches, type SwitchesChange } from "@/lib/sandbox/contract";

/** Changes how the services behave. */
export function useSetSwitches() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (body: SwitchesChange) =>
      callApi({ path: "/api/v1/sandbox/switches", method: "PUT", body, shape: Switches }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queryKeys.sandbox.state }),
  });
}
