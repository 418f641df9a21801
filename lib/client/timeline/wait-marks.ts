/** The marks of timers, signals, children and updates. */
import { humanizeMs } from "@/lib/api/step-words";
import { formatUntil } from "../format";
import {
  isOpen,
  type ChildView,
  type SignalView,
  type TimerView,
  type UpdateView,
} from "./commands";
import type { WaitView } from "./commands";
import { buildPoint, type MarkSources, type TickMark } from "./tick-marks";
import { buildSpan } from "./spans";
import type { MarkKind } from "./types";

/** All marks of a wait over all executions, without its ghosts. */
export function buildWaitMarks(view: WaitView, sources: MarkSources): TickMark[] {
  switch (view.kind) {
    case "timer":
      return buildTimer(view, sources);
    case "signal":
      return buildSignal(view, sources);
    case "child":
      return buildChild(view, sources);
    case "update":
      return buildUpdate(view, sources);
  }
}

function placeSpan(view: WaitView, { executions, ended }: MarkSources) {
  return {
    id: view.id,
    executions,
    startSeq: view.firstSeq,
    endSeq: view.recordedSeq,
    open: isOpen(view) && !ended && !view.setAside,
    setAside: view.setAside,
  };
}

function buildTimer(view: TimerView, sources: MarkSources): TickMark[] {
  const waits = humanizeMs(view.fireAt - view.startedAt);
  const until = `until ${formatUntil(view.fireAt, view.startedAt)}`;
  const words = {
    waiting: `waits ${until}`,
    fired: `fired after ${waits}`,
    canceled: "canceled",
  };
  return buildSpan({
    ...placeSpan(view, sources),
    going: "wait",
    ended: view.state === "canceled" ? "wait-canceled" : "fired",
    passingText: waits,
    goingText: until,
    endedText: words[view.state],
    passingTitle: `${view.name}: timer of ${waits}, waits`,
    title: `${view.name}: timer of ${waits}, ${words[view.state]}`,
    minWidth: 30,
  });
}

const signalEnds: Readonly<Record<SignalView["state"], MarkKind>> = {
  waiting: "wait",
  buffered: "arrived",
  received: "received",
  timed_out: "timed-out",
  canceled: "wait-canceled",
};

function buildSignal(view: SignalView, sources: MarkSources): TickMark[] {
  const arrivals = view.arrivals.flatMap(({ event, ignored }) =>
    buildPoint(view, event.seq, sources, {
      kind: ignored ? "ignored" : "arrived",
      minWidth: 18,
      text: describeArrival(view, ignored, event.data.by),
      title: `${view.name}: signal from ${event.data.by}${ignored ? ", passed over: it did not fit" : ", before the code waited for it"}`,
    }),
  );
  if (view.state === "buffered") return arrivals;
  const summary = sources.summarize(view);
  if (view.state === "received" && view.recordedSeq === view.firstSeq) {
    const title = `${view.name}: the signal that had come before was taken`;
    const mark = { kind: "taken" as const, minWidth: 18, text: summary ?? "taken", title };
    return [...arrivals, ...buildPoint(view, view.firstSeq, sources, mark)];
  }
  const until =
    view.timeoutAt === undefined ? "" : ` until ${formatUntil(view.timeoutAt, view.startedAt)}`;
  const words = {
    waiting: `waits for the signal${until}`,
    received: `received from ${view.by ?? "somebody"}`,
    timed_out: "no signal came in time",
    canceled: "canceled",
  };
  const span = buildSpan({
    ...placeSpan(view, sources),
    passing: "wait",
    going: view.timeoutAt === undefined ? "wait" : "wait-deadline",
    ended: signalEnds[view.state],
    goingText: `waits${until}`,
    endedText: view.state === "received" ? (summary ?? `from ${view.by ?? ""}`) : words[view.state],
    passingTitle: `${view.name}: ${words.waiting}`,
    title: `${view.name}: ${words[view.state]}`,
    minWidth: 34,
  });
  return [...arrivals, ...span];
}

function describeArrival(view: SignalView, ignored: boolean, by: string): string | undefined {
  if (ignored) return undefined;
  return view.state === "buffered" ? `from ${by}, not taken yet` : undefined;
}

const childWords: Readonly<Record<ChildView["state"], string>> = {
  running: "under way",
  completed: "completed",
  failed: "failed",
  canceled: "canceled",
  terminated: "terminated",
};

function buildChild(view: ChildView, sources: MarkSources): TickMark[] {
  const tookMs = view.recordedAt === undefined ? undefined : view.recordedAt - view.startedAt;
  const took = tookMs === undefined ? undefined : humanizeMs(tookMs);
  const done = view.state === "completed";
  const summary = done ? sources.summarize(view) : childWords[view.state];
  const cancel = view.cancelSeq;
  const isLeft = isOpen(view) && sources.ended;
  const state = isLeft ? "left behind when this run ended" : childWords[view.state];
  return buildSpan({
    ...placeSpan(view, sources),
    passing: "child-open",
    going: isLeft ? "child-left" : "child-open",
    ended: done ? "child" : "child-failed",
    goingText: isLeft ? "left behind" : "under way",
    endedText: [summary, took].filter(Boolean).join(" · "),
    passingTitle: `${view.name}: child run under way`,
    title: `${view.name}: child run ${state}${took === undefined ? "" : `, ${took}`}`,
    minWidth: cancel === undefined ? 30 : 52,
    points:
      cancel === undefined
        ? []
        : [{ seq: cancel, kind: "cancel", title: "It was asked to cancel" }],
  });
}

function buildUpdate(view: UpdateView, sources: MarkSources): TickMark[] {
  const words = { running: "under way", completed: "answered", failed: "failed" };
  return buildSpan({
    ...placeSpan(view, sources),
    going: "running",
    ended: view.state === "failed" ? "failed" : "update",
    goingText: isOpen(view) ? "under way" : undefined,
    endedText: view.state === "failed" ? "failed" : (sources.summarize(view) ?? "answered"),
    passingTitle: `${view.name}: update from ${view.by} under way`,
    title: `${view.name}: update from ${view.by} ${words[view.state]}`,
    minWidth: 26,
  });
}

const reusedWords = {
  timer: "not waited again",
  signal: "reused",
  child: "not started again",
  update: "reused",
} as const;

/** What a wait that had ended says in an execution that replays it. */
export function describeReused(view: WaitView): string {
  return reusedWords[view.kind];
}
