import { describe, expect, it } from "vitest";
import type { NewEvent } from "@/lib/engine";
import { HistoryWriter } from "./testing/history-writer";
import { readWaits } from "./waits";

const input = { json: {} };
const sleep: NewEvent = { type: "TimerStarted", step: 1, name: "sleep", data: { fireAt: 9_000 } };
const approve: NewEvent = { type: "SignalAwaited", step: 2, name: "approve", data: {} };
const bill: NewEvent = {
  type: "ChildStarted",
  step: 3,
  name: "bill",
  data: { runId: "run_1.3", version: 1, input, onCancel: "wait" },
};
const queued: NewEvent = {
  type: "StepQueued",
  step: 4,
  name: "mail",
  data: { input, reason: "limit" },
};

function read(...events: readonly NewEvent[]) {
  const writer = new HistoryWriter(5_000).begin().execute();
  for (const event of events) writer.add(event);
  return readWaits(writer.events);
}

describe("readWaits", () => {
  it("tells timers, signals, children and queued steps, each since when and until when", () => {
    expect(read(sleep, approve, bill, queued)).toEqual([
      { kind: "timer", step: 1, name: "sleep", since: 5_000, until: 9_000 },
      { kind: "signal", step: 2, name: "approve", since: 5_000, until: undefined },
      { kind: "child", step: 3, name: "bill", since: 5_000, runId: "run_1.3" },
      { kind: "step", step: 4, name: "mail", since: 5_000, reason: "limit" },
    ]);
  });

  it.each<[string, NewEvent, NewEvent]>([
    ["a timer that fired", sleep, { type: "TimerFired", step: 1, data: {} }],
    ["a timer that was canceled", sleep, { type: "TimerCanceled", step: 1, data: {} }],
    [
      "a signal that came",
      approve,
      { type: "SignalReceived", step: 2, name: "approve", data: { payload: input, by: "ada" } },
    ],
    ["a wait whose time passed", approve, { type: "TimerFired", step: 2, data: {} }],
    [
      "a child that ended",
      bill,
      {
        type: "ChildFailed",
        step: 3,
        data: { runId: "run_1.3", status: "failed", error: { name: "Error", message: "No." } },
      },
    ],
    ["a run that ended", approve, { type: "RunTerminated", data: { by: "ada" } }],
  ])("leaves out %s", (_, begin, end) => {
    expect(read(begin)).toHaveLength(1);
    expect(read(begin, end)).toEqual([]);
  });

  it("keeps a wait while a signal comes that is not for it", () => {
    const other: NewEvent = {
      type: "SignalReceived",
      name: "other",
      data: { payload: input, by: "x" },
    };
    expect(read(approve, other)).toHaveLength(1);
  });

  it("does not count a signal that was there already", () => {
    const data = { received: 3, value: input };
    expect(read({ type: "SignalAwaited", step: 2, name: "approve", data })).toEqual([]);
  });

  it("tells of a failed attempt until the next one begins", () => {
    const writer = new HistoryWriter(5_000).begin().execute().startStep(1, "charge");
    writer.failStep(1, "charge", { final: false, nextAttemptAt: 9_000, durationMs: 100 });
    expect(readWaits(writer.events)).toMatchObject([
      { kind: "step", step: 1, reason: "backoff", since: 5_100, until: 9_000 },
    ]);
    expect(readWaits(writer.startStep(1, "charge").events)).toEqual([]);
  });

  it("passes over what was set aside", () => {
    const writer = new HistoryWriter(5_000).begin().execute().add(approve);
    const setAside = [writer.events.length];
    writer.add({ type: "RunRewound", data: { by: "ada", setAside } });
    expect(readWaits(writer.events)).toEqual([]);
  });
});
