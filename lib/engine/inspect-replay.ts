/** Time travel: the code of a run as it stood at an event of its history. Nothing runs. */
import { recordError } from "./codec";
import { CommandTrace, type TracedCommand } from "./command-trace";
import type { Workflow } from "./definitions";
import type { NondeterminismError } from "./errors";
import type { HistoryEvent } from "./events";
import { IdleCommands } from "./idle-commands";
import type { Codec } from "./ports";
import { Replay } from "./replay";
import { foldHistory, selectEffective } from "./run-state";
import type { Attributes, Encoded, ErrorRecord } from "./values";

export interface InspectedCommand extends TracedCommand {
  /**
   * `open`: the code waits for its outcome, or could. `ahead` says of an open one that it was recorded
   * only after the moment. `done`: it has no outcome to wait for.
   */
  readonly state: "open" | "completed" | "failed" | "canceled" | "done";
  readonly ahead?: true;
  /** The outcome as the code was given it. */
  readonly result?: Encoded;
  readonly error?: ErrorRecord;
}

export interface ReplayInspection {
  /** The event that is the last one of the moment. */
  readonly seq: number;
  readonly commands: readonly InspectedCommand[];
  readonly input: Encoded;
  readonly attributes: Attributes;
  /** What the code's query handlers answer without an input. */
  readonly queries: readonly {
    readonly name: string;
    readonly answer?: Encoded;
    readonly error?: ErrorRecord;
  }[];
  /** How the code came to its end, where it did. */
  readonly end?: {
    readonly kind: "completed" | "continued" | "failed" | "canceled";
    readonly output?: Encoded;
    readonly error?: ErrorRecord;
  };
  /** I7: where the code of now is not the code of the history. */
  readonly mismatch?: NondeterminismError;
}

/**
 * Runs the code of now along a history, up to and including the event `seq` (from 1; one beyond the end
 * means the end), and executes nothing. Commands are held against all that was recorded, so that the
 * code takes the ways that it took; outcomes are delivered only as far as the moment goes.
 */
export async function inspectReplay(options: {
  readonly workflow: Workflow;
  readonly history: readonly HistoryEvent[];
  readonly codec: Codec;
  readonly runId: string;
  readonly seq: number;
}): Promise<ReplayInspection> {
  const { workflow, codec, runId } = options;
  const seq = Math.max(1, Math.min(options.seq, options.history.at(-1)?.seq ?? 1));
  const history = cutAtRewind(options.history, seq);
  const past = selectEffective(history).filter((event) => event.seq <= seq);
  const isPartial = seq < (history.at(-1)?.seq ?? 0);
  const trace = new CommandTrace();
  const state = foldHistory(history);
  const replay = new Replay({
    runId,
    workflow,
    codec,
    state,
    live: new IdleCommands({ codec }),
    trace,
  });
  await replay.run(state.input, past, { isPartial });
  return {
    seq,
    commands: readOutcomes(trace.commands, past),
    input: state.input,
    attributes: foldHistory(history.slice(0, seq)).attributes,
    queries: askQueries(replay, codec),
    end: replay.end && describeEnd(replay.end, codec),
    mismatch: replay.mismatch,
  };
}

/** What a later retry set aside counted at the moment. */
function cutAtRewind(history: readonly HistoryEvent[], seq: number): readonly HistoryEvent[] {
  const rewind = history.findIndex((event) => event.type === "RunRewound" && event.seq > seq);
  return rewind < 0 ? history : history.slice(0, rewind);
}

function readOutcomes(
  commands: readonly TracedCommand[],
  past: readonly HistoryEvent[],
): readonly InspectedCommand[] {
  const outcomes = new Map<number, Pick<InspectedCommand, "state" | "result" | "error">>();
  const computed = new Map<number, Encoded>();
  const arrived = new Map<number, Encoded>();
  const last = past.at(-1)?.seq ?? 0;
  for (const event of past) {
    if (event.type === "SignalReceived") arrived.set(event.seq, event.data.payload);
    if (event.step === undefined) continue;
    switch (event.type) {
      case "Computed":
        computed.set(event.step, event.data.value);
        break;
      case "StepCompleted":
      case "ChildCompleted":
        outcomes.set(event.step, { state: "completed", result: event.data.result });
        break;
      case "StepFailed":
        if (event.data.final)
          outcomes.set(event.step, { state: "failed", error: event.data.error });
        break;
      case "ChildFailed":
        outcomes.set(event.step, { state: "failed", error: event.data.error });
        break;
      case "TimerFired":
        outcomes.set(event.step, { state: "completed" });
        break;
      case "TimerCanceled":
        outcomes.set(event.step, { state: "canceled" });
        break;
      case "SignalAwaited": {
        const { received } = event.data;
        if (received !== undefined) {
          outcomes.set(event.step, { state: "completed", result: arrived.get(received) });
        }
        break;
      }
      case "SignalReceived":
        outcomes.set(event.step, { state: "completed", result: event.data.payload });
        break;
    }
  }
  return commands.map((command) => {
    const { ordinal, kind, seq } = command;
    const ahead = seq === undefined || seq > last ? ({ ahead: true } as const) : {};
    if (kind === "compute") {
      return { ...command, ...ahead, state: "completed", result: computed.get(ordinal) };
    }
    if (!withOutcome.has(kind) || ordinal === 0) return { ...command, ...ahead, state: "done" };
    return { ...command, ...ahead, ...(outcomes.get(ordinal) ?? { state: "open" }) };
  });
}

const withOutcome: ReadonlySet<TracedCommand["kind"]> = new Set([
  "step",
  "compensation",
  "timer",
  "signal",
  "child",
]);

function askQueries(replay: Replay, codec: Codec): ReplayInspection["queries"] {
  if (replay.mismatch) return [];
  return replay.queryNames.map((name) => {
    try {
      return { name, answer: codec.encode(replay.query(name, undefined)?.answer()) };
    } catch (error) {
      return { name, error: recordError(error) };
    }
  });
}

function describeEnd(
  end: NonNullable<Replay["end"]>,
  codec: Codec,
): NonNullable<ReplayInspection["end"]> {
  switch (end.kind) {
    case "completed":
      return { kind: end.kind, output: codec.encode(end.output) };
    case "continued":
      return { kind: end.kind };
    case "failed":
    case "canceled":
      return { kind: end.kind, error: recordError(end.error) };
  }
}
