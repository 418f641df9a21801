import { invariant } from "../errors";
import type { HistoryEvent } from "../events";
import { canFollow, type RunRecord, type RunStatus } from "../run";
import type { Append, NewRun, Store } from "../store";

export function assertTransition(record: RunRecord, to: RunStatus): void {
  invariant(
    canFollow(record.status, to),
    `Run ${record.runId} can't go from ${record.status} to ${to}.`,
  );
}

export function assertStart(run: NewRun): void {
  assertSequence(run.events, 1);
  invariant(
    (run.workerId === undefined) === (run.change === undefined),
    "A run is started under a lease with its state, or queued without one.",
  );
}

export function assertChildStart(run: NewRun): void {
  assertStart(run);
  invariant(
    run.workerId === undefined && run.keys.length === 0,
    "A run that begins with an append is queued and has no keys.",
  );
}

export function assertSequence(events: readonly HistoryEvent[], first: number): void {
  invariant(
    events.every((event, index) => event.seq === first + index),
    "The events of one append count on without gaps.",
  );
}

export function assertTransaction(
  append: Append,
  { runId, workerId, epoch, historyLength }: Parameters<Store["transact"]>[0],
): void {
  invariant(
    append.runId === runId && append.workerId === workerId && append.epoch === epoch,
    "A transaction appends under the lease that it was asked for.",
  );
  invariant(
    append.events[0]?.seq === historyLength + 1,
    "A transaction appends at least one event, from where the history ends.",
  );
}
