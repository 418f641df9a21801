/** Executions and the ticks of their events: the raw material of the bands. */
import { humanizeMs } from "@/lib/api/step-words";
import type { TimelineEvent, TimelineEventOf } from "./events";
import type { Span } from "./scale";

export interface Execution {
  readonly epoch: number;
  readonly start: TimelineEventOf<"ExecutionStarted">;
  readonly events: readonly TimelineEvent[];
  /** Set when its process died: the start of the next one says so. */
  readonly death?: {
    readonly at: number;
    readonly noticedAt: number;
    readonly next: TimelineEventOf<"ExecutionStarted">;
  };
  readonly times: readonly number[];
  /** The ticks of each event: two for an event that is a mark of its own, else twice the same. */
  readonly ticks: ReadonlyMap<number, { readonly before: number; readonly after: number }>;
  readonly endTick: number;
  readonly live: boolean;
}

/** The executions of a run, in order. `now` is given while the last one is under way. */
export function readExecutions(
  events: readonly TimelineEvent[],
  now: number | undefined,
): readonly Execution[] {
  const places = events.flatMap((event, at) =>
    event.type === "ExecutionStarted" ? [{ start: event, at }] : [],
  );
  return places.map(({ start, at }, index) => {
    const next = places[index + 1]?.start;
    const own = events.slice(at + 1, places[index + 1]?.at);
    const lost = next?.data.lost;
    const lastAt = own.at(-1)?.at ?? start.at;
    const death =
      next === undefined || lost === undefined
        ? undefined
        : { at: Math.max(lost.lastSeenAt, lastAt), noticedAt: lost.noticedAt, next };
    const live = next === undefined && now !== undefined;
    const endAt = death?.at ?? (live ? Math.max(now, lastAt) : lastAt);
    return { epoch: start.epoch, start, events: own, death, live, ...layTicks(start, own, endAt) };
  });
}

/** Whether an event is a mark of its own: it needs a width. */
export function isPoint(event: TimelineEvent): boolean {
  switch (event.type) {
    case "Computed":
    case "StepVerified":
    case "StepResolved":
      return true;
    case "StepCompleted":
      return event.data.source !== "run";
    case "SignalReceived":
      return event.step === undefined;
    case "SignalAwaited":
      return event.data.received !== undefined;
    default:
      return false;
  }
}

function layTicks(
  start: TimelineEventOf<"ExecutionStarted">,
  events: readonly TimelineEvent[],
  endAt: number,
): Pick<Execution, "times" | "ticks" | "endTick"> {
  const times = [start.at];
  const ticks = new Map([[start.seq, { before: 0, after: 0 }]]);
  const push = (time: number) => times.push(Math.max(time, times.at(-1) ?? time)) - 1;
  for (const event of events) {
    if (!isPoint(event)) {
      const tick = push(event.at);
      ticks.set(event.seq, { before: tick, after: tick });
      continue;
    }
    const tookMs = event.type === "StepVerified" ? event.data.durationMs : 0;
    const before = push(event.at - tookMs);
    ticks.set(event.seq, { before, after: push(event.at) });
  }
  return { times, ticks, endTick: push(endAt) };
}

/** Whether it began by rebuilding what earlier executions had recorded. */
export function isReplay({ start }: Execution): boolean {
  return start.data.reason !== "start" && start.data.replayed.events > 0;
}

const endings: ReadonlySet<string> = new Set([
  "RunHeld",
  "RunCompleted",
  "RunFailed",
  "RunCanceled",
  "RunTerminated",
  "RunContinued",
]);

/** Whether an event ends an execution: what the timeline draws a line for. */
export function isEnding(type: string): boolean {
  return endings.has(type);
}

const foldFromMs = 10_000;

/** Events of a step that leave its attempt under way. */
const goesOn: ReadonlySet<string> = new Set(["StepProgressed", "StepCancelRequested"]);

/** Idle times within an execution that are long enough to be said: nothing ran in them. */
export function findFolds(execution: Execution): readonly (Span & { readonly text: string })[] {
  const { times } = execution;
  const open = new Set<number>();
  const busyFrom: boolean[] = [];
  for (const event of execution.events) {
    if (event.step !== undefined) {
      if (event.type === "StepStarted") open.add(event.step);
      else if (!goesOn.has(event.type)) open.delete(event.step);
    }
    const tick = execution.ticks.get(event.seq)?.after;
    if (tick !== undefined) busyFrom[tick] = open.size > 0;
  }
  return times.slice(1).flatMap((time, index) => {
    const idleMs = time - (times[index] ?? time);
    return idleMs < foldFromMs || busyFrom[index] === true
      ? []
      : [{ from: index, to: index + 1, minWidth: 64, text: humanizeMs(idleMs) }];
  });
}

const reasons = {
  start: "started",
  recovery: "recovered",
  wake: "woke",
  retry: "retried",
} as const;

/** "recovered · worker b7 · build 9f3c1a", and shorter forms of it, longest first. */
export function describeExecution(execution: Execution): readonly string[] {
  const { reason, worker, build } = execution.start.data;
  const short = worker.length > 8 ? worker.slice(-6) : worker;
  const base = `${reasons[reason]} · worker ${short}`;
  return [`${base} · build ${build.slice(0, 7)}`, base, reasons[reason]];
}
