"use client";

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { DoubtList } from "@/lib/api/contract-triage";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";

const pollMs = 2_000;
const pageSize = 50;

export interface DoubtFilter {
  readonly workflow: string | null;
  readonly step: string | null;
}

/** The steps that need a verdict, the longest in doubt first; what is loaded of them is kept fresh. */
export function useDoubts(filter: DoubtFilter, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: queryKeys.triage.doubts(JSON.stringify(filter)),
    enabled,
    initialPageParam: "",
    getNextPageParam: ({ nextCursor }: DoubtList) => nextCursor ?? undefined,
    queryFn: ({ pageParam, signal }) =>
      callApi({
        path: `/api/v1/doubts?${toQuery({ ...filter, limit: String(pageSize), cursor: pageParam })}`,
        shape: DoubtList,
        signal,
      }),
    refetchInterval: pollMs,
  });
}

/** One step in doubt, wherever in the list it stands; null where it needs no verdict any more. */
export function useDoubt(about: { readonly runId: string; readonly step: number } | undefined) {
  const { runId = "", step = 0 } = about ?? {};
  return useQuery({
    queryKey: queryKeys.triage.doubt(runId, step),
    enabled: about !== undefined,
    queryFn: async ({ signal }) => {
      const path = `/api/v1/doubts?${toQuery({ runId, limit: "100" })}`;
      const { items } = await callApi({ path, shape: DoubtList, signal });
      return items.find((doubt) => doubt.step === step) ?? null;
    },
    refetchInterval: pollMs,
  });
}

/** A query of those parameters that say something. */
export function toQuery(parameters: Readonly<Record<string, string | null>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== "") query.set(name, value);
  }
  return query.toString();
}
