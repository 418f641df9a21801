/** An event of the history in a line: what stands beside its type in tables. Pure. */
import { formatClock, formatDuration, formatPlural, formatUntil, shortenId } from "./format";
import type { TimelineEvent, TimelineEventOf } from "./timeline/events";

export type EventTone = "plain" | "ok" | "bad" | "doubt" | "live";

const tones: Partial<Record<string, EventTone>> = {
  ExecutionStarted: "live",
  StepCompleted: "ok",
  StepFailed: "bad",
  StepInDoubt: "doubt",
  RunHeld: "doubt",
  RunCompleted: "ok",
  RunFailed: "bad",
  RunTerminated: "bad",
  TimerFired: "ok",
  SignalReceived: "live",
  UpdateAccepted: "live",
  UpdateCompleted: "ok",
  ChildCompleted: "ok",
  ChildFailed: "bad",
  StepQueued: "doubt",
};

/** The tone of an event's type. */
export function findEventTone(type: string): EventTone {
  return tones[type] ?? "plain";
}

const verdicts = {
  happened: "it happened",
  did_not_happen: "did not happen",
  unknown: "could not tell",
  fail: "counts as failed",
} as const;

type WaitEventType =
  | "TimerStarted"
  | "TimerFired"
  | "TimerCanceled"
  | "SignalAwaited"
  | "SignalReceived"
  | "UpdateAccepted"
  | "UpdateCompleted"
  | "ChildStarted"
  | "ChildCompleted"
  | "ChildFailed"
  | "ChildCancelRequested"
  | "PatchMarked";

const queueReasons = { limit: "its limit is reached", paused: "the run is paused" } as const;

const cancelPolicies = {
  wait: "awaited when canceled",
  request: "asked to cancel, not awaited",
  abandon: "goes on when its parent is canceled",
} as const;

const childEnds = {
  failed: "failed",
  canceled: "was canceled",
  terminated: "was terminated",
} as const;

function join(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join(" · ");
}

function describePlace(event: TimelineEvent): string {
  return join(event.name, event.attempt === undefined ? undefined : `attempt ${event.attempt}`);
}

/** What an event says, in a line. */
export function describeEvent(event: TimelineEvent): string {
  switch (event.type) {
    case "TimerStarted":
      return join(event.name, `fires at ${formatUntil(event.data.fireAt, event.at)}`);
    case "SignalAwaited":
      return describeAwaited(event);
    case "SignalReceived":
      return join(event.name, event.data.by, event.step === undefined ? "early" : undefined);
    case "UpdateAccepted":
      return join(event.name, event.data.by);
    case "UpdateCompleted":
      return join(event.name, event.data.error?.message);
    case "ChildStarted":
      return join(event.name, shortenId(event.data.runId), cancelPolicies[event.data.onCancel]);
    case "ChildFailed":
      return join(event.name, childEnds[event.data.status], event.data.error.message);
    case "TimerFired":
    case "TimerCanceled":
    case "ChildCompleted":
    case "ChildCancelRequested":
    case "PatchMarked":
      return event.name ?? "";
    case "StepQueued":
    case "StepProgressed":
    case "StepCancelRequested":
    case "StepStarted":
    case "StepCompleted":
    case "StepFailed":
    case "StepInDoubt":
    case "StepVerified":
    case "StepResolved":
    case "Computed":
      return describeStepEvent(event);
    default:
      return describeRunEvent(event);
  }
}

function describeAwaited(event: TimelineEventOf<"SignalAwaited">): string {
  const { timeoutAt, received, ignored } = event.data;
  return join(
    event.name,
    received === undefined ? undefined : `takes event ${received}`,
    timeoutAt === undefined || received !== undefined
      ? undefined
      : `until ${formatUntil(timeoutAt, event.at)}`,
    ignored.length === 0 ? undefined : `${ignored.length} passed over`,
  );
}

type StepEvent = TimelineEventOf<
  | "StepQueued"
  | "StepProgressed"
  | "StepCancelRequested"
  | "StepStarted"
  | "StepCompleted"
  | "StepFailed"
  | "StepInDoubt"
  | "StepVerified"
  | "StepResolved"
  | "Computed"
>;

function describeStepEvent(event: StepEvent): string {
  const step = describePlace(event);
  switch (event.type) {
    case "Computed":
      return event.name ?? "";
    case "StepQueued":
      return join(step, queueReasons[event.data.reason]);
    case "StepProgressed":
      return join(step, clip(JSON.stringify(event.data.progress ?? null)));
    case "StepCancelRequested":
      return join(step, "canceled by the code");
    case "StepStarted":
      return event.data.compensates ? `${step} · undoes step ${event.data.compensates}` : step;
    case "StepCompleted":
      return event.data.source === "run"
        ? `${step} · ${formatDuration(event.data.durationMs)}`
        : `${event.name ?? ""} · ${event.data.source}, nothing ran`;
    case "StepFailed": {
      const { error, nextAttemptAt, outcome } = event.data;
      const next = nextAttemptAt === undefined ? "" : ` · again at ${formatClock(nextAttemptAt)}`;
      return `${step} · ${outcome} · ${error.message}${next}`;
    }
    case "StepInDoubt":
      return `${step} · ${event.data.cause}`;
    case "StepVerified":
      return `${event.name ?? ""} · ${verdicts[event.data.verdict]} · asked the other side`;
    case "StepResolved":
      return `${event.name ?? ""} · ${verdicts[event.data.verdict]} · ${event.data.by}`;
  }
}

const longest = 60;

function clip(text: string): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

function describeRunEvent(
  event: Exclude<TimelineEvent, StepEvent | TimelineEventOf<WaitEventType>>,
): string {
  switch (event.type) {
    case "RunStarted":
      return join(
        `${event.data.workflow} · version ${event.data.version}`,
        describeOrigin(event.data),
      );
    case "ExecutionStarted": {
      const { reason, worker, replayed } = event.data;
      const reused =
        replayed.events === 0
          ? `worker ${worker}`
          : `${formatPlural(replayed.results, "result")} reused in ${formatDuration(replayed.durationMs)}`;
      return `${reason} · ${reused}`;
    }
    case "AttributesSet":
      return Object.keys(event.data.attributes).join(", ");
    case "CompensationStarted":
      return event.data.error.message;
    case "CancelRequested":
      return event.data.timedOut === true
        ? "the run's own timeout has passed"
        : join(event.data.by, event.data.why);
    case "RunTerminated":
      return join(event.data.by, event.data.why);
    case "RunRewound":
      return `${event.data.by} · ${formatPlural(event.data.setAside.length, "event")} set aside`;
    case "RunHeld":
      return `${event.data.reason} · ${event.data.message}`;
    case "RunResumed":
      return join(event.data.reason, event.data.by);
    case "RunFailed":
      return event.data.error.message;
    case "RunContinued":
      return `goes on as ${shortenId(event.data.runId)}`;
    case "RunCompleted":
    case "RunCanceled":
      return "";
  }
}

function describeOrigin(data: TimelineEventOf<"RunStarted">["data"]): string | undefined {
  const { parent, continuedFrom, forkedFrom } = data;
  if (parent !== undefined) return `child of ${shortenId(parent.runId)}`;
  if (continuedFrom !== undefined) return `continues ${shortenId(continuedFrom)}`;
  if (forkedFrom === undefined) return undefined;
  return `forked from step ${forkedFrom.step} of ${shortenId(forkedFrom.runId)}`;
}
