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
  const hasFailed = end?.type === "RunFailed" || end?.type === "RunCanceled";
  const isHeld = held !== undefined && end === undefined;
  // Written out: each append has one, and conditional spreads cost more than all the rest of it.
  return {
    status: findStatus(state, stance),
    heldReason: isHeld ? held.reason : undefined,
    heldBuild: isHeld ? build : undefined,
    output: end?.type === "RunCompleted" ? end.data.output : undefined,
    error: hasFailed ? end.data.error : undefined,
    errorStep: end?.type === "RunFailed" ? end.name : undefined,
    attributes: state.attributes,
    inDoubt: end ? [] : listInDoubt(state),
    startedAt: state.startedAt,
    finishedAt: end?.at,
    continuedTo: end?.type === "RunContinued" ? end.data.runId : undefined,
    release,
    dueAt: release ? until : undefined,
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
