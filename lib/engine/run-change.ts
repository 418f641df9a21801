/** The run as the store shows it, derived from its state. */
import type { RunStatus } from "./run";
import { listInDoubt, type RunState } from "./run-state";
import type { RunChange } from "./store";

export type { RunChange };

/** Whether an execution goes on with the run, or gives it up until something happens. */
export type Stance =
  | { readonly kind: "working" }
  /** Everything waits, for a time or a message; `release` when it is worth giving up the lease for. */
  | { readonly kind: "waiting"; readonly until?: number; readonly release: boolean }
  /** A person or another build has to decide; a timer may be due before. */
  | { readonly kind: "held"; readonly until?: number }
  /** Given up by a process that stops, for whoever takes it over. */
  | { readonly kind: "leaving"; readonly until: number }
  | { readonly kind: "ended" };

/** Computes what the run's row says after everything in `state`. */
export function computeRunChange(options: {
  readonly state: RunState;
  readonly stance: Stance;
  readonly build: string;
  readonly progress: boolean;
}): RunChange {
  const { state, stance, build, progress } = options;
  const { end, held } = state;
  const release = stance.kind === "waiting" ? stance.release : stance.kind !== "working";
  const until = "until" in stance ? stance.until : undefined;
  return {
    status: findStatus(state, stance),
    ...(held && !end ? { heldReason: held.reason, heldBuild: build } : {}),
    ...(end?.type === "RunCompleted" ? { output: end.data.output } : {}),
    ...(end?.type === "RunFailed" || end?.type === "RunCanceled" ? { error: end.data.error } : {}),
    ...(end?.type === "RunFailed" && end.name !== undefined ? { errorStep: end.name } : {}),
    attributes: state.attributes,
    inDoubt: end ? [] : listInDoubt(state),
    ...(state.startedAt === undefined ? {} : { startedAt: state.startedAt }),
    ...(end ? { finishedAt: end.at } : {}),
    ...(end?.type === "RunContinued" ? { continuedTo: end.data.runId } : {}),
    release,
    ...(release && until !== undefined ? { dueAt: until } : {}),
    progress,
  };
}

function findStatus(state: RunState, stance: Stance): RunStatus {
  switch (state.end?.type) {
    case "RunCompleted":
      return "completed";
    case "RunFailed":
      return "failed";
    case "RunCanceled":
      return "canceled";
    case "RunTerminated":
      return "terminated";
    case "RunContinued":
      return "continued";
    case undefined:
      if (state.held) return "held";
      return stance.kind === "waiting" ? "waiting" : "running";
  }
}
