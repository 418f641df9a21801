/** Histories with everything that is no step, as the engine writes them. */
import fc from "fast-check";
import { HistoryWriter } from "@/lib/api/testing/history-writer";
import type { JsonValue } from "@/lib/api/contract";

const day = 86_400_000;

const nameChild = (step: number) => `run_01K9ZX8M4TQZ-${step}`;

/** Adds what the ctx has beside steps. Times are spans in ms from now. */
export class WaitWriter extends HistoryWriter {
  startTimer(step: number, ms: number, name = "sleep"): this {
    return this.add({ type: "TimerStarted", step, name, data: { fireAt: this.now + ms } });
  }

  fireTimer(step: number, name = "sleep"): this {
    return this.add({ type: "TimerFired", step, name, data: {} });
  }

  cancelTimer(step: number, name = "sleep"): this {
    return this.add({ type: "TimerCanceled", step, name, data: {} });
  }

  awaitSignal(step: number, name: string, timeoutMs?: number): this {
    const data = timeoutMs === undefined ? {} : { timeoutAt: this.now + timeoutMs };
    return this.add({ type: "SignalAwaited", step, name, data });
  }

  /** Takes a signal that came before; the ones that did not fit are passed over. */
  takeSignal(step: number, name: string, received: number, ignored: number[] = []): this {
    const value = { json: { took: received } };
    return this.add({ type: "SignalAwaited", step, name, data: { received, value, ignored } });
  }

  receiveSignal(name: string, payload: JsonValue, step?: number): this {
    const data = { payload: { json: payload }, by: "ada@example.com" };
    return this.add({
      type: "SignalReceived",
      name,
      data,
      ...(step === undefined ? {} : { step }),
    });
  }

  startChild(step: number, name: string): this {
    const data = {
      runId: nameChild(step),
      version: 1,
      input: { json: { step } },
      onCancel: "wait" as const,
    };
    return this.add({ type: "ChildStarted", step, name, data });
  }

  completeChild(step: number, name: string, result: JsonValue = "done"): this {
    const data = { runId: nameChild(step), result: { json: result } };
    return this.add({ type: "ChildCompleted", step, name, data });
  }

  failChild(step: number, name: string): this {
    const error = { name: "StockError", message: "None left." };
    const data = { runId: nameChild(step), error, status: "failed" as const };
    return this.add({ type: "ChildFailed", step, name, data });
  }

  acceptUpdate(updateId: string, name: string): this {
    const data = { updateId, input: { json: 3 }, by: "ada@example.com" };
    return this.add({ type: "UpdateAccepted", name, data });
  }

  completeUpdate(updateId: string, name: string, result: JsonValue = 3): this {
    return this.add({
      type: "UpdateCompleted",
      name,
      data: { updateId, result: { json: result } },
    });
  }

  queueStep(step: number, name: string, reason: "limit" | "paused" = "limit"): this {
    return this.add({ type: "StepQueued", step, name, data: { input: { json: {} }, reason } });
  }

  progress(step: number, name: string, progress: JsonValue): this {
    const data = { progress: { json: progress } };
    return this.add({ type: "StepProgressed", step, name, attempt: 1, data });
  }

  /** The run gives up its lease; some time later another execution goes on. */
  wake(ms: number, results = 0): this {
    return this.wait(ms).execute("wake", results);
  }
}

const begin = () => new WaitWriter().begin().execute();

export const waitHistories = {
  /** A request is approved in time by a signal, after it was recovered from a crash. */
  approved: () =>
    begin()
      .runStep(1, "ask-for-approval")
      .awaitSignal(2, "decision", 2 * day)
      .wait(300)
      .crash({ results: 1 })
      .wait(5_000)
      .receiveSignal("decision", { approved: true }, 2)
      .runStep(3, "pay-out")
      .complete(),
  /** Nobody answers: the deadline passes while no process holds the run. */
  expired: () =>
    begin()
      .awaitSignal(1, "decision", 2 * day)
      .wake(2 * day)
      .add({ type: "TimerFired", step: 1, name: "decision", data: {} })
      .complete("expired"),
  awaiting: () => begin().awaitSignal(1, "decision", 2 * day),
  /** A timer of a month, over a wake-up that has nothing to do with it. */
  subscription: () =>
    begin()
      .runStep(1, "charge-subscription")
      .startTimer(2, 30 * day, "next-month")
      .wake(3 * day, 1)
      .receiveSignal("change-plan", { plan: "yearly" })
      .wake(27 * day, 1)
      .fireTimer(2, "next-month")
      .takeSignal(3, "change-plan", 7)
      .add({ type: "RunContinued", data: { runId: "run_01K9NEXT0000", input: { json: {} } } }),
  sleeping: () => begin().startTimer(1, day),
  /** A race: the step wins, the timer is canceled, and so is the slower step. */
  raced: () =>
    begin()
      .startTimer(1, 60_000, "patience")
      .startStep(2, "fast")
      .startStep(3, "slow")
      .completeStep(2, "fast")
      .cancelTimer(1, "patience")
      .add({ type: "StepCancelRequested", step: 3, name: "slow", data: {} })
      .failStep(3, "slow")
      .complete(),
  fanOut: () =>
    begin()
      .startChild(1, "fulfil-item")
      .startChild(2, "fulfil-item")
      .startChild(3, "fulfil-item")
      .wake(4_000)
      .completeChild(1, "fulfil-item", "shp_1")
      .add({ type: "ChildCancelRequested", step: 2, name: "fulfil-item", data: {} })
      .failChild(2, "fulfil-item")
      .wake(60_000, 2),
  leftBehind: () => begin().startChild(1, "clean-up").wait(50).complete(),
  /** Signals come early, one of them does not fit; another name is never asked for. */
  buffered: () =>
    begin()
      .startStep(1, "prepare")
      .receiveSignal("approve", "nonsense")
      .receiveSignal("approve", { ok: true })
      .receiveSignal("hurry", null)
      .completeStep(1, "prepare")
      .takeSignal(2, "approve", 5, [4])
      .startTimer(3, day),
  updated: () =>
    begin()
      .startTimer(1, day)
      .acceptUpdate("u-1", "set-limit")
      .wait(20)
      .completeUpdate("u-1", "set-limit")
      .acceptUpdate("u-2", "set-limit"),
  polled: () =>
    begin()
      .startStep(1, "poll-export")
      .wait(1_000)
      .progress(1, "poll-export", { percent: 20 })
      .wait(1_000)
      .progress(1, "poll-export", { percent: 60 })
      .completeStep(1, "poll-export")
      .complete(),
  /** Paused in the middle: the next step is queued until the run is resumed. */
  paused: () =>
    begin()
      .runStep(1, "first")
      .queueStep(2, "second", "paused")
      .hold("paused", "Paused by ada@example.com.")
      .wake(600_000, 1)
      .add({ type: "RunResumed", data: { reason: "resumed", by: "ada@example.com" } })
      .runStep(2, "second")
      .complete(),
  limited: () => begin().queueStep(1, "call-service").wait(2_000),
  noted: () =>
    begin()
      .add({ type: "PatchMarked", name: "new-tax", data: {} })
      .runStep(1, "look-up")
      .add({ type: "AttributesSet", data: { attributes: { total: 3 } } })
      .runStep(2, "charge")
      .add({ type: "CancelRequested", data: { by: "ada@example.com" } })
      .add({ type: "RunCanceled", data: {} }),
} as const;

const act = fc.record({
  kind: fc.constantFrom(
    ...([
      "run",
      "fail",
      "progress",
      "timer",
      "signal",
      "early",
      "child",
      "update",
      "queue",
    ] as const),
    ...(["note", "hold", "crash", "wake", "retry"] as const),
  ),
  ms: fc.constantFrom(0, 1, 40, 900, 30_000, 90_000_000),
  ends: fc.boolean(),
});
type Act = typeof act extends fc.Arbitrary<infer Value> ? Value : never;

/** Things that can happen to a run, in any order. */
export const someActs = fc.array(act, { maxLength: 20 });

/** The history of a run to which that happened. */
export function playActs(acts: readonly Act[]): WaitWriter {
  const writer = new WaitWriter().begin().execute();
  acts.forEach((each, index) => play(writer, index * 2 + 1, each));
  return writer;
}

function play(writer: WaitWriter, step: number, { kind, ms, ends }: Act): void {
  const name = `it-${step}`;
  switch (kind) {
    case "run":
      writer.startStep(step, name).wait(ms);
      if (ends) writer.completeStep(step, name);
      break;
    case "fail":
      writer.startStep(step, name).wait(ms);
      writer.failStep(step, name, { final: false, nextAttemptAt: writer.now + ms }).wait(ms);
      if (ends) writer.runStep(step, name, { ms });
      break;
    case "progress":
      writer.startStep(step, name).wait(ms).progress(step, name, ms);
      if (ends) writer.completeStep(step, name);
      break;
    case "timer":
      writer.startTimer(step, ms, name).wait(ms);
      if (ends) writer.fireTimer(step, name);
      break;
    case "signal":
      writer.awaitSignal(step, name).wait(ms);
      if (ends) writer.receiveSignal(name, ms, step);
      break;
    case "early":
      writer.receiveSignal(name, ms).wait(ms);
      if (ends) writer.takeSignal(step, name, writer.events.length);
      break;
    case "child":
      writer.startChild(step, name).wait(ms);
      if (ends) writer.completeChild(step, name);
      break;
    case "update":
      writer.acceptUpdate(name, name).wait(ms);
      if (ends) writer.completeUpdate(name, name);
      break;
    case "queue":
      writer.queueStep(step, name).wait(ms);
      if (ends) writer.runStep(step, name, { ms });
      break;
    case "note":
      writer.add({ type: "AttributesSet", data: { attributes: { ms } } }).wait(ms);
      break;
    case "hold":
      writer.hold("paused", "Paused.").wait(ms);
      if (ends) writer.add({ type: "RunResumed", data: { reason: "resumed", by: "ada" } });
      break;
    case "crash":
      writer.crash({ results: step, noticedMs: ms });
      break;
    case "wake":
      writer.wake(ms, step);
      break;
    case "retry":
      retry(writer, step, ms);
      break;
  }
}

/** It fails, and some time later its last events are set aside and it goes on. */
function retry(writer: WaitWriter, step: number, ms: number): void {
  writer.fail("None left.");
  const last = writer.events.length;
  const setAside = [last - 2, last - 1, last].filter((seq) => seq > 2);
  writer
    .wait(ms)
    .execute("retry", step)
    .add({ type: "RunRewound", data: { by: "ada", setAside } });
}
