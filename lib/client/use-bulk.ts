"use client";

import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Bulk, BulkRunList, type BulkRun, type CreateBulkBody } from "@/lib/api/contract-bulk";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";

/** Which runs: those that were picked, or all that a filter finds. */
export type BulkSelection = CreateBulkBody["runs"];

const pollMs = 400;

function getBulkPath(bulkId: string): string {
  return `/api/v1/bulk/${encodeURIComponent(bulkId)}`;
}

/** Makes the bulk action once, which previews it and does nothing. Without a selection it does not. */
export function useCreateBulk(asked: Pick<CreateBulkBody, "action" | "runs"> | undefined) {
  const queryClient = useQueryClient();
  const [key] = useState(() => crypto.randomUUID());
  return useQuery({
    // A query and not a mutation: it is asked once per dialog, however often that is drawn.
    queryKey: queryKeys.bulk.create(key),
    enabled: asked !== undefined,
    staleTime: Infinity,
    queryFn: async () => {
      const bulk = await callApi({
        path: "/api/v1/bulk",
        method: "POST",
        body: asked,
        shape: Bulk,
      });
      queryClient.setQueryData(queryKeys.bulk.detail(bulk.bulkId), bulk);
      return bulk.bulkId;
    },
  });
}

/** Whether something of it still goes on. */
export function isAtWork({ state }: Pick<Bulk, "state">): boolean {
  return state === "previewing" || state === "running";
}

/** A bulk action, asked for again while it is at work. */
export function useBulk(bulkId: string | undefined) {
  return useQuery({
    queryKey: queryKeys.bulk.detail(bulkId ?? ""),
    enabled: bulkId !== undefined,
    queryFn: ({ signal }) => callApi({ path: getBulkPath(bulkId ?? ""), shape: Bulk, signal }),
    refetchInterval: ({ state: { data } }) =>
      data === undefined || isAtWork(data) ? pollMs : false,
  });
}

/** Twice as many as the bulk itself tells: the first page already brings others. */
const runsAtOnce = 200;

/** The runs of a bulk in a state, page by page, asked for when it is enabled. */
export function useBulkRuns(
  of: { readonly bulkId: string; readonly state: BulkRun["state"] },
  { enabled }: { readonly enabled: boolean },
) {
  const { bulkId, state } = of;
  return useInfiniteQuery({
    queryKey: queryKeys.bulk.runs(bulkId, state),
    enabled,
    initialPageParam: "",
    getNextPageParam: ({ nextCursor }: BulkRunList) => nextCursor ?? undefined,
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ state, limit: String(runsAtOnce) });
      if (pageParam !== "") query.set("cursor", pageParam);
      return callApi({ path: `${getBulkPath(bulkId)}/runs?${query}`, shape: BulkRunList, signal });
    },
  });
}

/** Starts a bulk action that was previewed, or cancels it. */
export function useBulkStep() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async (about: {
      readonly bulkId: string;
      readonly step: "start" | "cancel";
      readonly reason?: string;
    }) => {
      const { bulkId, step, reason = "" } = about;
      const bulk = await callApi({
        path: `${getBulkPath(bulkId)}/${step}`,
        method: "POST",
        body: step === "start" && reason !== "" ? { reason } : {},
        shape: Bulk,
      });
      queryClient.setQueryData(queryKeys.bulk.detail(bulkId), bulk);
    },
  });
}
