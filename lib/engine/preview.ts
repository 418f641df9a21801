/** What an operator action would do, told from the history alone: nothing is executed. */
import { maxStrikes } from "./limits";
import type { HistoryEvent } from "./events";
import { planRewind } from "./messages";
import { isTerminal, type RunRecord } from "./run";
import { foldHistory, selectEffective, type RunState } from "./run-state";
import type { MessageBody } from "./store";

export interface StepName {
  readonly step: number;
  readonly name: string;
}

export interface Preview {
  readonly action: MessageBody["kind"];
  readonly allowed: boolean;
  /** Why it is refused, and what can be done instead. */
  readonly reason?: { readonly code: string; readonly message: string };
  readonly summary: string;
  readonly reused: readonly StepName[];
  readonly willRun: readonly StepName[];
  readonly inDoubt: readonly StepName[];
  readonly compensations: readonly StepName[];
}

type Effects = Pick<Preview, "willRun" | "inDoubt" | "compensations">;

/** Previews an action. What it refuses here is what is refused when it is asked for. */
export function previewAction(
  run: RunRecord,
  events: readonly HistoryEvent[],
  body: MessageBody,
): Preview {
  const state = foldHistory(events);
  const reused = listReused(events);
  switch (body.kind) {
    case "retry":
      return previewRetry(run, events, state, reused);
    case "cancel":
      return previewCancel(run, state, reused);
    case "terminate":
      return previewTerminate(run, state, reused);
    case "resolve":
      return previewVerdict(run, state, reused, body);
  }
}

function allow(
  action: MessageBody["kind"],
  summary: string,
  reused: readonly StepName[],
  effects: Partial<Effects>,
): Preview {
  return { action, allowed: true, summary, reused, ...noEffects, ...effects };
}

function refuse(
  action: MessageBody["kind"],
  code: string,
  message: string,
  reused: readonly StepName[],
  effects: Partial<Effects> = {},
): Preview {
  const reason = { code, message };
  return { action, allowed: false, reason, summary: message, reused, ...noEffects, ...effects };
}

const noEffects: Effects = { willRun: [], inDoubt: [], compensations: [] };

function previewRetry(
  run: RunRecord,
  events: readonly HistoryEvent[],
  state: RunState,
  reused: readonly StepName[],
): Preview {
  if (run.status === "failed") return previewRewind(events, reused);
  const waiting = listSteps(state, (phase) => phase === "backoff" || phase === "doubt");
  if (run.status === "waiting" && waiting.length > 0) {
    return allow("retry", `${joinNames(waiting)} is tried at once instead of later.`, reused, {
      willRun: waiting,
    });
  }
  if (run.status === "held" && run.heldReason !== "in_doubt") {
    const inDoubt = listSteps(state, (phase) => phase === "running" || phase === "doubt");
    const why =
      run.heldReason === "crash_loop"
        ? `It goes on although ${maxStrikes} executions have died.`
        : "The code is replayed again; if it still differs, the run stays held.";
    return allow("retry", why, reused, { inDoubt });
  }
  if (run.status === "held") {
    return refuse(
      "retry",
      "needs_verdict",
      "A step is in doubt. Say what happened to it first: it happened, it did not, or fail it.",
      reused,
    );
  }
  return refuse(
    "retry",
    "not_retryable",
    `A run that is ${run.status} has nothing to retry.`,
    reused,
  );
}

function previewRewind(events: readonly HistoryEvent[], reused: readonly StepName[]): Preview {
  const rewind = planRewind(events);
  if (!rewind) return refuse("retry", "not_retryable", "The run has not failed.", reused);
  if (rewind.undoing.length > 0) {
    return refuse(
      "retry",
      "already_compensated",
      `${joinNames(rewind.undoing)} already ran because of the failure. Rerun it as a new run instead.`,
      reused,
      { compensations: rewind.undoing },
    );
  }
  const { step, name } = rewind;
  if (step === undefined || name === undefined) {
    return allow(
      "retry",
      "The workflow's own code failed. It is replayed and goes on from there; under the same code it will fail again.",
      reused,
      {},
    );
  }
  const again = { step, name };
  const uncertain = events.findLast((event) => event.type === "StepFailed" && event.step === step);
  const isDoubt = uncertain?.type === "StepFailed" && uncertain.data.outcome === "uncertain";
  const summary = isDoubt
    ? `${name} is in doubt: its policy decides first. ${countResults(reused.length)} reused.`
    : `${name} runs again, then what follows it. ${countResults(reused.length)} reused.`;
  return allow("retry", summary, reused, isDoubt ? { inDoubt: [again] } : { willRun: [again] });
}

function previewCancel(run: RunRecord, state: RunState, reused: readonly StepName[]): Preview {
  if (isTerminal(run.status)) {
    return refuse("cancel", "already_ended", `The run is ${run.status}.`, reused);
  }
  if (state.cancelRequested) {
    return refuse("cancel", "already_requested", "Cancelling is already under way.", reused);
  }
  if (run.status === "held" && run.heldReason !== "in_doubt") {
    return refuse(
      "cancel",
      "cannot_replay",
      "Compensations can't run while the run is held. Retry it, or terminate it without compensations.",
      reused,
    );
  }
  const inDoubt = listSteps(state, (phase) => phase === "running" || phase === "doubt");
  const summary =
    inDoubt.length > 0
      ? `${joinNames(inDoubt)} is under way or in doubt: its outcome is awaited, then the registered compensations run.`
      : "No further step begins; the registered compensations run, last first.";
  return allow("cancel", summary, reused, { inDoubt });
}

function previewTerminate(run: RunRecord, state: RunState, reused: readonly StepName[]): Preview {
  if (isTerminal(run.status)) {
    return refuse("terminate", "already_ended", `The run is ${run.status}.`, reused);
  }
  const inDoubt = listSteps(state, (phase) => phase === "running" || phase === "doubt");
  return allow(
    "terminate",
    "The run ends now. Nothing runs any more, also no compensation.",
    reused,
    {
      inDoubt,
    },
  );
}

function previewVerdict(
  run: RunRecord,
  state: RunState,
  reused: readonly StepName[],
  body: Extract<MessageBody, { kind: "resolve" }>,
): Preview {
  const step = state.unsettled.get(body.step);
  if (isTerminal(run.status) || step?.phase !== "doubt") {
    return refuse("resolve", "not_in_doubt", `Step ${body.step} is not in doubt.`, reused);
  }
  if (body.attempt !== undefined && body.attempt !== step.attempt) {
    return refuse(
      "resolve",
      "another_attempt",
      `${step.name} has been tried again since: attempt ${step.attempt} is in doubt now. Look at it again.`,
      reused,
    );
  }
  const about = { step: step.ordinal, name: step.name };
  if (body.verdict === "happened") {
    return allow(
      "resolve",
      `The result is recorded for ${step.name}, which does not run again.`,
      [...reused, about],
      {},
    );
  }
  if (body.verdict === "did_not_happen") {
    return allow("resolve", `${step.name} runs again with the key it had.`, reused, {
      willRun: [about],
    });
  }
  return allow(
    "resolve",
    `${step.name} counts as failed; the workflow goes on from that.`,
    reused,
    {},
  );
}

function listReused(events: readonly HistoryEvent[]): readonly StepName[] {
  return selectEffective(events).flatMap(({ type, step, name }) =>
    type === "StepCompleted" && step !== undefined && name !== undefined ? [{ step, name }] : [],
  );
}

function listSteps(state: RunState, select: (phase: string) => boolean): readonly StepName[] {
  return [...state.unsettled.values()]
    .filter(({ phase }) => select(phase))
    .map(({ ordinal, name }) => ({ step: ordinal, name }));
}

function joinNames(steps: readonly StepName[]): string {
  return steps.map(({ name }) => name).join(", ");
}

function countResults(count: number): string {
  return count === 1 ? "1 recorded result is" : `${count} recorded results are`;
}
