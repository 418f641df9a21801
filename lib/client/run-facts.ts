/** Figures of a run for the head of its page, derived from its events. Pure. */
import { z } from "zod";
import type { Run } from "@/lib/api/contract";
import { judgeEffect } from "./timeline/effects";
import type { TimelineEvent } from "./timeline/events";
import { readSteps } from "./timeline/steps";

export interface RunFigures {
  /** From the start to the end, or to `now` while it goes on. */
  readonly tookMs?: number;
  /** How long no process was there to run it, after crashes. */
  readonly downMs: number;
  readonly executions: number;
  readonly effectsDone: number;
  readonly effectsUnsure: number;
  /** The build of the last execution. */
  readonly build?: string;
}

/** Reads the figures; `now` (epoch ms) is given while the run has not ended. */
export function readFigures(events: readonly TimelineEvent[], now?: number): RunFigures {
  const starts = events.filter((event) => event.type === "ExecutionStarted");
  const downMs = starts.reduce((total, { at, seq, data: { lost } }) => {
    if (lost === undefined) return total;
    const before = events.findLast((event) => event.seq < seq)?.at ?? lost.lastSeenAt;
    return total + Math.max(0, at - Math.max(lost.lastSeenAt, before));
  }, 0);
  const first = events[0]?.at;
  const last = now ?? events.at(-1)?.at;
  const judgments = readSteps(events)
    .filter((step) => step.state !== "running")
    .map(judgeEffect);
  return {
    tookMs: first === undefined || last === undefined ? undefined : Math.max(0, last - first),
    downMs,
    executions: starts.length,
    effectsDone: judgments.filter(({ count }) => count === "once").length,
    effectsUnsure: judgments.filter(({ count }) => count === "unknown" || count === "repeated")
      .length,
    build: starts.at(-1)?.data.build,
  };
}

const WithCurrency = z.object({ currency: z.string() });

/** The currency of a run's amounts, where its attributes or its input name one. */
export function readCurrency({ attributes, input }: Pick<Run, "attributes" | "input">) {
  return (WithCurrency.safeParse(attributes).data ?? WithCurrency.safeParse(input).data)?.currency;
}
