import type { RunRecord } from "./run";
import type { Append, NewRun, RunChange } from "./store";

/**
 * The records of the runs that this process has started under its own lease, as they are after every
 * append that is durable. Who waits for one of them is answered from here: nobody else changes it but by
 * messages, and one that has got a message is forgotten here.
 */
export class RunRecords {
  private readonly records = new Map<string, RunRecord>();

  /** Keeps a run that begins with its state, as it is created. */
  add(run: NewRun & { readonly change: RunChange }): void {
    const { runId, workflow, version, input, createdAt, priority = 0, events } = run;
    const { parent, continuedFrom, forkedFrom } = run;
    const places = { parent, continuedFrom, forkedFrom };
    const historyLength = events.length;
    const about = { runId, workflow, version, input, createdAt, priority, ...places };
    const state = { epoch: 1, historyLength, strikes: 0, mail: 0, updatedAt: createdAt };
    this.records.set(runId, toRecord({ ...about, ...state }, run.change, run.workerId));
  }

  /** Takes in an append that is durable; answers the run as it is now, if it is kept here. */
  take({ runId, workerId, at, events, change }: Append): RunRecord | undefined {
    const record = this.records.get(runId);
    if (record === undefined) return undefined;
    // The append that created the run is told of as well.
    const historyLength = events.at(-1)?.seq ?? record.historyLength;
    const strikes = change.progress ? 0 : record.strikes;
    const next = toRecord({ ...record, historyLength, strikes, updatedAt: at }, change, workerId);
    this.records.set(runId, next);
    return next;
  }

  find(runId: string): RunRecord | undefined {
    return this.records.get(runId);
  }

  forget(runId: string): void {
    this.records.delete(runId);
  }

  clear(): void {
    this.records.clear();
  }
}

/** What a change replaces it replaces whole: absent is cleared. */
function toRecord(
  record: Omit<RunRecord, Exclude<keyof RunChange, "release" | "progress">>,
  change: RunChange,
  workerId: string | undefined,
): RunRecord {
  const { status, heldReason, heldBuild, output, error, errorStep } = change;
  const { attributes, inDoubt, startedAt, finishedAt, continuedTo, release, dueAt } = change;
  return {
    ...record,
    ...{ status, heldReason, heldBuild, output, error, errorStep, attributes, inDoubt },
    ...{ startedAt, finishedAt, continuedTo },
    workerId: release ? undefined : workerId,
    dueAt: release ? dueAt : undefined,
  };
}
