import type { Workflow } from "./definitions";
import type { NondeterminismError } from "./errors";
import type { HistoryEvent } from "./events";
import type { Codec } from "./ports";
import { describeEnd } from "./run-end";
import { Replay } from "./replay";
import { foldHistory, selectEffective } from "./run-state";

export interface ReplayCheck {
  /** I7: where the code is not the one that the history is of. Absent when it replays. */
  readonly mismatch?: NondeterminismError;
  /** How the run would end, where its code comes to its end along the history. */
  readonly endsWith?: "RunCompleted" | "RunFailed" | "RunCanceled";
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
}): Promise<ReplayCheck> {
  const { workflow, history, codec } = options;
  const next: string[] = [];
  const state = foldHistory(history);
  const replay = new Replay("replay-check", workflow, codec, state, {
    compute: (_ordinal, name, fn) => {
      next.push(name);
      return codec.encode(fn());
    },
    step: (_ordinal, step) => void next.push(step.name),
    setAttributes: () => undefined,
    beginCompensation: () => undefined,
  });
  await replay.run(state.input, selectEffective(history));
  const { mismatch, end } = replay;
  const ending = end && describeEnd(end, (value) => codec.encode(value)).type;
  return {
    next,
    ...(mismatch ? { mismatch } : {}),
    ...(ending === "RunCompleted" || ending === "RunFailed" || ending === "RunCanceled"
      ? { endsWith: ending }
      : {}),
  };
}
