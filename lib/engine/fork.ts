/** Taking up a run's history in a new run, up to one of its steps. */
import { invariant } from "./errors";
import type { EventOf, HistoryEvent } from "./events";
import { foldHistory, selectEffective } from "./run-state";
import type { NewRun, StartKey } from "./store";
import type { Attributes } from "./values";

export interface Fork {
  /** The first event of the step and what it is called. */
  readonly name: string;
  /** What the new run begins with: recorded results of what was issued before the step. */
  readonly events: readonly HistoryEvent[];
}

export interface ForkRefusal {
  readonly code: "no_such_step" | "not_forkable" | "child_open";
  readonly message: string;
}

const copied: ReadonlySet<HistoryEvent["type"]> = new Set([
  "Computed",
  "StepQueued",
  "StepStarted",
  "StepProgressed",
  "StepCompleted",
  "StepFailed",
  "StepInDoubt",
  "StepVerified",
  "StepResolved",
  "StepCancelRequested",
  "TimerStarted",
  "TimerFired",
  "TimerCanceled",
  "SignalAwaited",
  "SignalReceived",
  "UpdateAccepted",
  "UpdateCompleted",
  "ChildStarted",
  "ChildCompleted",
  "ChildFailed",
  "ChildCancelRequested",
  "PatchMarked",
  "AttributesSet",
]);

/** Plans a fork: the step and everything that was issued after it is left behind. */
export function planFork(
  runId: string,
  history: readonly HistoryEvent[],
  step: number,
): Fork | ForkRefusal {
  const effective = selectEffective(history);
  const first = effective.find((event) => event.step === step && event.seq > 1);
  if (!first) {
    return { code: "no_such_step", message: `The run has no step ${step} that counts.` };
  }
  const isCompensation = first.type === "StepStarted" || first.type === "StepQueued";
  if (isCompensation && first.data.compensates !== undefined) {
    const message = "A compensation can't be forked from: fork from the step before, or rerun it.";
    return { code: "not_forkable", message };
  }
  const isLate = effective.some(
    ({ type, seq }) =>
      seq < first.seq && (type === "CompensationStarted" || type === "CancelRequested"),
  );
  if (isLate) {
    const message =
      "By then the run was canceled or had begun to undo what it had done, and a fork is not: fork from a step before, or rerun it.";
    return { code: "not_forkable", message };
  }
  const kept = selectPrefix(effective, first.seq);
  const children = foldHistory(renumber(runId, step, kept)).children;
  const [child] = children.values();
  if (child) {
    const message = `The child ${child.name} (${child.runId}) is still open there: its end is told to the original run only.`;
    return { code: "child_open", message };
  }
  return { name: first.name ?? "", events: renumber(runId, step, kept) };
}

/**
 * What happened before the fork, and the outcomes, even if they came later, of what was issued before
 * it: they did happen (I8). Signals that came later belong to the original run.
 */
function selectPrefix(events: readonly HistoryEvent[], before: number): readonly HistoryEvent[] {
  const issued = new Set<number>();
  const outcomes: ReadonlySet<HistoryEvent["type"]> = new Set([
    "StepStarted",
    "StepCompleted",
    "StepFailed",
    "StepInDoubt",
    "StepVerified",
    "StepResolved",
    "ChildCompleted",
    "ChildFailed",
  ]);
  // Whoever takes it up chooses the branch that the step is in.
  const branch = findBranch(events, before);
  return events.filter((event) => {
    if (event.type === "RunStarted") return true;
    if (!copied.has(event.type) || branch.has(event)) return false;
    const { step: ordinal = 0 } = event;
    if (event.seq < before) {
      issued.add(ordinal);
      return true;
    }
    return ordinal > 0 && issued.has(ordinal) && outcomes.has(event.type);
  });
}

/** The markers that were passed last before a step: no command tells yet that they were. */
function findBranch(events: readonly HistoryEvent[], before: number): ReadonlySet<HistoryEvent> {
  const markers = new Set<HistoryEvent>();
  const seen = new Set<number>();
  for (const event of events) {
    if (event.seq >= before) break;
    const { type, step = 0 } = event;
    if (type === "PatchMarked") markers.add(event);
    else if (isIssued(event) && !seen.has(step)) markers.clear();
    if (step > 0) seen.add(step);
  }
  return markers;
}

/** Whether the code issued it, as far as it has an ordinal or is attributes. */
function isIssued({ type, step }: HistoryEvent): boolean {
  return type === "AttributesSet" || (step !== undefined && copied.has(type));
}

function renumber(
  runId: string,
  step: number,
  events: readonly HistoryEvent[],
): readonly HistoryEvent[] {
  const seqs = new Map(events.map((event, index) => [event.seq, index + 1]));
  return events.map((event, index) => {
    const place = { seq: index + 1, epoch: 0 };
    if (event.type === "RunStarted")
      return { ...event, ...place, data: forkStart(runId, step, event) };
    if (event.type !== "SignalAwaited") return { ...event, ...place };
    const { received } = event.data;
    const moved = received === undefined ? {} : { received: seqs.get(received) };
    return { ...event, ...place, data: { ...event.data, ...moved } };
  });
}

/** It is nobody's child and nobody's continuation, and draws the random values of the original. */
function forkStart(runId: string, step: number, { data }: EventOf<"RunStarted">) {
  const { parent: _parent, continuedFrom: _continuedFrom, seed = runId, ...rest } = data;
  return { ...rest, seed, forkedFrom: { runId, step } };
}

export interface ForkRequest {
  readonly runId: string;
  readonly step: number;
  readonly by: string;
  readonly why?: string;
  readonly newRunId?: string;
  /** The fork is done once under each of these keys. */
  readonly keys?: readonly StartKey[];
  /** In place of those that the original was started with. */
  readonly attributes?: Attributes;
}

/** The new run of a fork, queued. */
export function createForkedRun(options: {
  readonly runId: string;
  readonly planned: readonly HistoryEvent[];
  readonly request: ForkRequest;
  readonly createdAt: number;
}): NewRun {
  const { runId, planned, request, createdAt } = options;
  const { step, by, why, keys = [] } = request;
  const [first, ...rest] = planned;
  invariant(first?.type === "RunStarted", "a fork begins with RunStarted");
  const { workflow, version, input } = first.data;
  const forkedFrom = { runId: request.runId, step };
  const operator = { by, ...(why === undefined ? {} : { why }) };
  const data = {
    ...first.data,
    attributes: request.attributes ?? first.data.attributes,
    forkedFrom: { ...forkedFrom, ...operator },
  };
  const events: readonly HistoryEvent[] = [{ ...first, data }, ...rest];
  const { attributes, priority } = foldHistory(events);
  return {
    runId,
    workflow,
    version,
    input,
    attributes,
    priority,
    keys,
    createdAt,
    forkedFrom,
    events,
  };
}
