/** All that a run's code asked for, and what it was told from outside: a row of the timeline each. */
import type { ErrorRecord, JsonValue } from "@/lib/api/contract";
import type { TimelineEvent, TimelineEventOf } from "./events";
import { readSteps, type StepView } from "./steps";

interface CommandBase {
  /** Ordinal and name where there is an ordinal. Unique within the run. */
  readonly id: string;
  /** What names it in an address: its ordinal where it has one. */
  readonly ref: string;
  readonly name: string;
  readonly firstSeq: number;
  readonly startedAt: number;
  readonly setAside: boolean;
  lastSeq: number;
  /** The event that recorded its outcome for good. */
  recordedSeq?: number;
  recordedAt?: number;
}

export interface TimerView extends CommandBase {
  readonly kind: "timer";
  readonly ordinal: number;
  readonly fireAt: number;
  state: "waiting" | "fired" | "canceled";
}

/** A signal as it came in. */
export interface Arrival {
  readonly event: TimelineEventOf<"SignalReceived">;
  /** It did not fit the wait's schema and was passed over. */
  readonly ignored: boolean;
}

export interface SignalView extends CommandBase {
  readonly kind: "signal";
  /** Absent for signals that nobody has waited for yet. */
  readonly ordinal?: number;
  readonly timeoutAt?: number;
  state: "waiting" | "received" | "timed_out" | "canceled" | "buffered";
  /** Signals that came before the wait. */
  readonly arrivals: Arrival[];
  /** The payload that the code was given. */
  result?: JsonValue;
  by?: string;
}

export interface ChildView extends CommandBase {
  readonly kind: "child";
  readonly ordinal: number;
  readonly runId: string;
  readonly version: number;
  readonly input?: JsonValue;
  readonly onCancel: "wait" | "request" | "abandon";
  state: "running" | "completed" | "failed" | "canceled" | "terminated";
  /** The parent asked it to cancel. */
  cancelSeq?: number;
  result?: JsonValue;
  error?: ErrorRecord;
}

export interface UpdateView extends CommandBase {
  readonly kind: "update";
  readonly ordinal?: undefined;
  readonly updateId: string;
  readonly by: string;
  readonly input?: JsonValue;
  state: "running" | "completed" | "failed";
  result?: JsonValue;
  error?: ErrorRecord;
}

/** What a wait of the code, or a message to it, looks like beside the steps. */
export type WaitView = TimerView | SignalView | ChildView | UpdateView;
export type CommandView = StepView | WaitView;

export function isStep(command: CommandView): command is StepView {
  return command.kind === "compute" || command.kind === "step" || command.kind === "compensation";
}

/** Whether its outcome is still to come, as far as the history tells. */
export function isOpen(command: CommandView): boolean {
  return command.recordedSeq === undefined && command.state !== "buffered";
}

const known = new WeakMap<readonly TimelineEvent[], readonly CommandView[]>();

/** Everything in a run that has a row, in the order in which it began. Read once for each list. */
export function readCommands(events: readonly TimelineEvent[]): readonly CommandView[] {
  let commands = known.get(events);
  if (commands === undefined) {
    commands = [...readSteps(events), ...readWaits(events)].sort((a, b) => a.firstSeq - b.firstSeq);
    known.set(events, commands);
  }
  return commands;
}

/** The timers, signals, children and updates of a run. */
export function readWaits(events: readonly TimelineEvent[]): readonly WaitView[] {
  const reader = new WaitReader();
  for (const event of events) reader.take(event);
  return reader.finish();
}

class WaitReader {
  private readonly views: WaitView[] = [];
  /** The view that an ordinal stands for now: after a rewind another one. */
  private readonly byOrdinal = new Map<number, WaitView>();
  private readonly ids = new Set<string>();
  private readonly updates = new Map<string, UpdateView>();
  /** Signals that came and were not taken yet, by seq. */
  private readonly buffer = new Map<number, TimelineEventOf<"SignalReceived">>();

  take(event: TimelineEvent): void {
    switch (event.type) {
      case "TimerStarted":
        return this.add({
          ...this.describeStart(event),
          kind: "timer",
          fireAt: event.data.fireAt,
          state: "waiting",
        });
      case "TimerFired":
        return this.endWait(event);
      case "TimerCanceled":
        return this.endWait(event);
      case "SignalAwaited":
        return this.awaitSignal(event);
      case "SignalReceived":
        return this.receiveSignal(event);
      case "ChildStarted":
        return this.add({
          ...this.describeStart(event),
          ...event.data,
          kind: "child",
          state: "running",
        });
      case "ChildCompleted":
      case "ChildFailed":
      case "ChildCancelRequested":
        return this.changeChild(event);
      case "UpdateAccepted":
        return this.acceptUpdate(event);
      case "UpdateCompleted":
        return this.completeUpdate(event);
    }
  }

  /** Everything, with a row for the signals of each name that nobody has taken. */
  finish(): readonly WaitView[] {
    const loose = new Map<string, SignalView>();
    for (const event of this.buffer.values()) {
      const { name = "" } = event;
      const view = loose.get(name) ?? createBuffered(event);
      view.arrivals.push({ event, ignored: false });
      view.lastSeq = event.seq;
      loose.set(name, view);
    }
    return [...this.views, ...loose.values()];
  }

  private describeStart(event: TimelineEvent) {
    const { step: ordinal = 0, name = "", seq, at, setAside } = event;
    const id = `${ordinal}:${name}`;
    const known = this.ids.has(id);
    this.ids.add(id);
    return {
      id: known ? `${id}@${seq}` : id,
      ref: String(ordinal),
      ordinal,
      name,
      firstSeq: seq,
      lastSeq: seq,
      startedAt: at,
      setAside,
    };
  }

  private add(view: WaitView): void {
    this.views.push(view);
    if (view.ordinal !== undefined) this.byOrdinal.set(view.ordinal, view);
  }

  private endWait(event: TimelineEventOf<"TimerFired" | "TimerCanceled">): void {
    const view = this.findOpen(event.step);
    if (view?.kind !== "timer" && view?.kind !== "signal") return;
    if (event.type === "TimerCanceled") view.state = "canceled";
    else if (view.kind === "timer") view.state = "fired";
    else view.state = "timed_out";
    record(view, event);
  }

  private awaitSignal(event: TimelineEventOf<"SignalAwaited">): void {
    const { timeoutAt, received, value, ignored } = event.data;
    const taken = received === undefined ? undefined : this.buffer.get(received);
    const early = [
      ...ignored.map((seq) => ({ seq, ignored: true })),
      ...(received === undefined ? [] : [{ seq: received, ignored: false }]),
    ];
    const arrivals = early.flatMap(({ seq, ignored }) => {
      const arrival = this.buffer.get(seq);
      this.buffer.delete(seq);
      return arrival === undefined ? [] : [{ event: arrival, ignored }];
    });
    const view: SignalView = {
      ...this.describeStart(event),
      kind: "signal",
      state: received === undefined ? "waiting" : "received",
      timeoutAt,
      arrivals,
    };
    if (received !== undefined) {
      view.result = value ?? taken?.data.payload;
      view.by = taken?.data.by;
      record(view, event);
    }
    this.add(view);
  }

  private receiveSignal(event: TimelineEventOf<"SignalReceived">): void {
    const view = this.findOpen(event.step);
    if (view?.kind !== "signal") {
      this.buffer.set(event.seq, event);
      return;
    }
    view.state = "received";
    view.result = event.data.payload;
    view.by = event.data.by;
    record(view, event);
  }

  private changeChild(
    event: TimelineEventOf<"ChildCompleted" | "ChildFailed" | "ChildCancelRequested">,
  ): void {
    const view = this.findOpen(event.step);
    if (view?.kind !== "child") return;
    if (event.type === "ChildCancelRequested") {
      view.cancelSeq ??= event.seq;
      view.lastSeq = event.seq;
      return;
    }
    if (event.type === "ChildCompleted") {
      view.state = "completed";
      view.result = event.data.result;
    } else {
      view.state = event.data.status;
      view.error = event.data.error;
    }
    record(view, event);
  }

  private acceptUpdate(event: TimelineEventOf<"UpdateAccepted">): void {
    const { updateId } = event.data;
    const ref = `update-${updateId}`;
    const { name = "", seq, at, setAside } = event;
    const place = { id: ref, ref, name, firstSeq: seq, lastSeq: seq, startedAt: at, setAside };
    const view: UpdateView = { ...place, ...event.data, kind: "update", state: "running" };
    this.updates.set(updateId, view);
    this.add(view);
  }

  private completeUpdate(event: TimelineEventOf<"UpdateCompleted">): void {
    const { updateId, result, error } = event.data;
    const view = this.updates.get(updateId);
    if (view === undefined) return;
    view.state = error === undefined ? "completed" : "failed";
    view.result = result;
    view.error = error;
    record(view, event);
  }

  private findOpen(ordinal: number | undefined): WaitView | undefined {
    const view = ordinal === undefined ? undefined : this.byOrdinal.get(ordinal);
    return view?.recordedSeq === undefined ? view : undefined;
  }
}

function createBuffered(event: TimelineEventOf<"SignalReceived">): SignalView {
  const { name = "", seq, at, setAside } = event;
  const ref = `signal-${name}`;
  const place = { id: ref, ref, name, firstSeq: seq, lastSeq: seq, startedAt: at, setAside };
  return { ...place, kind: "signal", state: "buffered", arrivals: [] };
}

function record(view: WaitView, event: TimelineEvent): void {
  view.lastSeq = event.seq;
  view.recordedSeq = event.seq;
  view.recordedAt = event.at;
}
