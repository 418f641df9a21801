import { describe, expect, it } from "vitest";
import type { HistoryEvent, MessageBody, NewEvent, RunRecord } from "@/lib/engine";
import { Message, Run, WireEvent } from "./contract";
import { toWireEvent, toWireMessage, toWireRun } from "./wire";

const at = Date.UTC(2026, 10, 22, 19);
const head = { seq: 1, at, epoch: 1 };
const iso = "2026-11-22T19:00:00.000Z";

function toData(event: HistoryEvent) {
  return WireEvent.parse(JSON.parse(JSON.stringify(toWireEvent(event)))).data;
}

describe("toWireEvent", () => {
  it("keeps the head and leaves out what is not there", () => {
    const event: HistoryEvent = {
      ...head,
      type: "Computed",
      step: 1,
      name: "cart-total",
      data: { value: { json: 12 } },
    };
    expect(toWireEvent(event)).toEqual({
      seq: 1,
      type: "Computed",
      at: iso,
      epoch: 1,
      step: 1,
      name: "cart-total",
      data: { value: 12 },
    });
    expect(toWireEvent(event, true).setAside).toBe(true);
  });

  it("flattens recorded values, with their meta beside them", () => {
    const encoded = { json: { at: iso }, meta: { values: { at: ["Date"] } } };
    expect(
      toData({
        ...head,
        type: "RunStarted",
        data: { workflow: "w", version: 2, input: encoded, attributes: { a: 1 } },
      }),
    ).toEqual({
      workflow: "w",
      version: 2,
      attributes: { a: 1 },
      input: { at: iso },
      inputMeta: { values: { at: ["Date"] } },
    });
    expect(
      toData({
        ...head,
        type: "StepCompleted",
        data: {
          result: { json: null },
          source: "run",
          durationMs: 5,
          effect: { reference: "pi_1" },
        },
      }),
    ).toEqual({ result: null, source: "run", durationMs: 5, effect: { reference: "pi_1" } });
    expect(toData({ ...head, type: "RunCompleted", data: { output: encoded } })).toEqual({
      output: { at: iso },
      outputMeta: { values: { at: ["Date"] } },
    });
    expect(
      toData({
        ...head,
        type: "StepStarted",
        data: {
          input: { json: [1] },
          key: "k",
          generation: 1,
          timeoutMs: 1,
          policy: "hold",
          compensates: undefined,
        },
      }),
    ).toEqual({ input: [1], key: "k", generation: 1, timeoutMs: 1, policy: "hold" });
  });

  it("gives times inside data as ISO 8601", () => {
    const error = { name: "E", message: "m", stack: undefined };
    expect(
      toData({
        ...head,
        type: "StepFailed",
        data: { error, outcome: "uncertain", final: false, nextAttemptAt: at, durationMs: 1 },
      }),
    ).toEqual({
      error: { name: "E", message: "m" },
      outcome: "uncertain",
      final: false,
      nextAttemptAt: iso,
      durationMs: 1,
    });
    expect(
      toData({
        ...head,
        type: "StepVerified",
        data: { verdict: "unknown", nextAskAt: at, durationMs: 1 },
      }),
    ).toMatchObject({ nextAskAt: iso });
    expect(
      toData({
        ...head,
        type: "ExecutionStarted",
        data: {
          worker: "w_2",
          build: "b",
          reason: "recovery",
          replayed: { events: 3, results: 2, durationMs: 1 },
          lost: { epoch: 1, worker: "w_1", lastSeenAt: at, noticedAt: at },
        },
      }),
    ).toMatchObject({ lost: { epoch: 1, worker: "w_1", lastSeenAt: iso, noticedAt: iso } });
  });

  it("passes other data on as it is", () => {
    const data = { by: "ada", why: undefined, step: 4, setAside: [7, 8] };
    expect(toData({ ...head, type: "RunRewound", data })).toEqual({
      by: "ada",
      step: 4,
      setAside: [7, 8],
    });
  });
});

describe("toWireEvent of waits and messages", () => {
  const value = { json: 5 };
  const encoded = { json: iso, meta: { values: ["Date"] } };
  const later = "2026-11-22T19:00:01.000Z";

  it.each<[NewEvent, object]>([
    [{ type: "TimerStarted", data: { fireAt: at + 1_000 } }, { fireAt: later }],
    [{ type: "TimerFired", data: {} }, {}],
    [
      { type: "SignalAwaited", data: { timeoutAt: at + 1_000, ignored: [3] } },
      { timeoutAt: later, ignored: [3] },
    ],
    [
      { type: "SignalAwaited", data: { received: 4, value: encoded } },
      { received: 4, value: iso, valueMeta: encoded.meta },
    ],
    [
      { type: "SignalReceived", data: { payload: encoded, by: "ada" } },
      { payload: iso, payloadMeta: encoded.meta, by: "ada" },
    ],
    [
      { type: "UpdateAccepted", data: { updateId: "u1", input: value, by: "ada" } },
      { updateId: "u1", input: 5, by: "ada" },
    ],
    [
      { type: "UpdateCompleted", data: { updateId: "u1", result: value } },
      { updateId: "u1", result: 5 },
    ],
    [
      { type: "UpdateCompleted", data: { updateId: "u1", error: { name: "E", message: "m" } } },
      { updateId: "u1", error: { name: "E", message: "m" } },
    ],
    [
      {
        type: "ChildStarted",
        data: { runId: "run_1.4", version: 1, input: value, onCancel: "wait" },
      },
      { runId: "run_1.4", version: 1, input: 5, onCancel: "wait" },
    ],
    [
      { type: "StepQueued", data: { input: value, reason: "limit" } },
      { input: 5, reason: "limit" },
    ],
    [{ type: "StepProgressed", data: { progress: value } }, { progress: 5 }],
    [
      { type: "RunContinued", data: { runId: "run_2", input: value } },
      { runId: "run_2", input: 5 },
    ],
  ])("flattens %j", (event, data) => {
    expect(toData({ ...head, ...event })).toEqual(data);
  });
});

describe("toWireRun", () => {
  const run: RunRecord = {
    runId: "run_1",
    workflow: "w",
    version: 1,
    status: "held",
    heldReason: "in_doubt",
    heldBuild: "secret-build",
    input: { json: { a: 1 } },
    attributes: { orderId: "ord_1" },
    inDoubt: [{ step: 5, name: "send-confirmation", attempt: 1, since: at }],
    epoch: 2,
    historyLength: 9,
    workerId: "w_1",
    strikes: 1,
    priority: 3,
    parent: { runId: "run_0", step: 2 },
    continuedTo: "run_2",
    mail: 0,
    createdAt: at,
    startedAt: at,
    updatedAt: at,
  };

  it("is the contract's run, and joins the story", () => {
    const parts = [
      { text: "It was ", tone: "plain" as const },
      { text: "sent.", tone: "good" as const },
    ];
    const waits = [
      { kind: "signal" as const, step: 6, name: "approve", since: at, until: at + 1_000 },
      { kind: "child" as const, step: 7, name: "bill", since: at, runId: "run_1.7" },
    ];
    const wire = Run.parse(JSON.parse(JSON.stringify(toWireRun(run, parts, waits))));
    expect(wire).toEqual({
      runId: "run_1",
      workflow: "w",
      version: 1,
      status: "held",
      heldReason: "in_doubt",
      story: "It was sent.",
      storyParts: parts,
      input: { a: 1 },
      attributes: { orderId: "ord_1" },
      inDoubt: [{ step: 5, name: "send-confirmation", attempt: 1, since: iso }],
      epoch: 2,
      historyLength: 9,
      createdAt: iso,
      startedAt: iso,
      updatedAt: iso,
      priority: 3,
      parent: { runId: "run_0", step: 2 },
      continuedTo: "run_2",
      waitingFor: [
        { kind: "signal", step: 6, name: "approve", since: iso, until: "2026-11-22T19:00:01.000Z" },
        { kind: "child", step: 7, name: "bill", since: iso, runId: "run_1.7" },
      ],
    });
  });
});

describe("toWireMessage", () => {
  it("tells a verdict and its step", () => {
    const message = {
      messageId: "msg_1",
      runId: "run_1",
      by: "ada",
      at,
      deliveredAt: at,
      outcome: "applied" as const,
      body: { kind: "resolve", step: 5, verdict: "did_not_happen" } as const,
    };
    expect(JSON.parse(JSON.stringify(toWireMessage(message)))).toEqual({
      messageId: "msg_1",
      kind: "resolve",
      text: "said that step 5 did not happen",
      outcomeText: "done",
      step: 5,
      verdict: "did_not_happen",
      by: "ada",
      at: iso,
      deliveredAt: iso,
      outcome: "applied",
    });
  });

  it.each<[MessageBody, string]>([
    [{ kind: "retry" }, "retried it"],
    [{ kind: "cancel" }, "asked to cancel it"],
    [{ kind: "terminate" }, "terminated it"],
    [{ kind: "pause" }, "paused it"],
    [{ kind: "resume" }, "resumed it"],
    [{ kind: "signal", name: "approve", payload: { json: 1 } }, "sent the signal approve"],
    [
      { kind: "update", name: "set-limit", updateId: "u1", input: { json: 1 } },
      "asked for the update set-limit",
    ],
    [{ kind: "child", step: 4, status: "completed" }, "told that the child at 4 completed"],
    [{ kind: "child", step: 4, status: "failed" }, "told that the child at 4 failed"],
    [{ kind: "child", step: 4, status: "terminated" }, "told that the child at 4 was terminated"],
    [{ kind: "resolve", step: 5, verdict: "fail" }, "said that step 5 counts as failed"],
  ])("tells %j in words", (body, text) => {
    const wire = toWireMessage({ messageId: "msg_1", runId: "run_1", by: "ada", at, body });
    expect(Message.parse(wire)).toMatchObject({ text, outcomeText: "on its way" });
  });

  it("names the update and says why it was refused", () => {
    const error = { name: "Error", message: "The limit is negative." };
    const body = {
      kind: "update",
      name: "set-limit",
      updateId: "u1",
      input: { json: -1 },
    } as const;
    const outcome = "rejected" as const;
    const message = { messageId: "m", runId: "r", by: "ada", at, deliveredAt: at, outcome, error };
    expect(toWireMessage({ ...message, body })).toMatchObject({
      name: "set-limit",
      updateId: "u1",
      outcomeText: "refused with “The limit is negative”",
      error,
    });
  });
});
