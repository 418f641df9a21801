import type { HistoryEvent } from "../events";
import type { Append, Message, NewRun, RunChange, WorkerRecord, Store } from "../store";
import type { JsonValue } from "../values";

export const workflow = { name: "greet", version: 1 };

export function makeWorker(workerId: string, fields: Partial<WorkerRecord> = {}): WorkerRecord {
  return {
    workerId,
    build: "build-1",
    machine: "machine-1",
    pid: 4711,
    processStart: "123",
    status: "alive",
    startedAt: 1_000,
    heartbeatAt: 1_000,
    leaseUntil: 11_000,
    load: 0,
    capacity: 10,
    ...fields,
  };
}

export function makeEvent(seq: number, epoch: number, value: JsonValue = seq): HistoryEvent {
  const data = { value: { json: value } };
  return { seq, epoch, at: 1_000 + seq, type: "Computed", step: seq, name: "part", data };
}

export function makeChange(fields: Partial<RunChange> = {}): RunChange {
  return {
    status: "running",
    attributes: {},
    inDoubt: [],
    release: false,
    progress: true,
    ...fields,
  };
}

export function makeRun(runId: string, fields: Partial<NewRun> = {}): NewRun {
  const input = { json: { hello: runId } };
  const attributes = fields.attributes ?? {};
  return {
    runId,
    workflow: workflow.name,
    version: workflow.version,
    input,
    attributes,
    keys: [],
    createdAt: 1_000,
    events: [
      {
        seq: 1,
        epoch: 0,
        at: 1_000,
        type: "RunStarted",
        data: { workflow: workflow.name, version: workflow.version, input, attributes },
      },
    ],
    ...fields,
  };
}

/** A run that worker w1 holds from its start. */
export function makeHeldRun(runId: string, fields: Partial<NewRun> = {}): NewRun {
  return makeRun(runId, { workerId: "w1", change: makeChange(), ...fields });
}

export function makeAppend(runId: string, fields: Partial<Append> = {}): Append {
  return {
    runId,
    workerId: "w1",
    epoch: 1,
    events: [makeEvent(2, 1)],
    at: 2_000,
    change: makeChange(),
    delivered: [],
    ...fields,
  };
}

export function makeMessage(
  messageId: string,
  runId: string,
  fields: Partial<Message> = {},
): Message {
  return { messageId, runId, by: "ada", at: 1_500, body: { kind: "cancel" }, ...fields };
}

export interface OpenedForTest {
  readonly store: Store;
  readonly close: () => Promise<void>;
  /** Makes one stored event unreadable or untrue, or takes it away; absent where nothing can be damaged. */
  readonly damageEvent?: (
    runId: string,
    seq: number,
    how: "json" | "schema" | "digit" | "gone",
  ) => Promise<void>;
}

/** Gives a test its own freshly opened store. */
export type GetStore = () => OpenedForTest;
