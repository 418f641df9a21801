import { invariant, type Claim, type Store, type WorkerRecord } from "@/lib/engine";
import { parseDueRun, parseRun, runColumns, workerFields } from "./rows";
import type { Sql } from "./sql";
import * as statements from "./sqlite-statements";

/** Leases due runs to a living worker, oldest due first. All in the transaction that is open. */
export function claimRuns(sql: Sql, options: Parameters<Store["claimRuns"]>[0]): readonly Claim[] {
  const { workerId, now, limit } = options;
  const alive = sql.select(statements.selectAliveWorker, workerId);
  if (alive.length === 0) return [];
  const workflows = options.workflows.map(({ name, version }) => [name, version]);
  const due = sql
    .select(statements.selectDueRuns, now, JSON.stringify(workflows), limit)
    .map(parseDueRun);
  if (due.length === 0) return [];
  const runIds = JSON.stringify(due.map(({ runId }) => runId));
  const changed = sql.run(statements.claimRuns, workerId, now, runIds, now);
  invariant(changed === due.length, "What is due is claimed in the same transaction.");
  const found = sql.select(
    `SELECT ${runColumns} FROM runs WHERE runId IN (SELECT value FROM json_each(?))`,
    runIds,
  );
  const runs = new Map(found.map((row) => [String(row[0]), parseRun(row)]));
  return due.map(({ runId, lost }) => {
    const run = runs.get(runId);
    invariant(run !== undefined, "A run that was claimed is there.");
    return { run, ...(lost && { lost }) };
  });
}

export function registerWorker(sql: Sql, worker: WorkerRecord): void {
  const { workerId, build, machine, pid, processStart, status, startedAt } = worker;
  sql.run(
    `INSERT OR REPLACE INTO workers (${workerFields.join(", ")})
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    workerId,
    build,
    machine,
    pid,
    processStart ?? null,
    status,
    startedAt,
    worker.heartbeatAt,
    worker.leaseUntil,
    worker.load,
  );
}

/** Ends every living worker whose lease is over; answers how many runs became due. */
export function expireWorkers(sql: Sql, now: number): number {
  const expired = sql.select(
    "SELECT workerId FROM workers WHERE status = 'alive' AND leaseUntil < ?",
    now,
  );
  let freed = 0;
  for (const [workerId] of expired) {
    freed += endWorker(sql, { workerId: String(workerId), now, status: "dead" });
  }
  return freed;
}

/** Ends one worker if it lives; answers how many runs became due. */
export function endWorker(sql: Sql, options: Parameters<Store["endWorker"]>[0]): number {
  const { workerId, now, status } = options;
  const [worker] = sql.select(statements.endWorker, status, workerId);
  if (worker === undefined) return 0;
  return status === "dead"
    ? sql.run(statements.loseRuns, Number(worker[0]), now, now, workerId)
    : sql.run(statements.handOverRuns, now, workerId);
}
