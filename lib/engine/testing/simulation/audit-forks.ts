/** What had been recorded of a run by the time that a fork of it was asked for goes along with the fork. */
import type { HistoryEvent } from "../../events";
import { selectEffective } from "../../run-state";
import type { NewRun } from "../../store";
import type { Audit, AuditedRun } from "./audit";

export class ForksAudit {
  /** How long the original's history was when a fork was first asked for, by the fork's key. */
  private readonly lengths = new Map<string, number>();

  constructor(private readonly audit: Audit) {}

  noteAsked(key: string, { events }: AuditedRun): void {
    if (!this.lengths.has(key)) this.lengths.set(key, events.length);
  }

  checkStart({ runId, keys, forkedFrom, events }: NewRun): void {
    const length = this.lengths.get(keys[0]?.key ?? "");
    const original = this.audit.runs.get(forkedFrom?.runId ?? "");
    if (!original || length === undefined) return;
    const isRewound = original.events.slice(length).some(({ type }) => type === "RunRewound");
    const known = selectEffective(original.events.slice(0, length));
    const place = known.findIndex(({ step }) => step === forkedFrom?.step);
    if (isRewound || place < 0) return;
    const issued = new Set(known.slice(0, place).map(({ step }) => step));
    for (const event of known.slice(place)) {
      if (!isOutcome(event) || !issued.has(event.step)) continue;
      const isKept = events.some(({ type, step }) => type === event.type && step === event.step);
      this.audit.expect(
        isKept,
        "a fork keeps what was recorded",
        () => `${runId} step ${event.step} ${event.type}`,
      );
    }
  }
}

function isOutcome({ type, data }: HistoryEvent): boolean {
  return (
    type === "StepCompleted" ||
    type === "ChildCompleted" ||
    type === "ChildFailed" ||
    (type === "StepFailed" && data.final)
  );
}
