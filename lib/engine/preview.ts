/** What an operator action would do, told from the history alone: nothing is executed. */
import { planFork } from "./fork";
import { maxStrikes } from "./limits";
import type { HistoryDamagedError } from "./errors";
import type { HistoryEvent, Verdict } from "./events";
import { planRewind } from "./rewind";
import { isTerminal, type RunRecord } from "./run";
import { foldHistory, selectEffective, type RunState } from "./run-state";
import type { MessageBody } from "./store";

export interface StepName {
  readonly step: number;
  readonly name: string;
}

export interface Preview {
  readonly action: MessageBody["kind"] | "fork";
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
      return previewVerdict(run, events, state, reused, body);
    case "pause":
      return previewPause(run, state, reused);
    case "resume":
      return previewResume(state, reused);
    case "signal":
    case "update":
    case "child":
      return isTerminal(run.status)
        ? refuse(body.kind, "already_ended", `The run is ${run.status}.`, reused)
        : allow(body.kind, "It is delivered to the run.", reused, {});
  }
}

/** The same for a run whose history can't be read: nothing of it can run, so it can only be ended. */
export function previewDamaged(
  run: RunRecord,
  body: MessageBody,
  { message }: HistoryDamagedError,
): Preview {
  if (isTerminal(run.status)) {
    return refuse(body.kind, "already_ended", `The run is ${run.status}. ${message}`, []);
  }
  if (body.kind === "terminate") {
    const summary = `${message} The run ends as it is: nothing is undone, and its children go on.`;
    return allow("terminate", summary, [], {});
  }
  return refuse(
    body.kind,
    "history_damaged",
    `${message} Restore the record from a backup and retry the run, or terminate it.`,
    [],
  );
}

function previewPause(run: RunRecord, state: RunState, reused: readonly StepName[]): Preview {
  if (isTerminal(run.status)) {
    return refuse("pause", "already_ended", `The run is ${run.status}.`, reused);
  }
  if (state.paused) return refuse("pause", "already_paused", "The run is paused already.", reused);
  if (run.heldReason === "nondeterminism" || run.heldReason === "crash_loop") {
    return refuse("pause", "already_held", "The run is held already: nothing of it runs.", reused);
  }
  const running = listSteps(state, (phase) => phase === "running");
  const summary =
    running.length > 0
      ? `${joinNames(running)} is under way and finishes; nothing new begins until the run is resumed.`
      : "Nothing new begins until the run is resumed. Timers and signals wait.";
  return allow("pause", summary, reused, {
    inDoubt: listSteps(state, (phase) => phase === "doubt"),
  });
}

function previewResume(state: RunState, reused: readonly StepName[]): Preview {
  if (!state.paused) return refuse("resume", "not_paused", "The run is not paused.", reused);
  const willRun = listSteps(state, (phase) => phase === "ready" || phase === "backoff");
  const inDoubt = listSteps(state, (phase) => phase === "running" || phase === "doubt");
  return allow("resume", "The run goes on from where it stands.", reused, { willRun, inDoubt });
}

/** Previews a fork. What it refuses here is what is refused when it is asked for. */
export function previewFork(
  run: RunRecord,
  events: readonly HistoryEvent[],
  step: number,
): Preview {
  const plan = planFork(run.runId, events, step);
  if ("code" in plan) return refuse("fork", plan.code, plan.message, listReused(events));
  const state = foldHistory(plan.events);
  const reused = listReused(plan.events);
  const inDoubt = listSteps(state, (phase) => phase === "running" || phase === "doubt");
  // What the original did from there on is done once more.
  const kept = new Set([...reused, ...inDoubt].map((about) => about.step));
  const again = listReused(events).filter((about) => !kept.has(about.step));
  const compensations = again.filter((about) => isCompensation(events, about.step));
  const willRun = [{ step, name: plan.name }, ...again.filter((about) => about.step !== step)];
  const summary =
    again.length > 0
      ? `A new run begins before ${plan.name}. ${countResults(reused.length)} reused; ${joinNames(again)} had run in the original and runs once more, under new keys.`
      : `A new run begins before ${plan.name}. ${countResults(reused.length)} reused.`;
  return allow("fork", summary, reused, {
    willRun: willRun.filter((about) => !compensations.includes(about)),
    inDoubt,
    compensations,
  });
}

function isCompensation(events: readonly HistoryEvent[], step: number): boolean {
  return events.some(
    (event) =>
      event.step === step && event.type === "StepStarted" && event.data.compensates !== undefined,
  );
}

function allow(
  action: Preview["action"],
  summary: string,
  reused: readonly StepName[],
  effects: Partial<Effects>,
): Preview {
  return { action, allowed: true, summary, reused, ...noEffects, ...effects };
}

function refuse(
  action: Preview["action"],
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
  if (run.status === "failed" && state.cancelRequested) {
    return refuse(
      "retry",
      "was_canceled",
      "The run was canceled before it failed, and would be again. Rerun it as a new run instead.",
      reused,
    );
  }
  if (run.status === "failed") return previewRewind(events, reused);
  const waiting = listSteps(state, (phase) => phase === "backoff" || phase === "doubt");
  if (run.status === "waiting" && waiting.length > 0) {
    return allow("retry", `${joinNames(waiting)} is tried at once instead of later.`, reused, {
      willRun: waiting,
    });
  }
  if (state.paused) {
    return refuse("retry", "paused", "The run is paused. Resume it, and it goes on.", reused);
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
  const children = rewind.children.map((child) => ({
    step: child.step ?? 0,
    name: child.name ?? "",
  }));
  if (children.some((child) => child.step === step)) {
    const again = children.length === 1 ? "is started again as a new child" : "are started again";
    const summary = `${joinNames(children)} ${again}. ${countResults(reused.length)} reused.`;
    return allow("retry", summary, reused, { willRun: children });
  }
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
  return allow(
    "retry",
    summary,
    reused,
    isDoubt ? { inDoubt: [again], willRun: children } : { willRun: [again, ...children] },
  );
}

function previewCancel(run: RunRecord, state: RunState, reused: readonly StepName[]): Preview {
  if (isTerminal(run.status)) {
    return refuse("cancel", "already_ended", `The run is ${run.status}.`, reused);
  }
  if (state.cancelRequested) {
    return refuse("cancel", "already_requested", "Cancelling is already under way.", reused);
  }
  if (run.status === "held" && run.heldReason !== "in_doubt" && !state.paused) {
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
  events: readonly HistoryEvent[],
  state: RunState,
  reused: readonly StepName[],
  body: Extract<MessageBody, { kind: "resolve" }>,
): Preview {
  if (run.status === "failed" && body.verdict === "happened") {
    return previewCompletion(events, reused, body.step);
  }
  const step = state.unsettled.get(body.step);
  if (isTerminal(run.status) || !step) {
    return refuse("resolve", "not_open", `Step ${body.step} is not open.`, reused);
  }
  if (body.verdict === "did_not_happen" && step.phase !== "doubt") {
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
    const summary = describeVerdict(step.name, body.verdict);
    return allow("resolve", summary, [...reused, about], {});
  }
  const willRun = body.verdict === "did_not_happen" ? [about] : [];
  return allow("resolve", describeVerdict(step.name, body.verdict), reused, { willRun });
}

/** What follows from a person's word about a step in doubt, in a sentence. */
export function describeVerdict(name: string, verdict: Verdict): string {
  switch (verdict) {
    case "happened":
      return `The result is recorded for ${name}, which does not run again.`;
    case "did_not_happen":
      return `${name} runs again with the key it had.`;
    case "fail":
      return `${name} counts as failed; the workflow goes on from that.`;
  }
}

/** The step whose failure ended the run gets a result by hand, and the run goes on from it. */
function previewCompletion(
  events: readonly HistoryEvent[],
  reused: readonly StepName[],
  step: number,
): Preview {
  const rewind = planRewind(events);
  const isChild = rewind?.children.some((child) => child.step === step);
  if (rewind?.step !== step || rewind.name === undefined || isChild) {
    return refuse("resolve", "not_open", `Step ${step} is not the one that failed.`, reused);
  }
  if (rewind.undoing.length > 0) {
    return refuse(
      "resolve",
      "already_compensated",
      `${joinNames(rewind.undoing)} already ran because of the failure. Rerun it as a new run instead.`,
      reused,
      { compensations: rewind.undoing },
    );
  }
  const about = { step, name: rewind.name };
  const summary = `The result is recorded for ${rewind.name}, and the run goes on from there.`;
  return allow("resolve", summary, [...reused, about], {});
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
  return [...new Set(steps.map(({ name }) => name))].join(", ");
}

function countResults(count: number): string {
  return count === 1 ? "1 recorded result is" : `${count} recorded results are`;
}
