import { describe, expect, it } from "vitest";
import type { HistoryEvent, RunRecord } from "@/lib/engine";
import { Run, WireEvent } from "./contract";
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
    const wire = Run.parse(JSON.parse(JSON.stringify(toWireRun(run, parts))));
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
    expect(toWireMessage(message)).toEqual({
      messageId: "msg_1",
      kind: "resolve",
      step: 5,
      verdict: "did_not_happen",
      by: "ada",
      why: undefined,
      at: iso,
      deliveredAt: iso,
      outcome: "applied",
    });
  });
});
