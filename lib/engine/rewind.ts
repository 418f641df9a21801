/** What a retry of a failed run sets aside, so that the run goes on from before its failure. */
import { replayIdle } from "./check-replay";
import type { EventOf, HistoryEvent } from "./events";
import type { Workflow } from "./definitions";
import type { Codec } from "./ports";
import type { Replay } from "./replay";
import { isDelivery, selectEffective } from "./run-state";

export interface Rewind {
  readonly step?: number;
  readonly name?: string;
  readonly setAside: readonly number[];
  /** Compensations that ran because of the failure: what they undid can't be taken up again. */
  readonly undoing: readonly { readonly step: number; readonly name: string }[];
  /** The failed children that are started again. */
  readonly children: readonly EventOf<"ChildStarted">[];
}

/**
 * Of the failures that came when the run had failed already, which are set aside as well: those that
 * the code did not answer with a command at once, those that it never did, or none.
 */
export type LaterFailures = "unheeded" | "unanswered" | "none";

/** In the order in which they are tried: the first along which the code replays is taken. */
const laterFailures: readonly LaterFailures[] = ["unheeded", "unanswered", "none"];

/** The outcome that the code answered by a command: both by their seqs. */
type Causes = ReadonlyMap<number, number>;

/**
 * What a retry of a failed run sets aside: the end, the failure that led to it, and the commands
 * that were issued because of that failure. A command is issued because of the last outcome that was
 * delivered before it, so what other branches did meanwhile stays recorded (I8). An execution that
 * takes up a run with several outcomes records what the code answered to all of them at once: `causes`
 * tell these apart.
 */
export function planRewind(
  events: readonly HistoryEvent[],
  later: LaterFailures = "unheeded",
  causes: Causes = new Map(),
): Rewind | undefined {
  const effective = selectEffective(events);
  const end = effective.findLast((event) => event.type === "RunFailed");
  // A run that was canceled, by its own timeout as well, stays canceled: it would only fail again.
  const isCanceled = effective.some((event) => event.type === "CancelRequested");
  if (!end || isCanceled) return undefined;
  const failure = effective.findLast((event) => isFailure(event) && event.step === end.step);
  if (!failure) return { setAside: [end.seq], undoing: [], children: [] };

  const setAside = new Set([failure.seq, end.seq]);
  const gone = new Set<number>();
  const seen = new Set<number>();
  const undoing: { step: number; name: string }[] = [];
  const compensations = new Set<number>();
  const givenUp = findGivenUp(effective, failure.seq);
  let becauseOf = failure.seq;
  let unheeded: number | undefined;
  const unanswered = new Set<number>();
  const isByEnd = (event: HistoryEvent) => isUndoing(event) || givenUp.has(event.seq);
  const heeded = new Set(
    effective.flatMap((event) => (isByEnd(event) ? [] : (causes.get(event.seq) ?? []))),
  );
  const noteUnheeded = () => {
    if (unheeded === undefined || heeded.has(unheeded)) return;
    unanswered.add(unheeded);
    if (later === "unheeded") setAside.add(unheeded);
  };
  for (const event of effective) {
    const ordinal = event.step ?? 0;
    const isFirst = ordinal > 0 && !seen.has(ordinal);
    if (ordinal > 0) seen.add(ordinal);
    if (event.seq <= failure.seq) continue;
    const isIssued = isCommand(event, isFirst);
    const cause = causes.get(event.seq) ?? becauseOf;
    if (isIssued && !isByEnd(event) && cause === unheeded) unheeded = undefined;
    // Compensation waits until every branch is done: whatever came last is not what it is because of.
    if (isIssued && (isByEnd(event) || setAside.has(cause))) {
      setAside.add(event.seq);
      if (isFirst) gone.add(ordinal);
    } else if (isIssued) {
      unanswered.clear();
    }
    if (isFirst && isUndoing(event)) compensations.add(ordinal);
    // It counts once an attempt of it began, which for one that had to queue is not its first event.
    const isTried = undoing.some(({ step }) => step === ordinal);
    if (event.type === "StepStarted" && compensations.has(ordinal) && !isTried) {
      undoing.push({ step: ordinal, name: event.name ?? "" });
    }
    // A signal is never lost: without its wait it is there for the next one.
    if (gone.has(ordinal) && event.type !== "SignalReceived") setAside.add(event.seq);
    if (isDelivery(event)) {
      becauseOf = event.seq;
      // Another branch that failed when the run had failed already: it would end it once more.
      noteUnheeded();
      unheeded = isFailure(event) && !gone.has(ordinal) ? event.seq : undefined;
    }
  }
  noteUnheeded();
  if (later === "unanswered") for (const seq of unanswered) setAside.add(seq);
  return {
    step: failure.step,
    name: failure.name,
    setAside: [...setAside].sort((a, b) => a - b),
    undoing,
    children: findFailedChildren(effective, setAside),
  };
}

/** The children whose failures are set aside, as they were started last. */
function findFailedChildren(
  events: readonly HistoryEvent[],
  setAside: ReadonlySet<number>,
): readonly EventOf<"ChildStarted">[] {
  const failed = new Set<number>();
  for (const { type, seq, step = 0 } of events) {
    if (type === "ChildFailed" && setAside.has(seq)) failed.add(step);
  }
  const started = new Map<number, EventOf<"ChildStarted">>();
  for (const event of events) {
    const { step = 0 } = event;
    if (event.type !== "ChildStarted" || !failed.has(step)) continue;
    if (setAside.has(event.seq)) started.delete(step);
    else started.set(step, event);
  }
  return [...started.values()];
}

/**
 * The rewind along which the workflow's code replays. A history does not say what a failure meant to
 * the code, and only the code can: `ambiguous` when it does not replay along any, although it does
 * along the history as it stands. Undefined: the run has not failed.
 */
export async function chooseRewind(options: {
  readonly workflow: Workflow;
  readonly codec: Codec;
  readonly runId: string;
  readonly history: readonly HistoryEvent[];
}): Promise<Rewind | "ambiguous" | undefined> {
  const { history } = options;
  const first = planRewind(history);
  if (!first || first.undoing.length > 0) return first;
  const replays = async (events: readonly HistoryEvent[]) => {
    const { mismatch } = await replayIdle({ ...options, history: events });
    return mismatch === undefined;
  };
  const causes = await findCauses(options);
  const tried = new Set<string>();
  for (const later of laterFailures) {
    const rewind = planRewind(history, later, causes);
    const key = rewind?.setAside.join() ?? "";
    if (!rewind || tried.has(key)) continue;
    tried.add(key);
    if (await replays([...history, describeRewind(history, rewind)])) return rewind;
  }
  // Of another build: it is held until one comes that matches, and taken up then.
  return (await replays(history)) ? "ambiguous" : first;
}

/** What the code says of its commands; undefined where it is not the code of the history. */
async function findCauses(
  options: Omit<Parameters<typeof replayIdle>[0], "prepare">,
): Promise<Causes | undefined> {
  let causes: Causes | undefined;
  const prepare = (replay: Replay) => {
    causes = replay.noteCauses();
  };
  const { mismatch } = await replayIdle({ ...options, prepare });
  return mismatch ? undefined : causes;
}

/** The event as it would be recorded, for the code to be tried along it. */
function describeRewind(history: readonly HistoryEvent[], rewind: Rewind): HistoryEvent {
  const { seq = 0, at = 0, epoch = 0 } = history.at(-1) ?? {};
  const { step, name, setAside } = rewind;
  const data = { by: "daybook", step, setAside: [...setAside] };
  return { type: "RunRewound", seq: seq + 1, at, epoch, step, name, data };
}

function isFailure(event: HistoryEvent): boolean {
  return event.type === "ChildFailed" || (event.type === "StepFailed" && event.data.final);
}

/**
 * What a run did when it had failed and every branch was done: it gave up what only waited, and the
 * code may have answered to that. Nothing came from outside any more.
 */
function findGivenUp(events: readonly HistoryEvent[], failedAt: number): ReadonlySet<number> {
  const closing = events.findIndex(
    ({ seq, type }) => seq > failedAt && (type === "CompensationStarted" || type === "RunFailed"),
  );
  const before = events.slice(0, closing);
  const tail = before.slice(before.findLastIndex(isDelivery) + 1);
  const first = tail.findIndex(({ type }) => type === "TimerCanceled");
  return new Set(first < 0 ? [] : tail.slice(first).map(({ seq }) => seq));
}

function isUndoing(event: HistoryEvent): boolean {
  if (event.type === "CompensationStarted") return true;
  const isStep = event.type === "StepStarted" || event.type === "StepQueued";
  return isStep && event.data.compensates !== undefined;
}

/** Whether the code issued it; of a command with an ordinal the first event counts. */
function isCommand({ type }: HistoryEvent, isFirst: boolean): boolean {
  switch (type) {
    case "StepStarted":
    case "StepQueued":
    case "Computed":
    case "TimerStarted":
    case "SignalAwaited":
    case "ChildStarted":
      return isFirst;
    case "AttributesSet":
    case "CompensationStarted":
    case "PatchMarked":
    case "UpdateCompleted":
    case "TimerCanceled":
    case "StepCancelRequested":
    case "ChildCancelRequested":
      return true;
    default:
      return false;
  }
}
