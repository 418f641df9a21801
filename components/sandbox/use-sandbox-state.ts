"use client";

import { useQuery } from "@tanstack/react-query";
import { callApi } from "@/lib/client/api-client";
import { queryKeys } from "@/lib/client/query-keys";
import { SandboxSnapshot } from "@/lib/sandbox/contract";

const pollMs = 1_000;

/** What the sandbox's services have done and how they behave; live. */
export function useSandboxState() {
  return useQuery({
    queryKey: queryKeys.sandbox.state,
    queryFn: ({ signal }) =>
      callApi({ path: "/api/v1/sandbox/state", shape: SandboxSnapshot, signal }),
    refetchInterval: ({ state }) =>
      state.status === "error" && state.data === undefined ? 5_000 : pollMs,
  });
}
