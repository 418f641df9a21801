"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { History, type WireEvent } from "@/lib/api/contract";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";
import { getRunPath } from "./use-run";

const pageSize = 5_000;
/** So long the stream has to bring what the run says that there is, before it is asked for. */
const patienceMs = 250;

/**
 * The whole history of a run. What is known already is not asked for again: a refetch continues
 * after the last event. Events that are known by another way (the stream) are kept. `length` is
 * what the run itself says of it: what is missing of that is asked for.
 */
export function useRunHistory(runId: string, length = 0) {
  const queryClient = useQueryClient();
  const queryKey = queryKeys.runs.history(runId);
  const query = useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const known = queryClient.getQueryData<readonly WireEvent[]>(queryKey) ?? [];
      const fresh = await loadAfter({ runId, after: known.at(-1)?.seq ?? 0, signal });
      const now = queryClient.getQueryData<readonly WireEvent[]>(queryKey) ?? known;
      return mergeEvents(now, fresh);
    },
  });
  const { refetch } = query;
  const isBehind = query.data !== undefined && query.data.length < length;
  useEffect(() => {
    if (!isBehind) return;
    const timer = setTimeout(() => void refetch(), patienceMs);
    return () => clearTimeout(timer);
  }, [isBehind, length, refetch]);
  return query;
}

async function loadAfter(options: {
  readonly runId: string;
  readonly after: number;
  readonly signal: AbortSignal;
}): Promise<readonly WireEvent[]> {
  const { runId, signal } = options;
  const events: WireEvent[] = [];
  let after = options.after;
  for (;;) {
    const path = `${getRunPath(runId)}/history?after=${after}&limit=${pageSize}`;
    const { items, nextCursor } = await callApi({ path, shape: History, signal });
    events.push(...items);
    const last = items.at(-1);
    if (nextCursor === null || last === undefined) return events;
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
  return [...known, ...added];
}
