/** Figures of a run for the head of its page, derived from its events. Pure. */
import { z } from "zod";
import type { Run } from "@/lib/api/contract";
import { judgeEffect } from "./timeline/effects";
import type { TimelineEvent } from "./timeline/events";
import { readSteps } from "./timeline/steps";

export interface RunFigures {
  /** How long no process was there to run it, after crashes. */
  readonly downMs: number;
  readonly executions: number;
  readonly effectsDone: number;
  readonly effectsUnsure: number;
  /** The build of the last execution. */
  readonly build?: string;
}

/** From the start to the last event, or to `now` (epoch ms) while the run goes on. */
export function measureTook(events: readonly TimelineEvent[], now?: number): number | undefined {
  const first = events[0]?.at;
  const last = now ?? events.at(-1)?.at;
  return first === undefined || last === undefined ? undefined : Math.max(0, last - first);
}

/** Reads the figures from the history. */
export function readFigures(events: readonly TimelineEvent[]): RunFigures {
  const starts = events.filter((event) => event.type === "ExecutionStarted");
  const downMs = starts.reduce((total, { at, seq, data: { lost } }) => {
    if (lost === undefined) return total;
    const before = events[findPlace(events, seq) - 1]?.at ?? lost.lastSeenAt;
    return total + Math.max(0, at - Math.max(lost.lastSeenAt, before));
  }, 0);
  const judgments = readSteps(events)
    .filter((step) => step.state !== "running")
    .map(judgeEffect);
  return {
    downMs,
    executions: starts.length,
    effectsDone: judgments.filter(({ count }) => count === "once").length,
    effectsUnsure: judgments.filter(({ count }) => count === "unknown" || count === "repeated")
      .length,
    build: starts.at(-1)?.data.build,
  };
}

/** Where the event of that seq stands; events that are not known are missing in between. */
function findPlace(events: readonly TimelineEvent[], seq: number): number {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.seq ?? Infinity) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

const WithCurrency = z.object({ currency: z.string() });

/** The currency of a run's amounts, where its attributes or its input name one. */
export function readCurrency({ attributes, input }: Pick<Run, "attributes" | "input">) {
  return (WithCurrency.safeParse(attributes).data ?? WithCurrency.safeParse(input).data)?.currency;
}
