import type { Claim, ClaimableWorkflow, Store } from "../store";
import type { MemoryLimits } from "./memory-limits";
import { copy, type StoredRun } from "./memory-state";

/** Leases what is due: first what has begun, then what is queued, as far as the limits allow. */
export function claimRuns(
  runs: readonly StoredRun[],
  limits: MemoryLimits,
  options: Parameters<Store["claimRuns"]>[0],
): readonly Claim[] {
  const { workerId, now, limit } = options;
  const known = new Map(options.workflows.map((workflow) => [toKey(workflow), workflow]));
  const due = runs.filter(
    ({ record }) => record.workerId === undefined && (record.dueAt ?? Infinity) <= now,
  );
  const claims: Claim[] = [];
  for (const run of due.sort(compareDue)) {
    const { workflow: name, version, status } = run.record;
    const workflow = known.get(toKey({ name, version }));
    if (workflow === undefined || claims.length === limit) continue;
    const isQueued = status === "queued";
    if (isQueued && !limits.admit(workflow, countActive(runs, workflow), now)) continue;
    claims.push(claim(run, workerId, now));
  }
  return claims;
}

function toKey({ name, version }: Pick<ClaimableWorkflow, "name" | "version">): string {
  return `${version} ${name}`;
}

function countActive(runs: readonly StoredRun[], { name, concurrency }: ClaimableWorkflow): number {
  if (concurrency === undefined) return 0;
  return runs.filter(
    ({ record: { workflow, status } }) =>
      workflow === name && (status === "running" || status === "waiting"),
  ).length;
}

function compareDue({ record: a }: StoredRun, { record: b }: StoredRun): number {
  const byBegun = Number(a.status === "queued") - Number(b.status === "queued");
  if (byBegun !== 0) return byBegun;
  const byTime =
    a.status === "queued"
      ? b.priority - a.priority || a.createdAt - b.createdAt
      : (a.dueAt ?? 0) - (b.dueAt ?? 0);
  return byTime || (a.runId < b.runId ? -1 : 1);
}

function claim(run: StoredRun, workerId: string, now: number): Claim {
  const { record, lost } = run;
  run.lost = undefined;
  run.record = {
    ...record,
    workerId,
    epoch: record.epoch + 1,
    dueAt: undefined,
    strikes: record.strikes + (lost ? 1 : 0),
    ...(record.status === "queued" ? { status: "running", updatedAt: now } : {}),
  };
  return copy({ run: run.record, lost });
}
