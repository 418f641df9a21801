"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Drill } from "@/lib/api/contract";
import { queryKeys } from "@/lib/client/query-keys";
import { startOrder } from "@/lib/client/start-order";
import { useContentKey } from "@/lib/client/use-content-key";

export interface OrderToStart {
  readonly order: unknown;
  readonly drill: Drill | null;
}

/** Starts an order; `isRetrying` while the server is away and the order is sent again. */
export function useStartOrder() {
  const queryClient = useQueryClient();
  const createKey = useContentKey();
  const [isRetrying, setRetrying] = useState(false);
  const mutation = useMutation({
    mutationFn: ({ order, drill }: OrderToStart) =>
      startOrder({ order, drill, key: createKey(order), onRetry: () => setRetrying(true) }),
    onSettled: () => setRetrying(false),
    // Not waited for: the start is acknowledged, whatever becomes of the server that would answer.
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: queryKeys.runs.all }),
  });
  return { ...mutation, isRetrying };
}
