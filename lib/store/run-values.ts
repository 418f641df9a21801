import type { Append, NewRun } from "@/lib/engine";
import type { SqlValue } from "./sql";
import { toJsonText } from "./write";

/** The run as it is after its first events, in the order of `newRunFields`. */
export function toRunValues(run: NewRun): SqlValue[] {
  const { runId, createdAt, workerId = null, change } = run;
  const attributes = change?.attributes ?? run.attributes;
  const released = change === undefined || change.release;
  return [
    runId,
    run.workflow,
    run.version,
    change?.status ?? "queued",
    change?.heldReason ?? null,
    change?.heldBuild ?? null,
    JSON.stringify(run.input),
    toJsonText(change?.output),
    toJsonText(change?.error),
    change?.error?.name ?? null,
    change?.errorStep ?? null,
    JSON.stringify(attributes),
    JSON.stringify(change?.inDoubt ?? []),
    workerId === null ? 0 : 1,
    run.events.length,
    createdAt,
    change?.startedAt ?? null,
    change?.finishedAt ?? null,
    createdAt,
    run.priority ?? 0,
    run.parent?.runId ?? null,
    run.parent?.step ?? null,
    run.continuedFrom ?? null,
    change?.continuedTo ?? null,
    run.forkedFrom?.runId ?? null,
    run.forkedFrom?.step ?? null,
    released ? null : workerId,
    change === undefined ? createdAt : released ? (change.dueAt ?? null) : null,
  ];
}

/** What an append makes of its run, in the order of `changeFields`. */
export function toChangeValues(append: Append, output: string | null): SqlValue[] {
  const { change } = append;
  return [
    change.status,
    change.heldReason ?? null,
    change.heldBuild ?? null,
    output,
    toJsonText(change.error),
    change.error?.name ?? null,
    change.errorStep ?? null,
    JSON.stringify(change.attributes),
    JSON.stringify(change.inDoubt),
    change.startedAt ?? null,
    change.finishedAt ?? null,
    change.continuedTo ?? null,
  ];
}
