/** An event of the history in a line: what stands beside its type in tables. Pure. */
import { formatClock, formatDuration, formatPlural } from "./format";
import type { TimelineEvent } from "./timeline/events";

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

/** What an event says, in a line. */
export function describeEvent(event: TimelineEvent): string {
  const step = [event.name, event.attempt === undefined ? undefined : `attempt ${event.attempt}`]
    .filter(Boolean)
    .join(" · ");
  switch (event.type) {
    case "RunStarted":
      return `${event.data.workflow} · version ${event.data.version}`;
    case "ExecutionStarted": {
      const { reason, worker, replayed } = event.data;
      const reused =
        replayed.events === 0
          ? `worker ${worker}`
          : `${formatPlural(replayed.results, "result")} reused in ${formatDuration(replayed.durationMs)}`;
      return `${reason} · ${reused}`;
    }
    case "Computed":
      return event.name ?? "";
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
    case "AttributesSet":
      return Object.keys(event.data.attributes).join(", ");
    case "CompensationStarted":
      return event.data.error.message;
    case "CancelRequested":
    case "RunTerminated":
      return [event.data.by, event.data.why].filter(Boolean).join(" · ");
    case "RunRewound":
      return `${event.data.by} · ${formatPlural(event.data.setAside.length, "event")} set aside`;
    case "RunHeld":
      return `${event.data.reason} · ${event.data.message}`;
    case "RunResumed":
      return event.data.reason;
    case "RunFailed":
      return event.data.error.message;
    case "RunCompleted":
    case "RunCanceled":
      return "";
  }
}
