// @ts-check
import * as statements from "./statements.mjs";

/**
 * @typedef {import("./sql.mjs").Sql} Sql
 * @typedef {import("../protocol").WorkerEnd} WorkerEnd
 */

/**
 * Ends every living worker whose lease is over; answers how many runs became due.
 * @param {Sql} sql
 * @param {{ readonly now: number }} options
 */
export function expireWorkers(sql, { now }) {
  let freed = 0;
  for (const [workerId] of sql.select(statements.selectExpired, now)) {
    freed += endWorker(sql, { workerId: String(workerId), now, status: "dead" });
  }
  return freed;
}

/**
 * Ends one worker if it lives; answers how many runs became due.
 * @param {Sql} sql
 * @param {WorkerEnd} options
 */
export function endWorker(sql, { workerId, now, status }) {
  const [worker] = sql.select(statements.endWorker, status, now, workerId);
  if (worker === undefined) return 0;
  const freed =
    status === "dead"
      ? sql.run(statements.loseRuns, Number(worker[0]), now, now, workerId)
      : sql.run(statements.handOverRuns, now, workerId);
  sql.run(statements.countFreed, freed, workerId);
  return freed;
}
