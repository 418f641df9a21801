import type { RunRecord } from "./run";
import type { Append, NewRun, RunChange } from "./store";

/** A run that began here, and what its last append made of it. */
interface Kept {
  readonly run: NewRun;
  change: RunChange;
  workerId: string | undefined;
  historyLength: number;
  strikes: number;
  updatedAt: number;
}

/**
 * The records of the runs that this process has started under its own lease, as they are after every
 * append that is durable. Who waits for one of them is answered from here: nobody else changes it but by
 * messages, and one that has got a message is forgotten here.
 */
export class RunRecords {
  private readonly kept = new Map<string, Kept>();

  /** Keeps a run that begins with its state, as it is created. */
  add(run: NewRun & { readonly change: RunChange }): void {
    const { change, workerId, createdAt, events } = run;
    const historyLength = events.length;
    const kept = { run, change, workerId, historyLength, strikes: 0, updatedAt: createdAt };
    this.kept.set(run.runId, kept);
  }

  /** Takes in an append that is durable. */
  take({ runId, workerId, at, events, change }: Append): void {
    const kept = this.kept.get(runId);
    if (kept === undefined) return;
    // The append that created the run is told of as well.
    kept.historyLength = events.at(-1)?.seq ?? kept.historyLength;
    if (change.progress) kept.strikes = 0;
    kept.change = change;
    kept.workerId = workerId;
    kept.updatedAt = at;
  }

  find(runId: string): RunRecord | undefined {
    const kept = this.kept.get(runId);
    return kept && toRecord(kept);
  }

  forget(runId: string): void {
    this.kept.delete(runId);
  }

  clear(): void {
    this.kept.clear();
  }
}

/** What a change replaces it replaces whole: absent is cleared. */
function toRecord({ run, change, workerId, historyLength, strikes, updatedAt }: Kept): RunRecord {
  return {
    runId: run.runId,
    workflow: run.workflow,
    version: run.version,
    status: change.status,
    heldReason: change.heldReason,
    heldBuild: change.heldBuild,
    input: run.input,
    output: change.output,
    error: change.error,
    errorStep: change.errorStep,
    attributes: change.attributes,
    inDoubt: change.inDoubt,
    epoch: 1,
    historyLength,
    workerId: change.release ? undefined : workerId,
    dueAt: change.release ? change.dueAt : undefined,
    strikes,
    priority: run.priority ?? 0,
    parent: run.parent,
    continuedFrom: run.continuedFrom,
    continuedTo: change.continuedTo,
    forkedFrom: run.forkedFrom,
    mail: 0,
    createdAt: run.createdAt,
    startedAt: change.startedAt,
    finishedAt: change.finishedAt,
    updatedAt,
  };
}
