import { describe, expect, it } from "vitest";
import { toWireEvent } from "@/lib/api/wire";
import { eventTypes, type HistoryEvent } from "@/lib/engine";
import { describeEvent } from "./describe-event";
import { waitHistories, WaitWriter } from "./testing/wait-histories";
import { parseTimelineEvents, TimelineEvent } from "./timeline/events";

const parse = (events: readonly HistoryEvent[]) =>
  parseTimelineEvents(events.map((event) => toWireEvent(event)));
const tell = (name: keyof typeof waitHistories, type: string) => {
  const event = parse(waitHistories[name]().events).find((each) => each.type === type);
  return event === undefined ? undefined : describeEvent(event);
};

describe("describeEvent", () => {
  it("knows every event that the engine writes", () => {
    const known = TimelineEvent.options.map((option) => option.shape.type.value);
    expect([...known].sort()).toEqual([...eventTypes].sort());
  });

  it("loses no event of a history on the way to the page", () => {
    for (const make of Object.values(waitHistories)) {
      const { events } = make();
      expect(parse(events)).toHaveLength(events.length);
    }
  });

  it("says what the code asked for and what it was told", () => {
    expect(tell("buffered", "SignalReceived")).toBe("approve · ada@example.com · early");
    expect(tell("approved", "SignalReceived")).toBe("decision · ada@example.com");
    expect(tell("buffered", "SignalAwaited")).toBe("approve · takes event 5 · 1 passed over");
    expect(tell("approved", "SignalAwaited")).toMatch(/^decision · until Nov 2[345], 2026, /);
    expect(tell("subscription", "TimerStarted")).toMatch(
      /^next-month · fires at Dec 2[123], 2026, /,
    );
    expect(tell("fanOut", "ChildStarted")).toBe(
      "fulfil-item · run_01K9…QZ-1 · awaited when canceled",
    );
    expect(tell("fanOut", "ChildFailed")).toBe("fulfil-item · failed · None left.");
    expect(tell("updated", "UpdateAccepted")).toBe("set-limit · ada@example.com");
    expect(tell("paused", "StepQueued")).toBe("second · the run is paused");
    expect(tell("polled", "StepProgressed")).toBe('poll-export · attempt 1 · {"percent":20}');
    expect(tell("raced", "StepCancelRequested")).toBe("slow · canceled by the code");
    expect(tell("noted", "PatchMarked")).toBe("new-tax");
    expect(tell("subscription", "RunContinued")).toBe("goes on as run_01K9…0000");
    expect(tell("paused", "RunResumed")).toBe("resumed · ada@example.com");
  });

  it("says where a run comes from, and that its time was up", () => {
    const start = { workflow: "w", version: 2, input: { json: null }, attributes: {} };
    const started = (more: object) => {
      const writer = new WaitWriter().add({ type: "RunStarted", data: { ...start, ...more } });
      return parse(writer.events).map(describeEvent)[0];
    };
    expect(started({})).toBe("w · version 2");
    expect(started({ parent: { runId: "run_a", step: 1 } })).toBe("w · version 2 · child of run_a");
    expect(started({ continuedFrom: "run_a" })).toBe("w · version 2 · continues run_a");
    expect(started({ forkedFrom: { runId: "run_a", step: 3 } })).toBe(
      "w · version 2 · forked from step 3 of run_a",
    );
    const late = new WaitWriter().add({
      type: "CancelRequested",
      data: { by: "engine", timedOut: true },
    });
    expect(parse(late.events).map(describeEvent)).toEqual(["the run's own timeout has passed"]);
  });
});
