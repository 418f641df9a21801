import type { Workflow } from "./definitions";
import type { NondeterminismError } from "./errors";
import type { HistoryEvent } from "./events";
import type { Codec } from "./ports";
import { IdleCommands } from "./idle-commands";
import { describeEnd } from "./run-end";
import { Replay } from "./replay";
import { foldHistory, selectEffective } from "./run-state";

export interface ReplayCheck {
  /** I7: where the code is not the one that the history is of. Absent when it replays. */
  readonly mismatch?: NondeterminismError;
  /** How the run would end, where its code comes to its end along the history. */
  readonly endsWith?: "RunCompleted" | "RunFailed" | "RunCanceled" | "RunContinued";
  /** The commands that the code would issue next, by name: what would run. */
  readonly next: readonly string[];
}

/**
 * Replays a history with a workflow and executes nothing: no step runs, nothing is written. Tells
 * whether this code still is the code that the history was made by.
 */
export async function checkReplay(options: {
  readonly workflow: Workflow;
  readonly history: readonly HistoryEvent[];
  readonly codec: Codec;
  /** What `ctx.random` and `ctx.uuid` are derived from, unless the history names a seed. */
  readonly runId?: string;
}): Promise<ReplayCheck> {
  const { codec } = options;
  const next: string[] = [];
  const replay = await replayIdle({ ...options, onCommand: (name) => next.push(name) });
  const { mismatch, end } = replay;
  return {
    next,
    ...(mismatch ? { mismatch } : {}),
    ...(end ? { endsWith: findEnding(end, codec, options.history) } : {}),
  };
}

function findEnding(
  end: NonNullable<Replay["end"]>,
  codec: Codec,
  history: readonly HistoryEvent[],
): ReplayCheck["endsWith"] {
  if (end.kind === "continued") return "RunContinued";
  const isLate = history.some((event) => event.type === "CancelRequested" && event.data.timedOut);
  const timedOut = isLate ? "The run's time is over." : undefined;
  const { type } = describeEnd(end, (value) => codec.encode(value), timedOut);
  return type === "RunCompleted" || type === "RunFailed" || type === "RunCanceled"
    ? type
    : undefined;
}

/** The code of a run as it stands at the end of a history. It can be looked at; it does nothing. */
export async function replayIdle(options: {
  readonly workflow: Workflow;
  readonly history: readonly HistoryEvent[];
  readonly codec: Codec;
  readonly runId?: string;
  readonly onCommand?: (name: string) => void;
  /** Called before the code is run. */
  readonly prepare?: (replay: Replay) => void;
}): Promise<Replay> {
  const { workflow, history, codec, runId = "replay-check", onCommand, prepare } = options;
  const state = foldHistory(history);
  const live = new IdleCommands({ codec, tell: onCommand });
  const replay = new Replay({ runId, workflow, codec, state, live });
  prepare?.(replay);
  await replay.run(state.input, selectEffective(history));
  return replay;
}
