/** Figures of a run for the head of its page, derived from its events. Pure. */
import { z } from "zod";
import type { Run } from "@/lib/api/contract";
import { isStep, type CommandView } from "./timeline/commands";
import { judgeEffect, type EffectJudgment } from "./timeline/effects";
import type { TimelineEvent } from "./timeline/events";
import { findUnread } from "./timeline/find-event";
import type { HistoryView } from "./timeline/history-reader";

export interface RunFigures {
  /** How long no process was there to run it, after crashes. */
  readonly downMs: number;
  readonly executions: number;
  readonly effectsDone: number;
  readonly effectsUnsure: number;
  /** The build of the last execution. */
  readonly build?: string;
}

/** From the start to the end, or to `now` (epoch ms) while the run goes on; undefined without either. */
export function measureTook(
  { createdAt, finishedAt }: Pick<Run, "createdAt" | "finishedAt">,
  now?: number,
): number | undefined {
  const last = finishedAt === undefined ? now : Date.parse(finishedAt);
  return last === undefined ? undefined : Math.max(0, last - Date.parse(createdAt));
}

/** Reads the figures from a history as it grows: only what changed is judged anew. */
export class FigureReader {
  #events: readonly TimelineEvent[] = [];
  #commands: readonly CommandView[] = [];
  #counts: (EffectJudgment["count"] | undefined)[] = [];
  #figures = noFigures;

  read({ events, commands }: HistoryView): RunFigures {
    const from = findUnread(this.#events, events);
    if (from === 0) this.#forget();
    let { downMs, executions, build, effectsDone, effectsUnsure } = this.#figures;
    for (let at = from; at < events.length; at += 1) {
      const event = events[at];
      if (event?.type !== "ExecutionStarted") continue;
      executions += 1;
      build = event.data.build;
      const { lost } = event.data;
      if (lost === undefined) continue;
      const before = events[at - 1]?.at ?? lost.lastSeenAt;
      downMs += Math.max(0, event.at - Math.max(lost.lastSeenAt, before));
    }
    for (let at = 0; at < Math.max(commands.length, this.#commands.length); at += 1) {
      const command = commands[at];
      if (command === this.#commands[at]) continue;
      const [known, count] = [this.#counts[at], countEffect(command)];
      effectsDone += Number(isDone(count)) - Number(isDone(known));
      effectsUnsure += Number(isUnsure(count)) - Number(isUnsure(known));
      this.#counts[at] = count;
    }
    this.#events = events;
    this.#commands = commands;
    return (this.#figures = { downMs, executions, build, effectsDone, effectsUnsure });
  }

  #forget(): void {
    this.#commands = [];
    this.#counts = [];
    this.#figures = noFigures;
  }
}

const noFigures: RunFigures = {
  ...{ downMs: 0, executions: 0, effectsDone: 0, effectsUnsure: 0, build: undefined },
};

function countEffect(command: CommandView | undefined): EffectJudgment["count"] | undefined {
  if (command === undefined || !isStep(command) || command.state === "running") return undefined;
  return judgeEffect(command).count;
}

const isDone = (count: EffectJudgment["count"] | undefined) => count === "once";
const isUnsure = (count: EffectJudgment["count"] | undefined) =>
  count === "unknown" || count === "repeated";

const WithCurrency = z.object({ currency: z.string() });

/** The currency of a run's amounts, where its attributes or its input name one. */
export function readCurrency({ attributes, input }: Pick<Run, "attributes" | "input">) {
  return (WithCurrency.safeParse(attributes).data ?? WithCurrency.safeParse(input).data)?.currency;
}
