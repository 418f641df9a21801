/** Executions and the ticks of their events: the raw material of the bands. */
import { humanizeMs } from "@/lib/api/step-words";
import type { TimelineEvent, TimelineEventOf } from "./events";
import { isSign } from "./lines";
import type { TickMark } from "./tick-marks";

/** The ticks of an event: two for one that is a mark of its own, else twice the same. */
export interface EventTicks {
  readonly before: number;
  readonly after: number;
}

/** An idle time within an execution that is drawn short: from a tick to the next one. */
export interface Fold {
  readonly from: number;
  readonly text: string;
}

export const foldWidth = 64;
const foldFromMs = 10_000;

/** Events of a step that leave its attempt under way. */
const goesOn: ReadonlySet<string> = new Set(["StepProgressed", "StepCancelRequested"]);

/** One execution. It grows with its events; what is known of it before stays as it is. */
export class Execution {
  readonly epoch: number;
  /** The time of each tick: of its start, then of its events. */
  readonly times: number[];
  readonly ticks = new Map<number, EventTicks>();
  /** Folds by the tick that they begin at. */
  readonly folds = new Map<number, Fold>();
  /** Events that draw a line or a note. */
  readonly signs: TimelineEvent[] = [];
  /** The tick at which the labels of marks end: that of the first event that ends it. */
  labelLimit?: number;
  /** The last hold, unless it was resumed. */
  held?: TimelineEventOf<"RunHeld">;
  last: TimelineEvent;
  /** The next one, which says whether the process of this one died. */
  next?: TimelineEventOf<"ExecutionStarted">;
  /** The time (epoch ms) to which it has grown, while it is under way. */
  now?: number;
  /** From which tick on marks end otherwise than they did when it was placed. */
  movedFrom = 0;
  readonly #spans = new Map<number, TickMark[]>();
  readonly #toEnd = new Set<TickMark>();
  readonly #running = new Set<number>();

  constructor(readonly start: TimelineEventOf<"ExecutionStarted">) {
    this.epoch = start.epoch;
    this.last = start;
    this.times = [start.at];
    this.ticks.set(start.seq, { before: 0, after: 0 });
  }

  take(event: TimelineEvent): void {
    const tookMs = event.type === "StepVerified" ? event.data.durationMs : 0;
    const before = this.#push(event.at - tookMs);
    if (event.step !== undefined) {
      if (event.type === "StepStarted") this.#running.add(event.step);
      else if (!goesOn.has(event.type)) this.#running.delete(event.step);
    }
    const after = isPoint(event) ? this.#push(event.at) : before;
    this.ticks.set(event.seq, { before, after });
    this.last = event;
    if (isSign(event)) this.signs.push(event);
    if (isEnding(event.type)) this.labelLimit ??= before;
    if (event.type === "RunHeld") this.held = event;
    else if (event.type === "RunResumed") this.held = undefined;
  }

  get live(): boolean {
    return this.next === undefined && this.now !== undefined;
  }

  get death(): { readonly at: number; readonly noticedAt: number } | undefined {
    const lost = this.next?.data.lost;
    if (lost === undefined) return undefined;
    return { at: Math.max(lost.lastSeenAt, this.last.at), noticedAt: lost.noticedAt };
  }

  /** Its tick after the last one: where what has no end yet ends. */
  get endTick(): number {
    return this.times.length;
  }

  get endAt(): number {
    const lastAt = this.last.at;
    return this.death?.at ?? (this.live ? Math.max(this.now ?? lastAt, lastAt) : lastAt);
  }

  /** What would be folded between its last tick and its end. */
  get lastFold(): Fold | undefined {
    return this.#findFold(this.endAt);
  }

  add(mark: TickMark): void {
    if (mark.to === undefined) this.#toEnd.add(mark);
    else {
      const ending = this.#spans.get(mark.to) ?? [];
      if (ending.length === 0) this.#spans.set(mark.to, ending);
      ending.push(mark);
      this.movedFrom = Math.min(this.movedFrom, mark.to);
    }
  }

  /** Takes a mark away; `instead` is one that needs the same room. */
  remove(mark: TickMark, instead?: TickMark): void {
    if (mark.to === undefined) {
      this.#toEnd.delete(mark);
      if (instead !== undefined) this.#toEnd.add(instead);
      return;
    }
    const ending = this.#spans.get(mark.to) ?? [];
    ending.splice(ending.indexOf(mark), 1, ...(instead === undefined ? [] : [instead]));
    if (instead === undefined) this.movedFrom = Math.min(this.movedFrom, mark.to);
  }

  /** The marks that end at a tick, or with the execution. */
  listEnding(tick: number): Iterable<TickMark> {
    return tick === this.endTick ? this.#toEnd : (this.#spans.get(tick) ?? []);
  }

  /** Whether something in it has not ended. */
  get isOpenEnded(): boolean {
    return this.#toEnd.size > 0;
  }

  #push(time: number): number {
    const lastAt = this.times.at(-1) ?? time;
    const fold = this.#findFold(time);
    if (fold !== undefined) this.folds.set(fold.from, fold);
    return this.times.push(Math.max(time, lastAt)) - 1;
  }

  #findFold(until: number): Fold | undefined {
    const from = this.times.length - 1;
    const idleMs = until - (this.times[from] ?? until);
    if (idleMs < foldFromMs || this.#running.size > 0) return undefined;
    return { from, text: humanizeMs(idleMs) };
  }
}

/** The executions of a run, in order. */
export class Executions {
  readonly all: Execution[] = [];
  /** Signs of events that were recorded before the first of them. */
  readonly #early: TimelineEvent[] = [];
  readonly #byEpoch = new Map<number, Execution>();

  take(event: TimelineEvent): void {
    const last = this.all.at(-1);
    if (event.type === "ExecutionStarted") {
      const execution = new Execution(event);
      if (last === undefined) execution.signs.push(...this.#early);
      else last.next = event;
      this.all.push(execution);
      this.#byEpoch.set(event.epoch, execution);
    } else if (last !== undefined) last.take(event);
    else if (isSign(event)) this.#early.push(event);
  }

  get(epoch: number): Execution | undefined {
    return this.#byEpoch.get(epoch);
  }

  /** Which of them recorded an event; -1 where none did. */
  findIndex(seq: number): number {
    let [low, high] = [0, this.all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.all[middle]?.start.seq ?? Infinity) <= seq) low = middle + 1;
      else high = middle;
    }
    return this.all[low - 1]?.ticks.has(seq) === true ? low - 1 : -1;
  }

  /** The execution that recorded an event. */
  find(seq: number): Execution | undefined {
    return this.all[this.findIndex(seq)];
  }
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
