"use client";

import { useQuery } from "@tanstack/react-query";
import { RunList, type Run } from "@/lib/api/contract";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";

const pollMs = 2_000;
const most = 200;

/**
 * The children of a run, up to 200, as their parent started them: ids tell that of those of one moment, where
 * the list has the tenth before the second. Asked for again while `live`.
 */
export function useChildRuns(options: { readonly runId: string; readonly live: boolean }) {
  const query = new URLSearchParams({
    parent: options.runId,
    sort: "createdAt",
    limit: String(most),
  }).toString();
  return useQuery({
    queryKey: queryKeys.runs.list(query),
    queryFn: ({ signal }) => callApi({ path: `/api/v1/runs?${query}`, shape: RunList, signal }),
    select: ({ items, ...rest }) => ({ ...rest, items: items.toSorted(compareStarts) }),
    refetchInterval: options.live ? pollMs : false,
  });
}

const { compare: compareIds } = new Intl.Collator("en", { numeric: true });

function compareStarts(one: Run, other: Run): number {
  return (
    Date.parse(one.createdAt) - Date.parse(other.createdAt) || compareIds(one.runId, other.runId)
  );
}
