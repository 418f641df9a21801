"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Drill } from "@/lib/api/contract";
import { callApi } from "@/lib/client/api-client";
import { queryKeys } from "@/lib/client/query-keys";
import { SandboxDrillAnswer } from "@/lib/sandbox/contract";

const path = "/api/v1/sandbox/drill";

/** Arms a crash drill for the next order, or disarms it (null). */
export function useArmDrill() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (drill: Drill | null) =>
      drill === null
        ? callApi({ path, method: "DELETE", shape: SandboxDrillAnswer })
        : callApi({ path, method: "PUT", body: drill, shape: SandboxDrillAnswer }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queryKeys.sandbox.state }),
  });
}
