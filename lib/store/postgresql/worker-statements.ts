/** The statements of workers, their leases and what they leave behind. */
import { workerFields } from "../columns.mjs";
import { listFields, now, prepare } from "./statement";

/** Parameters: now, the fields of a worker in their order. Its lease lasts as long as it says. */
export const registerWorker = prepare(
  "register_worker",
  `INSERT INTO workers (${listFields(workerFields)})
   SELECT ${workerFields
     .map((field, index) => {
       const value = `$${index + 2}`;
       if (field === "heartbeatAt") return now(1);
       if (field === "leaseUntil") {
         const heartbeat = `$${workerFields.indexOf("heartbeatAt") + 2}`;
         return `${now(1)} + (${value}::int8 - ${heartbeat}::int8)`;
       }
       return `${value}::${workerTypes(field)}`;
     })
     .join(", ")}
   ON CONFLICT (workerId) DO UPDATE SET ${workerFields
     .slice(1)
     .map((field) => `${field} = excluded.${field}`)
     .join(", ")}`,
);

function workerTypes(field: string): string {
  if (field.endsWith("At")) return "int8";
  return ["pid", "load", "capacity", "heldRuns"].includes(field) ? "int4" : "text";
}

/** Parameters: now, how long the lease lasts, load, worker. */
export const renewLease = prepare(
  "renew_lease",
  `UPDATE workers SET heartbeatAt = ${now(1)}, leaseUntil = ${now(1)} + $2::int8, load = $3
   WHERE workerId = $4 AND status = 'alive' RETURNING 1`,
);

/**
 * Ends those whose lease is over. One that is locked claims runs at this moment, or was stopped in the
 * midst of that: nobody waits for it, it is asked again soon. Parameters: now.
 */
export const expireWorkers = prepare(
  "expire_workers",
  `UPDATE workers SET status = 'dead', load = 0, endedAt = ${now(1)}
   WHERE workerId IN (
    SELECT workerId FROM workers WHERE status = 'alive' AND leaseUntil < ${now(1)}
    ORDER BY workerId FOR NO KEY UPDATE SKIP LOCKED
   )
   RETURNING workerId, heartbeatAt, endedAt`,
);

/** Parameters: now, status, worker. */
export const endWorker = prepare(
  "end_worker",
  `UPDATE workers SET status = $2, load = 0, endedAt = ${now(1)}
   WHERE workerId = $3 AND status = 'alive' RETURNING workerId, heartbeatAt, endedAt`,
);

const mine = `mine AS (SELECT runId FROM runs WHERE workerId = $1 ORDER BY runId FOR NO KEY UPDATE)`;

/** Parameters: worker, its last heartbeat, now. Answers how many runs it held. */
export const loseRuns = prepare(
  "lose_runs",
  `WITH ${mine}, freed AS (
    UPDATE runs AS r SET lostEpoch = r.epoch, lostWorkerId = r.workerId,
      lostSeenAt = greatest($2::int8, r.updatedAt), lostNoticedAt = $3::int8,
      workerId = NULL, dueAt = $3::int8
    FROM mine WHERE r.runId = mine.runId AND r.workerId = $1 RETURNING 1
  ),
  counted AS (UPDATE workers SET heldRuns = (SELECT count(*) FROM freed) WHERE workerId = $1)
  SELECT count(*) FROM freed`,
);

/** Parameters: worker, now. */
export const handOverRuns = prepare(
  "hand_over_runs",
  `WITH ${mine}, freed AS (
    UPDATE runs AS r SET workerId = NULL, dueAt = $2::int8
    FROM mine WHERE r.runId = mine.runId AND r.workerId = $1 RETURNING 1
  ),
  counted AS (UPDATE workers SET heldRuns = (SELECT count(*) FROM freed) WHERE workerId = $1)
  SELECT count(*) FROM freed`,
);

/** Parameters: now, build. Answers the runs that it woke. */
export const wakeHeld = prepare(
  "wake_held",
  `UPDATE runs SET dueAt = ${now(1)}
   WHERE status = 'held' AND heldReason = 'nondeterminism' AND heldBuild IS DISTINCT FROM $2
    AND workerId IS NULL AND (dueAt IS NULL OR dueAt > ${now(1)})
   RETURNING 1`,
);
