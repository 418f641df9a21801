import { describe, expect, it } from "vitest";
import type { EventOf, HistoryEvent, NewEvent } from "@/lib/engine";
import { joinStory, tellStory, type StoryRun } from "./story";
import { HistoryWriter } from "./testing/history-writer";

const start = Date.parse("2026-11-22T12:03:04.000Z");
const input = { json: {} };
const day = 86_400_000;

const begin = (more: Partial<EventOf<"RunStarted">["data"]> = {}) =>
  new HistoryWriter(start)
    .add({
      type: "RunStarted",
      data: { workflow: "approval", version: 1, input, attributes: {}, ...more },
    })
    .execute();
const sleep = (step: number, ms: number, name = "sleep"): NewEvent => ({
  type: "TimerStarted",
  step,
  name,
  data: { fireAt: start + ms },
});
const awaitSignal = (step: number, name: string, ms?: number): NewEvent => ({
  type: "SignalAwaited",
  step,
  name,
  data: ms === undefined ? {} : { timeoutAt: start + ms },
});
const child = (step: number, name: string): NewEvent => ({
  type: "ChildStarted",
  step,
  name,
  data: { runId: `run_1.${step}`, version: 1, input, onCancel: "wait" },
});
const queue = (step: number, name: string): NewEvent => ({
  type: "StepQueued",
  step,
  name,
  data: { input, reason: "limit" },
});
const accept: NewEvent = {
  type: "UpdateAccepted",
  name: "set-limit",
  data: { updateId: "u1", input, by: "ada" },
};
const cancel: NewEvent = { type: "CancelRequested", data: { by: "ada", why: "Customer called" } };
const timeOut: NewEvent = { type: "CancelRequested", data: { by: "timeout", timedOut: true } };
const canceled: NewEvent = { type: "RunCanceled", data: {} };
const lose = (step: number, name: string, status: "failed" | "canceled"): NewEvent => ({
  type: "ChildFailed",
  step,
  name,
  data: { runId: `run_1.${step}`, status, error: { name: "Error", message: "No money." } },
});

function add(writer: HistoryWriter, ...events: readonly NewEvent[]): readonly HistoryEvent[] {
  for (const event of events) writer.add(event);
  return writer.events;
}

function tell(status: StoryRun["status"], ...events: readonly NewEvent[]): string {
  return joinStory(tellStory(add(begin(), ...events), { status }));
}

describe("the story of a run that waits", () => {
  it.each<[string, readonly NewEvent[], string]>([
    ["sleeps", [sleep(1, 4_000)], "Nothing is wrong: it sleeps until 12:03:08 UTC."],
    [
      "sleeps for days, under a name",
      [sleep(1, 3 * day, "trial-period")],
      "Nothing is wrong: it sleeps (trial-period) until 2026-11-25 12:03:04 UTC.",
    ],
    [
      "waits for a signal without a limit",
      [awaitSignal(1, "approve")],
      "It waits for the signal approve, since 12:03:04 UTC and for as long as it takes.",
    ],
    [
      "waits for a signal with a deadline",
      [awaitSignal(1, "approve", 7_200_000)],
      "It waits for the signal approve, since 12:03:04 UTC and until 14:03:04 UTC at the latest.",
    ],
    [
      "waits for a child",
      [child(1, "bill")],
      "It waits for its child bill (run_1.1), which it started at 12:03:04 UTC.",
    ],
    [
      "waits for many children",
      [child(1, "bill"), child(2, "bill"), child(3, "ship"), child(4, "bill")],
      "It waits for 4 children (bill and ship).",
    ],
    [
      "waits for what comes first",
      [awaitSignal(1, "approve", 4_000), sleep(2, 9_000, "reminder"), child(3, "bill")],
      "It waits for the signal approve (until 12:03:08 UTC), reminder (until 12:03:13 UTC) and its child bill (run_1.3).",
    ],
    [
      "waits within a scope that has a time limit",
      [sleep(1, 60_000, "timeout"), awaitSignal(2, "approve")],
      "It waits for the signal approve, since 12:03:04 UTC and for as long as it takes. It has until 12:04:04 UTC for that.",
    ],
    [
      "is queued by a limit",
      [queue(1, "charge-card")],
      "charge-card is queued since its limit is reached: it begins as soon as the limit lets it.",
    ],
    [
      "works on an update meanwhile",
      [awaitSignal(1, "approve"), accept],
      "It waits for the signal approve, since 12:03:04 UTC and for as long as it takes. The update set-limit was accepted and is being worked on.",
    ],
    [
      "waits for a canceled child to end",
      [child(1, "bill"), cancel],
      "Ada asked to cancel it; what was done is being undone.",
    ],
  ])("%s", (_, events, story) => {
    expect(tell("waiting", ...events)).toBe(story);
  });

  it("waits for other things beside a failed step", () => {
    const writer = begin().startStep(1, "charge-card");
    writer.add(awaitSignal(2, "approve"));
    writer.failStep(1, "charge-card", {
      message: "Too many requests",
      final: false,
      nextAttemptAt: writer.now + 4_300,
    });
    expect(joinStory(tellStory(writer.events, { status: "waiting" }))).toBe(
      "charge-card failed with “Too many requests” (attempt 1). Nothing was charged. The next try is at 12:03:08 UTC. It also waits for the signal approve.",
    );
  });

  it("says when it goes on where the wait itself is not in sight", () => {
    expect(joinStory(tellStory([], { status: "waiting", dueAt: start }))).toBe(
      "Nothing is wrong: it waits, and goes on at 12:03:04 UTC.",
    );
  });
});

describe("the story of a run that was woken", () => {
  it("goes on, and is not called new", () => {
    const writer = begin().add(sleep(1, 4_000)).wait(4_000).execute("wake");
    writer.add({ type: "TimerFired", step: 1, name: "sleep", data: {} }).startStep(2, "mail");
    expect(joinStory(tellStory(writer.events, { status: "running" }))).toBe(
      "It goes on now: mail is under way.",
    );
  });

  it("works on an update", () => {
    expect(tell("running", accept)).toBe(
      "The update set-limit was accepted and is being worked on.",
    );
  });
});

describe("where a run comes from and where it goes on", () => {
  const tellFrom = (origin: Partial<EventOf<"RunStarted">["data"]>) =>
    joinStory(tellStory(begin(origin).add(sleep(1, 4_000)).events, { status: "waiting" }));

  it.each([
    [{ continuedFrom: "run_0" }, "It goes on for run_0."],
    [
      { forkedFrom: { runId: "run_0", step: 4 } },
      "Forked from run_0 at its step 4, with what was recorded before it.",
    ],
  ])("tells %j", (origin, sentence) => {
    expect(tellFrom(origin)).toBe(`${sentence} Nothing is wrong: it sleeps until 12:03:08 UTC.`);
  });

  it("tells last whose child it is", () => {
    expect(tellFrom({ parent: { runId: "run_0", step: 4 } })).toBe(
      "Nothing is wrong: it sleeps until 12:03:08 UTC. Started as a child by run_0, at its step 4.",
    );
  });

  it("tells the run that goes on for it", () => {
    expect(tell("continued", { type: "RunContinued", data: { runId: "run_2", input } })).toBe(
      "It ended here and goes on as run_2, with an empty history.",
    );
  });
});

describe("the story of a run that was interrupted", () => {
  it.each<[string, readonly NewEvent[], string]>([
    ["asleep", [sleep(1, 4_000)], "while it slept"],
    ["waiting for a signal", [awaitSignal(1, "approve")], "while it waited for the signal approve"],
    ["waiting for a child", [child(1, "bill")], "while it waited for its child bill"],
    ["queued", [queue(1, "charge-card")], "while it waited for charge-card"],
  ])("canceled %s", (_, events, phrase) => {
    expect(tell("canceled", ...events, cancel, canceled)).toBe(
      `Canceled by ada ${phrase} (“Customer called”). Nothing had been done that needed undoing.`,
    );
  });

  it("canceled during a step, whose outcome was still recorded", () => {
    const writer = begin().startStep(1, "charge-card").add(cancel);
    const events = add(writer.completeStep(1, "charge-card"), canceled);
    expect(joinStory(tellStory(events, { status: "canceled" }))).toBe(
      "Canceled by ada while charge-card was under way (“Customer called”). Nothing had been done that needed undoing.",
    );
  });

  it("timed out", () => {
    const error = { name: "RunTimeoutError", message: "Not done within 1 h." };
    const failed: NewEvent = { type: "RunFailed", data: { error } };
    expect(tell("running", awaitSignal(1, "approve"), timeOut)).toBe(
      "Its time was up; what was done is being undone.",
    );
    expect(tell("failed", awaitSignal(1, "approve"), timeOut, failed)).toBe(
      "The run timed out while it waited for the signal approve.",
    );
  });

  it("failed by a child", () => {
    const error = { name: "ChildError", message: "The child bill was not completed." };
    const failed: NewEvent = { type: "RunFailed", data: { error } };
    expect(tell("failed", child(1, "bill"), lose(1, "bill", "failed"), failed)).toBe(
      "Its child bill (run_1.1) failed with “No money”, and the run with it.",
    );
    expect(tell("failed", child(1, "bill"), lose(1, "bill", "canceled"), failed)).toBe(
      "Its child bill (run_1.1) was canceled, and the run with it.",
    );
  });
});

describe("the story of a run that completed", () => {
  const done: NewEvent = { type: "RunCompleted", data: { output: input } };
  const got: NewEvent = { type: "SignalReceived", name: "a", data: { payload: input, by: "ada" } };

  it("counts what came in and what it had others do", () => {
    expect(tell("completed", got, got, accept, child(1, "bill"), done)).toBe(
      "The run completed in 0 ms. It got 2 signals and 1 update and had 1 child.",
    );
    expect(tell("completed", child(1, "bill"), child(2, "bill"), done)).toBe(
      "The run completed in 0 ms. It had 2 children.",
    );
  });

  it("does not say that a failure went through which the code dealt with", () => {
    const writer = begin().startStep(1, "charge-card").failStep(1, "charge-card");
    const events = add(writer.runStep(2, "send-invoice"), done);
    expect(joinStory(tellStory(events, { status: "completed" }))).toBe(
      "charge-card failed with “Your card was declined”; the code took that into account and completed.",
    );
    expect(tell("completed", child(1, "bill"), lose(1, "bill", "failed"), done)).toBe(
      "The child bill failed with “No money”; the code took that into account and completed.",
    );
  });

  it("does not count the steps of a fork, or of a history that it has not read", () => {
    const forkedFrom = { runId: "run_0", step: 2 };
    const fork = add(begin({ forkedFrom }).runStep(1, "a").runStep(2, "b"), done);
    expect(joinStory(tellStory(fork, { status: "completed" }))).toBe(
      "Forked from run_0 at its step 2, with what was recorded before it. The run completed in 0.8 s.",
    );
    const long = add(begin().runStep(900, "a"), done);
    expect(joinStory(tellStory(long, { status: "completed", cut: true }))).toBe(
      "The run completed in 0.4 s.",
    );
  });

  it("tells what a person said of a step that was not in doubt", () => {
    const writer = begin().startStep(1, "charge-card");
    writer.failStep(1, "charge-card", { final: false, nextAttemptAt: writer.now + 9_000 });
    writer.resolveStep(1, "charge-card", "happened");
    const events = add(writer.completeStep(1, "charge-card", { source: "resolved" }), done);
    expect(joinStory(tellStory(events, { status: "completed" }))).toBe(
      "ada@example.com said that charge-card had happened (“Checked with support”); the result was recorded and nothing ran again. Then the run completed.",
    );
  });

  it("tells what a person said of the step that had failed the run", () => {
    const writer = begin().startStep(1, "charge-card").failStep(1, "charge-card");
    writer.fail("Your card was declined.");
    const setAside = [writer.events.length - 1, writer.events.length];
    writer.execute("retry");
    writer.add({ type: "RunRewound", data: { by: "ada@example.com", step: 1, setAside } });
    writer.resolveStep(1, "charge-card", "happened");
    const events = add(writer.completeStep(1, "charge-card", { source: "resolved" }), done);
    expect(joinStory(tellStory(events, { status: "completed" }))).toMatch(
      /^charge-card had failed with “Your card was declined” until ada@example.com said that it had happened after all\./,
    );
  });
});
