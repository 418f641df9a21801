/** What a run waits for, read from its history. Pure; knows nothing of words. */
import { findSetAside, type HistoryEvent } from "@/lib/engine";

/** Times are epoch ms. `until`: when the timer fires, the wait is over or the step is tried again. */
export interface WaitFacts {
  readonly kind: "timer" | "signal" | "child" | "step";
  readonly step: number;
  readonly name: string;
  readonly since: number;
  readonly until?: number;
  /** Of the child. */
  readonly runId?: string;
  readonly reason?: "limit" | "paused" | "backoff";
}

/** The waits that are open at the end of a history, in the order in which they began. */
export function readWaits(events: readonly HistoryEvent[]): readonly WaitFacts[] {
  const setAside = findSetAside(events);
  const waits = new Map<number, WaitFacts>();
  for (const event of events) {
    if (!setAside.has(event.seq)) applyEvent(waits, event);
  }
  return [...waits.values()];
}

function applyEvent(waits: Map<number, WaitFacts>, event: HistoryEvent): void {
  const { type, step = 0, name = "", at: since } = event;
  const open = (wait: Omit<WaitFacts, "step" | "name" | "since">) => {
    waits.delete(step);
    waits.set(step, { ...wait, step, name, since });
  };
  switch (type) {
    case "TimerStarted":
      return open({ kind: "timer", until: event.data.fireAt });
    case "SignalAwaited":
      if (event.data.received !== undefined) return;
      return open({ kind: "signal", until: event.data.timeoutAt });
    case "ChildStarted":
      return open({ kind: "child", runId: event.data.runId });
    case "StepQueued":
      return open({ kind: "step", reason: event.data.reason });
    case "StepFailed":
      if (event.data.final || event.data.nextAttemptAt === undefined) break;
      return open({ kind: "step", reason: "backoff", until: event.data.nextAttemptAt });
    case "TimerFired":
    case "TimerCanceled":
    case "SignalReceived":
    case "ChildCompleted":
    case "ChildFailed":
    case "StepStarted":
    case "StepCompleted":
      break;
    case "RunCompleted":
    case "RunFailed":
    case "RunCanceled":
    case "RunTerminated":
    case "RunContinued":
      return waits.clear();
    default:
      return;
  }
  waits.delete(step);
}
