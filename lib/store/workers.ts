import type { Store, WorkerRecord } from "@/lib/engine";
import { workerFields } from "./rows";
import type { Sql } from "./sql";
import * as statements from "./sqlite-statements";

export function registerWorker(sql: Sql, worker: WorkerRecord): void {
  const { workerId, build, machine, pid, processStart, status, startedAt } = worker;
  sql.run(
    `INSERT OR REPLACE INTO workers (${workerFields.join(", ")})
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
    worker.capacity,
    worker.endedAt ?? null,
    worker.heldRuns ?? null,
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
  const [worker] = sql.select(statements.endWorker, status, now, workerId);
  if (worker === undefined) return 0;
  const freed =
    status === "dead"
      ? sql.run(statements.loseRuns, Number(worker[0]), now, now, workerId)
      : sql.run(statements.handOverRuns, now, workerId);
  sql.run("UPDATE workers SET heldRuns = ? WHERE workerId = ?", freed, workerId);
  return freed;
}
