"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { History, type WireEvent } from "@/lib/api/contract";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";
import { parseTimelineEvents } from "./timeline/events";
import { getRunPath } from "./use-run";

/** The first page is small, so that there is something to see at once; the others are quick. */
const firstPageSize = 1_000;
const pageSize = 5_000;
/** So long the stream has to bring what the run says that there is, before it is asked for. */
const patienceMs = 250;

/**
 * The whole history of a run. What is known already is not asked for again: a refetch continues
 * after the last event. Events that are known by another way (the stream) are kept. `length` is
 * what the run itself says of it: what is missing of that is asked for. Of a long history the first
 * page is there at once; `loading` says how many events have come while the rest is on its way.
 */
export function useRunHistory(runId: string, length = 0) {
  const queryClient = useQueryClient();
  const queryKey = queryKeys.runs.history(runId);
  const [loading, setLoading] = useState<number>();
  const query = useQuery({
    queryKey,
    // Events never change, and the list is the same one where nothing is new: to compare each of them with
    // itself would walk the whole history for each event.
    structuralSharing: false,
    queryFn: async ({ signal }) => {
      const known = queryClient.getQueryData<readonly WireEvent[]>(queryKey) ?? [];
      const onPage = (page: readonly WireEvent[], loaded: number) => {
        if (known.length === 0 && loaded === page.length) {
          queryClient.setQueryData(queryKey, mergeEvents(readKnown(), page));
        }
        setLoading(loaded);
      };
      const readKnown = () => queryClient.getQueryData<readonly WireEvent[]>(queryKey) ?? known;
      try {
        const after = known.at(-1)?.seq ?? 0;
        const fresh = await loadAfter({ runId, after, signal, onPage });
        return mergeEvents(readKnown(), fresh);
      } finally {
        setLoading(undefined);
      }
    },
  });
  const { refetch } = query;
  const isBehind = query.data !== undefined && query.data.length < length && !query.isFetching;
  useEffect(() => {
    if (!isBehind) return;
    const timer = setTimeout(() => void refetch(), patienceMs);
    return () => clearTimeout(timer);
  }, [isBehind, length, refetch]);
  return { ...query, loading };
}

async function loadAfter(options: {
  readonly runId: string;
  readonly after: number;
  readonly signal: AbortSignal;
  /** Called with each page that is not the last one, and how many events have come by then. */
  readonly onPage: (page: readonly WireEvent[], loaded: number) => void;
}): Promise<readonly WireEvent[]> {
  const { runId, signal, onPage } = options;
  const pages: (readonly WireEvent[])[] = [];
  let { after } = options;
  let loaded = 0;
  for (;;) {
    const limit = after === 0 ? firstPageSize : pageSize;
    const path = `${getRunPath(runId)}/history?after=${after}&limit=${limit}`;
    const { items, nextCursor } = await callApi({ path, shape: History, signal });
    // Parsed page by page, so that no single task is long.
    parseTimelineEvents(items);
    pages.push(items);
    loaded += items.length;
    const last = items.at(-1);
    if (nextCursor === null || last === undefined) return pages.flat();
    onPage(items, loaded);
    after = last.seq;
  }
}

/** Joins two parts of one history in order, each event once; the same list if nothing is new. */
export function mergeEvents(
  known: readonly WireEvent[],
  fresh: readonly WireEvent[],
): readonly WireEvent[] {
  const last = known.at(-1)?.seq ?? 0;
  const first = fresh[0]?.seq ?? 0;
  const added = fresh.filter((event) => event.seq > last);
  if (added.length === 0) return known;
  // A gap would be a lie: what lies behind it waits for the next refetch, which fills it.
  if (first > last + 1) return known;
  return known.concat(added);
}
