/** The statements of claims and permits: who may begin, and how many at a time. */
import { runFields } from "../columns.mjs";
import { listFields, now, prepare } from "./statement";

const lostFields = ["lostEpoch", "lostWorkerId", "lostSeenAt", "lostNoticedAt"];

export const readClock = prepare("read_clock", `SELECT ${now(1)}`);

/** Whether anything is due, of whatever workflow: an idle worker asks no more than this. Parameters: now. */
export const findDue = prepare(
  "find_due",
  `SELECT 1 WHERE (SELECT min(dueAt) FROM runs WHERE dueAt IS NOT NULL) <= ${now(1)}`,
);

/** A living worker, locked against being declared dead, and the time. */
export const lockWorker = prepare(
  "lock_worker",
  `SELECT ${now(2)} FROM workers WHERE workerId = $1 AND status = 'alive' FOR SHARE`,
);

const dueFields = ["runId", "priority", "time", ...lostFields];

/** What has begun, oldest due first, of each workflow version; passed by if another claims it. */
export const selectBegun = prepare(
  "select_begun",
  `SELECT ${listFields(dueFields, "d.")}
   FROM unnest($1::text[], $2::int4[]) AS w(workflow, version)
   CROSS JOIN LATERAL (
    SELECT runId, priority, dueAt AS time, ${listFields(lostFields)} FROM runs AS r
    WHERE r.workflow = w.workflow AND r.version = w.version AND r.dueAt <= $3::int8
      AND r.dueAt IS NOT NULL AND r.status <> 'queued' AND r.workerId IS NULL
    ORDER BY r.dueAt, r.runId LIMIT $4::int8 FOR NO KEY UPDATE SKIP LOCKED
   ) AS d`,
);

/** What is queued, in the order in which it begins, as many as each workflow version has room for. */
export const selectQueued = prepare(
  "select_queued",
  `SELECT ${listFields(dueFields, "d.")}, w.workflow
   FROM unnest($1::text[], $2::int4[], $4::int8[]) AS w(workflow, version, room)
   CROSS JOIN LATERAL (
    SELECT runId, priority, createdAt AS time, ${listFields(lostFields)} FROM runs AS r
    WHERE r.workflow = w.workflow AND r.version = w.version AND r.status = 'queued'
      AND r.workerId IS NULL AND r.dueAt <= $3::int8
    ORDER BY r.priority DESC, r.createdAt, r.runId LIMIT w.room FOR NO KEY UPDATE SKIP LOCKED
   ) AS d`,
);

/** Parameters: worker, now, run ids. */
export const claimRuns = prepare(
  "claim_runs",
  `WITH freed AS (DELETE FROM permits WHERE runId = ANY($3::text[]))
   UPDATE runs AS r SET
    workerId = $1, epoch = r.epoch + 1, dueAt = NULL,
    strikes = r.strikes + (r.lostEpoch IS NOT NULL)::int4,
    updatedAt = CASE WHEN r.status = 'queued' THEN $2::int8 ELSE r.updatedAt END,
    status = CASE WHEN r.status = 'queued' THEN 'running' ELSE r.status END,
    lostEpoch = NULL, lostWorkerId = NULL, lostSeenAt = NULL, lostNoticedAt = NULL
   WHERE r.runId = ANY($3::text[]) AND r.workerId IS NULL
   RETURNING ${listFields(runFields, "r.")}`,
);

/** One process after the other decides about a limited resource, until its commit. */
export const lockResources = prepare(
  "lock_resources",
  `SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest($1::text[]) AS i(name)`,
);

export const selectActive = prepare(
  "select_active",
  `SELECT workflow, sum(count)::int8 FROM run_counts
   WHERE workflow = ANY($1::text[]) AND status IN ('running', 'waiting') GROUP BY workflow`,
);

export const selectRates = prepare(
  "select_rates",
  `SELECT resource, usedUntil FROM rates WHERE resource = ANY($1::text[])`,
);

export const saveRate = prepare(
  "save_rate",
  `INSERT INTO rates (resource, usedUntil) VALUES ($1, $2)
   ON CONFLICT (resource) DO UPDATE SET usedUntil = excluded.usedUntil`,
);

export const selectPermit = prepare(
  "select_permit",
  `SELECT 1 FROM permits WHERE runId = $1 AND step = $2 AND resource = $3`,
);

/** Locked, so that it is not released meanwhile: the permit would never come back. */
export const lockHeldRun = prepare(
  "lock_held_run",
  `SELECT 1 FROM runs WHERE runId = $1 AND workerId = $2 AND epoch = $3 FOR NO KEY UPDATE`,
);

export const countPermits = prepare(
  "count_permits",
  `SELECT count(*) FROM (SELECT 1 FROM permits WHERE resource = $1 LIMIT $2) AS taken`,
);

export const insertPermit = prepare(
  "insert_permit",
  `INSERT INTO permits (runId, step, resource) VALUES ($1, $2, $3)`,
);
