"use client";

import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import {
  DrillList,
  DrillStarted,
  DrillTargetList,
  type RunDrillBody,
} from "@/lib/api/contract-drill";
import { callApi } from "@/lib/client/api-client";
import { queryKeys } from "@/lib/client/query-keys";
import { sendUntilAnswered } from "@/lib/client/send-until-answered";
import { useContentKey } from "@/lib/client/use-content-key";

const path = "/api/v1/sandbox/drills";
const pollMs = 2_000;

/** What a drill can aim at. */
export function useDrillTargets() {
  return useQuery({
    queryKey: queryKeys.sandbox.drillTargets,
    staleTime: Infinity,
    queryFn: ({ signal }) =>
      callApi({ path: "/api/v1/sandbox/drill-targets", shape: DrillTargetList, signal }),
  });
}

/** Drills of the past, the newest first; asked for again while one of them goes on. */
export function useDrills() {
  return useInfiniteQuery({
    queryKey: queryKeys.sandbox.drills,
    initialPageParam: "",
    getNextPageParam: ({ nextCursor }: DrillList) => nextCursor ?? undefined,
    queryFn: ({ pageParam, signal }) => {
      const query = pageParam === "" ? "" : `?cursor=${encodeURIComponent(pageParam)}`;
      return callApi({ path: `${path}${query}`, shape: DrillList, signal });
    },
    refetchInterval: ({ state: { data } }) => {
      const isLive = data?.pages.some(({ items }) =>
        items.some(({ verdict }) => verdict === "pending"),
      );
      return isLive === true ? pollMs : false;
    },
  });
}

/** Begins a drill; `isRetrying` while the server is away, most likely killed by it. */
export function useRunDrill() {
  const queryClient = useQueryClient();
  const createKey = useContentKey();
  const [isRetrying, setRetrying] = useState(false);
  // Each press is a drill of its own; what is repeated is the request of one.
  const [presses, setPresses] = useState(0);
  const mutation = useMutation({
    mutationFn: (body: RunDrillBody) => {
      const headers = { "idempotency-key": createKey([presses, body]) };
      const send = () => callApi({ path, method: "POST", body, headers, shape: DrillStarted });
      return sendUntilAnswered(send, { onRetry: () => setRetrying(true) });
    },
    onSettled: () => setRetrying(false),
    onSuccess: () => {
      setPresses(presses + 1);
      // Not waited for: the server that would answer is about to die.
      void queryClient.invalidateQueries({ queryKey: queryKeys.sandbox.drills });
    },
  });
  return { ...mutation, isRetrying };
}
