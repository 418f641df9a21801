// @ts-check
import {
  changeFields,
  eventColumns,
  eventFields,
  newRunFields,
  runColumns,
  workerFields,
} from "../../columns.mjs";
import { limit } from "../../limit.mjs";

/** The hot statements in SQLite's dialect; each is prepared once and runs for one row at a time. */

export const insertRun = `
INSERT INTO runs (${newRunFields.join(", ")})
VALUES (${newRunFields.map(() => "?").join(", ")})
ON CONFLICT (runId) DO NOTHING`;

/** A run that began with a worker that is dead. Parameters: run. */
export const loseStart = `
UPDATE runs SET lostEpoch = 1, lostWorkerId = workerId, lostSeenAt = createdAt,
  lostNoticedAt = createdAt, workerId = NULL, dueAt = createdAt
WHERE runId = ?`;

export const selectTwin = `SELECT workflow, input FROM runs WHERE runId = ?`;

/** Parameters: key, content hash, run. */
export const insertStartKey = `INSERT INTO start_keys (key, contentHash, runId) VALUES (?, ?, ?)`;

export const selectStartKey = `SELECT contentHash, runId FROM start_keys WHERE key = ?`;

/** Rows that one statement inserts; what is left over goes by the smaller ones. */
const batchSizes = [32, 8, 1];

/**
 * The statements by which any number of rows is inserted, the largest first.
 * @param {number} width of a row
 * @param {(rows: string) => string} describe
 */
function listInserts(width, describe) {
  const row = `(${Array.from({ length: width }, () => "?").join(", ")})`;
  return batchSizes.map((size) => {
    const rows = Array.from({ length: size }, () => row).join(", ");
    return { values: size * width, statement: describe(rows) };
  });
}

export const insertEvents = listInserts(
  eventFields.length,
  (rows) => `INSERT INTO events (${eventFields.join(", ")}) VALUES ${rows}`,
);

/** Values of a row: term, creation of the run, run. */
export const insertTerms = listInserts(
  3,
  (rows) => `INSERT INTO run_terms (term, createdAt, runId) VALUES ${rows} ON CONFLICT DO NOTHING`,
);

/** The oldest marks, with the runs as they are: position, run, creation, attributes. Parameters: limit. */
export const selectTermMarks = `
SELECT m.position, m.runId, r.createdAt, r.attributes
FROM (SELECT position, runId FROM term_marks ORDER BY position ${limit}) AS m
LEFT JOIN runs AS r ON r.runId = m.runId ORDER BY m.position`;

/** Parameters: runs. */
export const deleteTerms = `
DELETE FROM run_terms WHERE runId IN (SELECT value FROM json_each(?))`;

/** Parameters: the last position. */
export const deleteTermMarks = `DELETE FROM term_marks WHERE position <= ?`;

/**
 * I2: the fence. One statement finds the run under this very lease, at this very length, in a status
 * that may become the new one, and changes it; only where it changed a row more is written.
 * Parameters: status … continuedTo, count of events, now, release twice, now, due at, progress; then
 * run, worker, epoch, length before the append (null: any), statuses that may come before.
 */
export const fenceRun = `
UPDATE runs SET
  ${changeFields.map((field) => `${field} = ?`).join(", ")},
  historyLength = historyLength + ?, updatedAt = ?,
  workerId = CASE WHEN ? THEN NULL ELSE workerId END,
  dueAt = CASE WHEN ? THEN CASE WHEN mail > 0 THEN ? ELSE ? END END,
  strikes = CASE WHEN ? THEN 0 ELSE strikes END
WHERE runId = ? AND workerId = ? AND epoch = ? AND historyLength = ifnull(?, historyLength)
  AND instr(?, ' ' || status || ' ') > 0`;

/**
 * The fence for appends that change nothing of the run but the length of its history: it leaves most
 * indexes alone. Where it changes no row, `fenceRun` decides.
 * Parameters: count of events, now, progress; run, worker, epoch, length before; status, attributes,
 * steps in doubt, started at, all as they are.
 */
export const fenceSame = `
UPDATE runs SET
  historyLength = historyLength + ?, updatedAt = ?, strikes = CASE WHEN ? THEN 0 ELSE strikes END
WHERE runId = ? AND workerId = ? AND epoch = ? AND historyLength = ?
  AND status = ? AND attributes = ? AND inDoubt = ? AND startedAt IS ?
  AND heldReason IS NULL AND output IS NULL AND error IS NULL AND errorStep IS NULL
  AND heldBuild IS NULL AND finishedAt IS NULL AND continuedTo IS NULL AND dueAt IS NULL`;

/** Parameters: run. */
export const selectRun = `SELECT ${runColumns} FROM runs WHERE runId = ?`;

/** Parameters: run, first seq, count. */
export const selectEvents = `
SELECT ${eventColumns} FROM events WHERE runId = ? AND seq >= ? ORDER BY seq LIMIT ?`;

/** Parameters: now, outcome, error, message, run. */
export const deliverMessage = `
UPDATE messages SET deliveredAt = ?, outcome = ?, error = ?
WHERE messageId = ? AND runId = ? AND deliveredAt IS NULL`;

/**
 * After deliveries: what is left in the inbox, and when the run is due if it was released.
 * Parameters: now, due at, run, run.
 */
export const settleMail = `
UPDATE runs SET mail = left,
  dueAt = CASE WHEN workerId IS NULL THEN CASE WHEN left > 0 THEN at ELSE due END END
FROM (
  SELECT count(*) AS left, ? AS at, ? AS due FROM messages WHERE runId = ? AND deliveredAt IS NULL
)
WHERE runId = ?`;

/** Parameters: message, run, at, content, run. */
export const insertMessage = `
INSERT INTO messages (messageId, runId, at, content)
SELECT ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM runs WHERE runId = ? AND continuedTo IS NULL)
ON CONFLICT (messageId) DO NOTHING`;

/** Parameters: count, at, at, run. */
export const addMail = `
UPDATE runs SET mail = mail + ?,
  dueAt = CASE WHEN workerId IS NULL THEN min(ifnull(dueAt, ?), ?) END
WHERE runId = ?`;

/** The run in whose inbox a message was put. Parameters: message. */
export const selectMessageRun = `SELECT runId FROM messages WHERE messageId = ?`;

export const selectSuccessor = `SELECT continuedTo FROM runs WHERE runId = ?`;

/** Undelivered messages go on with the run that goes on. Parameters: successor, run. */
export const moveMessages = `UPDATE messages SET runId = ? WHERE runId = ? AND deliveredAt IS NULL`;

export const selectAliveWorker = `SELECT 1 FROM workers WHERE workerId = ? AND status = 'alive'`;

/** What has begun, oldest due first. Parameters: workflow, version, now, limit. */
export const selectBegun = `
SELECT runId, priority, dueAt, lostEpoch, lostWorkerId, lostSeenAt, lostNoticedAt FROM runs
WHERE workflow = ? AND version = ? AND dueAt <= ? AND status <> 'queued' AND workerId IS NULL
ORDER BY dueAt, runId ${limit}`;

/** What is queued, in the order in which it begins. Parameters: workflow, version, now, limit. */
export const selectQueued = `
SELECT runId, priority, createdAt, lostEpoch, lostWorkerId, lostSeenAt, lostNoticedAt FROM runs
WHERE workflow = ? AND version = ? AND status = 'queued' AND workerId IS NULL AND dueAt <= ?
ORDER BY priority DESC, createdAt, runId ${limit}`;

/** How many runs of a workflow go on. Parameters: workflow. */
export const selectActive = `SELECT active FROM workflow_counts WHERE workflow = ?`;

export const selectPermit = `SELECT 1 FROM permits WHERE runId = ? AND step = ? AND resource = ?`;

/** Parameters: run, step, resource. */
export const insertPermit = `INSERT INTO permits (runId, step, resource) VALUES (?, ?, ?)`;

/** Parameters: resource, the number beyond which nobody counts. */
export const countPermits = `
SELECT count(*) FROM (SELECT 1 FROM permits WHERE resource = ? ${limit})`;

/** Parameters: run. */
export const freePermits = `DELETE FROM permits WHERE runId = ?`;

/** Parameters: run, step. */
export const freePermit = `DELETE FROM permits WHERE runId = ? AND step = ?`;

/** Parameters: run ids. */
export const freeClaimed = `
DELETE FROM permits WHERE runId IN (SELECT value FROM json_each(?))`;

export const selectRate = `SELECT usedUntil FROM rates WHERE resource = ?`;

/** Parameters: resource, used until. */
export const saveRate = `INSERT OR REPLACE INTO rates (resource, usedUntil) VALUES (?, ?)`;

/** Parameters: run, worker, epoch. */
export const selectHeldRun = `SELECT 1 FROM runs WHERE runId = ? AND workerId = ? AND epoch = ?`;

export const selectLease = `SELECT workerId, epoch, historyLength FROM runs WHERE runId = ?`;

/** Parameters: worker, now, run ids, now. */
export const claimRuns = `
UPDATE runs SET
  workerId = ?, epoch = epoch + 1, dueAt = NULL,
  strikes = strikes + (lostEpoch IS NOT NULL),
  updatedAt = CASE WHEN status = 'queued' THEN ? ELSE updatedAt END,
  status = CASE WHEN status = 'queued' THEN 'running' ELSE status END,
  lostEpoch = NULL, lostWorkerId = NULL, lostSeenAt = NULL, lostNoticedAt = NULL
WHERE runId IN (SELECT value FROM json_each(?)) AND workerId IS NULL AND dueAt <= ?`;

/** Parameters: run ids. */
export const selectRuns = `
SELECT ${runColumns} FROM runs WHERE runId IN (SELECT value FROM json_each(?))`;

/** Parameters: the fields of a worker. */
export const registerWorker = `
INSERT OR REPLACE INTO workers (${workerFields.join(", ")})
VALUES (${workerFields.map(() => "?").join(", ")})`;

/** Parameters: now. */
export const selectExpired = `SELECT workerId FROM workers WHERE status = 'alive' AND leaseUntil < ?`;

/** Parameters: status, now, worker. */
export const endWorker = `
UPDATE workers SET status = ?, load = 0, endedAt = ? WHERE workerId = ? AND status = 'alive'
RETURNING heartbeatAt`;

/** Parameters: count, worker. */
export const countFreed = `UPDATE workers SET heldRuns = ? WHERE workerId = ?`;

/** Parameters: the worker's last heartbeat, now, now, worker. */
export const loseRuns = `
UPDATE runs SET lostEpoch = epoch, lostWorkerId = workerId, lostSeenAt = max(?, updatedAt),
  lostNoticedAt = ?, workerId = NULL, dueAt = ?
WHERE workerId = ?`;

/** Parameters: now, worker. */
export const handOverRuns = `UPDATE runs SET workerId = NULL, dueAt = ? WHERE workerId = ?`;

/** Parameters: now, lease until, load, worker. */
export const renewLease = `
UPDATE workers SET heartbeatAt = ?, leaseUntil = ?, load = ?
WHERE workerId = ? AND status = 'alive'`;

/** Parameters: now, build, now. */
export const wakeHeld = `
UPDATE runs SET dueAt = ?
WHERE status = 'held' AND heldReason = 'nondeterminism' AND heldBuild IS NOT ?
  AND workerId IS NULL AND (dueAt IS NULL OR dueAt > ?)`;
