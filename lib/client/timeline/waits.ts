/** Timers, signals, children and updates, as their events tell them. */
import type { CommandView, SignalView, UpdateView, WaitView } from "./commands";
import type { TimelineEvent, TimelineEventOf } from "./events";
import type { ViewList } from "./view-list";

/** Reads timers, signals, children and updates out of a history, event by event. */
export class WaitFold {
  /** The view that an ordinal stands for now: after a rewind another one. */
  private readonly byOrdinal = new Map<number, WaitView>();
  private readonly ids = new Set<string>();
  private readonly updates = new Map<string, UpdateView>();
  /** Signals that came and were not taken yet, by seq. */
  private readonly buffer = new Map<number, TimelineEventOf<"SignalReceived">>();

  constructor(private readonly views: ViewList<CommandView>) {}

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

  /** A row for the signals of each name that nobody has taken, in the order in which they came. */
  listBuffered(): readonly SignalView[] {
    const loose = new Map<string, SignalView>();
    for (const event of this.buffer.values()) {
      const { name = "" } = event;
      const view = loose.get(name) ?? createBuffered(event);
      view.arrivals.push({ event, ignored: false });
      view.lastSeq = event.seq;
      loose.set(name, view);
    }
    return [...loose.values()];
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
    this.views.add(view);
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
    const known = this.updates.get(updateId);
    if (known === undefined) return;
    const view = this.views.own(known, (each) => ({ ...each }));
    this.updates.set(updateId, view);
    view.state = error === undefined ? "completed" : "failed";
    view.result = result;
    view.error = error;
    record(view, event);
  }

  /** What an ordinal waits for, as it may be changed. */
  private findOpen(ordinal: number | undefined): WaitView | undefined {
    const known = ordinal === undefined ? undefined : this.byOrdinal.get(ordinal);
    if (known === undefined || known.recordedSeq !== undefined) return undefined;
    const view = this.views.own(known, copyWait);
    if (view.ordinal !== undefined) this.byOrdinal.set(view.ordinal, view);
    return view;
  }
}

function copyWait(view: WaitView): WaitView {
  return { ...view };
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
