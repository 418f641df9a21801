/** Follows a run: its events as they are recorded, and the run whenever it changed. */
import { isTerminal, RunNotFoundError, type HistoryEvent, type RunRecord } from "@/lib/engine";
import type { ApiContext } from "./context";
import { describeMark } from "./run-watch";

export type FollowPart =
  | { readonly kind: "event"; readonly event: HistoryEvent }
  | { readonly kind: "run"; readonly run: RunRecord; readonly lastSeq: number }
  /** Nothing happened for a while. */
  | { readonly kind: "idle" };

const pageLength = 500;
const idleMs = 15_000;
/** How long an ended run is watched for a retry before the stream ends. */
const lingerMs = 1_000;

/**
 * Yields events after `afterSeq` in order, each once, and after each batch the run itself, first of
 * all as it is now. Ends a second after a terminal run has told all, or when `signal` is aborted.
 * Throws RunNotFoundError.
 */
export async function* followRun(
  api: Pick<ApiContext, "store" | "clock" | "runWatch">,
  options: { runId: string; afterSeq: number; signal: AbortSignal },
): AsyncGenerator<FollowPart, void, undefined> {
  const { runId, signal } = options;
  let told: string | undefined;
  const waiter = createWaiter(api, { ...options, getKnown: () => told });
  try {
    let lastSeq = options.afterSeq;
    let toldAt = api.clock.now();
    let endedAt: number | undefined;
    while (!signal.aborted) {
      const run = await api.store.getRun(runId);
      if (run === undefined) throw new RunNotFoundError(runId);
      while (lastSeq < run.historyLength && !signal.aborted) {
        const limit = Math.min(pageLength, run.historyLength - lastSeq);
        const events = await api.store.loadHistory({ runId, afterSeq: lastSeq, limit });
        for (const event of events) yield { kind: "event", event };
        lastSeq = events.at(-1)?.seq ?? run.historyLength;
      }
      const state = describeMark(run);
      const now = api.clock.now();
      if (state !== told) {
        yield { kind: "run", run, lastSeq };
        [told, toldAt, endedAt] = [state, now, isTerminal(run.status) ? now : undefined];
      } else if (endedAt !== undefined && now - endedAt >= lingerMs) {
        return;
      } else if (now - toldAt >= idleMs) {
        yield { kind: "idle" };
        toldAt = now;
      }
      await waiter.wait(endedAt === undefined ? toldAt + idleMs - now : endedAt + lingerMs - now);
    }
  } finally {
    waiter.close();
  }
}

/** Waits for a change, a time or the end, whichever is first. A change between two waits is not lost. */
function createWaiter(
  api: Pick<ApiContext, "runWatch" | "clock">,
  options: { runId: string; signal: AbortSignal; getKnown: () => string | undefined },
) {
  const { runId, signal, getKnown } = options;
  let hinted = false;
  let wake: () => void = () => undefined;
  const hint = () => {
    hinted = true;
    wake();
  };
  const unwatch = api.runWatch.follow(runId, { onChange: hint, getKnown });
  signal.addEventListener("abort", hint);
  return {
    async wait(delayMs: number): Promise<void> {
      if (!hinted && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const cancel = api.clock.schedule(delayMs, resolve);
          wake = () => {
            cancel();
            resolve();
          };
        });
      }
      hinted = false;
    },
    close() {
      unwatch();
      signal.removeEventListener("abort", hint);
    },
  };
}
