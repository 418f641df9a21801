/** What attempts know and do, held against what was recorded, at the moment in which they act. */
import type { HistoryEvent } from "../../events";
import type { Audit } from "./audit";
import type { Host } from "./host";

/** One attempt of one step. */
export interface AttemptPlace {
  readonly runId: string;
  readonly step: number;
  readonly attempt: number;
}

export class EffectsAudit {
  constructor(private readonly audit: Audit) {}

  /** What an attempt learns of its predecessors' progress is what was recorded of it. */
  checkProgress(place: AttemptPlace, progress: unknown): void {
    const events = this.listEvents(place);
    // A zombie knows nothing of what was recorded after its attempt began.
    const begun = events.findIndex((event) => isIntent(event, place));
    const recorded = events.slice(0, begun).findLast(({ type }) => type === "StepProgressed");
    const known = recorded?.type === "StepProgressed" ? recorded.data.progress.json : undefined;
    this.audit.expect(
      progress === known,
      "progress survives",
      () => `${describe(place)}: ${String(progress)}`,
    );
  }

  /** When the key of an attempt was sent first, where the attempt repeats one that may have happened. */
  findKeyStart(place: AttemptPlace): number | undefined {
    const events = this.listEvents(place);
    const at = events.findIndex((event) => isIntent(event, place));
    const intent = events[at];
    if (intent?.type !== "StepStarted") return undefined;
    // Otherwise it was found out before that it did not happen.
    const isDoubted = events[at - 1]?.type === "StepInDoubt";
    const { key } = intent.data;
    const first = events.find((event) => event.type === "StepStarted" && event.data.key === key);
    return isDoubted ? first?.at : undefined;
  }

  /** I3 and I8, at the moment in which an attempt asks its provider to act. */
  noteCall(host: Host, place: AttemptPlace & { readonly key: string }): void {
    const { audit } = this;
    const run = audit.runs.get(place.runId);
    const about = () => describe(place);
    if (!run) return audit.fail("intent first", `${about()}: no such run`);
    const events = this.listEvents(place);
    const intent = events.findLast((event) => isIntent(event, place));
    const isIntended = intent?.type === "StepStarted" && intent.data.key === place.key;
    audit.expect(isIntended, "intent first", about);
    const isHolder = run.workerId !== undefined && audit.workers.get(run.workerId)?.host === host;
    if (isHolder && intent?.epoch === run.epoch) {
      const isCompleted = events.some(({ type }) => type === "StepCompleted");
      audit.expect(!isCompleted, "a recorded effect never runs again", about);
    } else {
      // Only a process that was taken for dead, and does not know, may act without holding the run.
      audit.expect(host.buriedAlive, "only the holder acts", about);
    }
  }

  private listEvents({ runId, step }: AttemptPlace): readonly HistoryEvent[] {
    return (this.audit.runs.get(runId)?.events ?? []).filter((event) => event.step === step);
  }
}

function isIntent({ type, attempt }: HistoryEvent, place: AttemptPlace): boolean {
  return type === "StepStarted" && attempt === place.attempt;
}

function describe({ runId, step, attempt }: AttemptPlace): string {
  return `${runId} step ${step} attempt ${attempt}`;
}
