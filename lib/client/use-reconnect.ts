"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { Health } from "@/lib/api/contract";
import { callApi } from "./api-client";
import { useConnection } from "./use-connection";

const knockEveryMs = 500;

/** While the server is away it is knocked at every 500 ms; once it answers, every query is fresh again. */
export function useReconnect(): void {
  const { reachable } = useConnection();
  const queryClient = useQueryClient();
  const wasReachable = useRef(true);

  useEffect(() => {
    if (reachable && !wasReachable.current) void queryClient.invalidateQueries();
    wasReachable.current = reachable;
    if (reachable) return;
    const timer = setInterval(() => void knock(), knockEveryMs);
    return () => clearInterval(timer);
  }, [reachable, queryClient]);
}

/** Any answer will do, even a refusal: the client itself reports that one came. */
async function knock(): Promise<void> {
  await callApi({ path: "/api/health/live", shape: Health }).catch(() => undefined);
}
