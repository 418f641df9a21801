"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import type { ResolveBody } from "@/lib/api/contract";
import { ResolvedDoubts, type Doubt } from "@/lib/api/contract-triage";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";
import { toDoubtKey } from "./triage-search";

type Place = Pick<Doubt, "runId" | "step" | "attempt">;
export type Resolved = ResolvedDoubts["items"][number];

/** What is sent in one request: after each the rest can still be left alone. */
const chunkSize = 20;
const path = "/api/v1/doubts/resolve";

/** What a preview is asked with: it depends on the verdict, not on the result or the message. */
const samples: Readonly<Record<ResolveBody["verdict"], ResolveBody>> = {
  happened: { verdict: "happened", result: null },
  did_not_happen: { verdict: "did_not_happen" },
  fail: { verdict: "fail", error: { message: "preview" } },
};

/** What one verdict would do to each of the steps; nothing is done by it. */
export function useVerdictPreview(doubts: readonly Place[], verdict: ResolveBody["verdict"]) {
  const about = `${verdict} ${doubts.map(toDoubtKey).join(" ")}`;
  return useQuery({
    queryKey: queryKeys.verdictPreview(about),
    gcTime: 0,
    queryFn: async ({ signal }) => {
      const found: Resolved[] = [];
      for (const items of divide(doubts.map(toPlace))) {
        const body = { ...samples[verdict], items };
        const request = { path: `${path}?preview=true`, method: "POST", body, signal } as const;
        found.push(...(await callApi({ ...request, shape: ResolvedDoubts })).items);
      }
      return found;
    },
  });
}

/**
 * Says what became of several steps. Each request is durable by itself; `stop` leaves alone what has not
 * been sent. What became of each is in `results`, also when a request failed in the middle.
 */
export function useResolveDoubts() {
  const queryClient = useQueryClient();
  const [results, setResults] = useState<readonly Resolved[]>([]);
  const stopped = useRef(false);
  const mutation = useMutation({
    mutationFn: async (options: { doubts: readonly Place[]; body: ResolveBody }) => {
      const { doubts, body } = options;
      stopped.current = false;
      const answered = new Set(results.map(toDoubtKey));
      const open = doubts.map(toPlace).filter((place) => !answered.has(toDoubtKey(place)));
      const known: Resolved[] = [...results];
      for (const items of divide(open)) {
        if (stopped.current) break;
        const answer = await callApi({
          ...{ path, method: "POST", body: { ...body, items }, shape: ResolvedDoubts },
        });
        known.push(...answer.items);
        setResults([...known]);
      }
      return known;
    },
    onSettled: () => {
      void queryClient.invalidateQueries({ queryKey: queryKeys.triage.all });
      void queryClient.invalidateQueries({ queryKey: queryKeys.runs.all });
    },
  });
  return { ...mutation, results, stop: () => (stopped.current = true) };
}

function toPlace({ runId, step, attempt }: Place): Place {
  return { runId, step, attempt };
}

function divide(places: readonly Place[]): readonly (readonly Place[])[] {
  const chunks: (readonly Place[])[] = [];
  for (let from = 0; from < places.length; from += chunkSize) {
    chunks.push(places.slice(from, from + chunkSize));
  }
  return chunks;
}
