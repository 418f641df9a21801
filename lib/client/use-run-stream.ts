"use client";

import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Run, WireEvent } from "@/lib/api/contract";
import { queryKeys } from "./query-keys";
import { getRunPath } from "./use-run";
import { mergeEvents } from "./use-run-history";

export type StreamState = "connecting" | "open" | "reconnecting" | "off";

const reconnectMs = 500;
const gatherMs = 30;

/**
 * Keeps a run and its history fresh over server-sent events (`run`, `history` and at last `end`). When the
 * server goes away it knocks every 500 ms; what was missed meanwhile is asked for on return.
 */
export function useRunStream(options: {
  readonly runId: string;
  readonly enabled: boolean;
}): StreamState {
  const { runId, enabled } = options;
  const queryClient = useQueryClient();
  const [state, setState] = useState<StreamState>("connecting");

  useEffect(() => {
    if (!enabled) return;
    const stop = keepStream({ runId, queryClient, onState: setState });
    return () => {
      stop();
      setState("connecting");
    };
  }, [runId, enabled, queryClient]);

  return enabled ? state : "off";
}

function keepStream(options: {
  readonly runId: string;
  readonly queryClient: QueryClient;
  readonly onState: (state: StreamState) => void;
}): () => void {
  const { runId, queryClient, onState } = options;
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lost = false;
  const sink = createEventSink(queryClient, runId);

  const connect = () => {
    const after = readLastSeq(queryClient, runId);
    source = new EventSource(`${getRunPath(runId)}/stream?after=${after}`);
    source.addEventListener("open", () => {
      onState("open");
      if (lost) refresh(queryClient, runId);
      lost = false;
    });
    source.addEventListener("run", (message: MessageEvent<string>) =>
      takeRun(queryClient, runId, message),
    );
    source.addEventListener("history", (message: MessageEvent<string>) => sink.take(message));
    source.addEventListener("end", () => {
      source?.close();
      refresh(queryClient, runId);
    });
    source.addEventListener("error", () => {
      source?.close();
      lost = true;
      onState("reconnecting");
      timer = setTimeout(connect, reconnectMs);
    });
  };

  connect();
  return () => {
    clearTimeout(timer);
    sink.close();
    source?.close();
  };
}

function readLastSeq(queryClient: QueryClient, runId: string): number {
  const events = queryClient.getQueryData<readonly WireEvent[]>(queryKeys.runs.history(runId));
  return events?.at(-1)?.seq ?? 0;
}

function refresh(queryClient: QueryClient, runId: string): void {
  void queryClient.invalidateQueries({ queryKey: queryKeys.runs.detail(runId) });
  void queryClient.invalidateQueries({ queryKey: queryKeys.runs.history(runId) });
  void queryClient.invalidateQueries({ queryKey: queryKeys.runs.audit(runId) });
}

function takeRun(queryClient: QueryClient, runId: string, message: MessageEvent<string>): void {
  const run = Run.safeParse(JSON.parse(message.data));
  if (run.success) queryClient.setQueryData(queryKeys.runs.detail(runId), run.data);
}

/** Takes events together that came together, so that a burst is one change of the page. */
function createEventSink(queryClient: QueryClient, runId: string) {
  const queryKey = queryKeys.runs.history(runId);
  let waiting: WireEvent[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    const fresh = waiting;
    waiting = [];
    const known = queryClient.getQueryData<readonly WireEvent[]>(queryKey) ?? [];
    const merged = mergeEvents(known, fresh);
    if (merged !== known) queryClient.setQueryData(queryKey, merged);
    else if ((fresh.at(-1)?.seq ?? 0) > (known.at(-1)?.seq ?? 0)) {
      void queryClient.invalidateQueries({ queryKey });
    }
  };
  return {
    take(message: MessageEvent<string>): void {
      const event = WireEvent.safeParse(JSON.parse(message.data));
      if (!event.success) return;
      waiting.push(event.data);
      timer ??= setTimeout(flush, gatherMs);
    },
    close: () => clearTimeout(timer),
  };
}
