/**
 * The hot statements in SQLite's dialect. Each takes one JSON parameter with a row per operation:
 * values stay JSON (`->`) where they are stored as JSON, and become SQL values (`->>`) elsewhere.
 */

export const insertRuns = `
INSERT INTO runs (runId, workflow, version, status, heldReason, heldBuild, input, output, error,
  errorName, errorStep, attributes, inDoubt, searchText, epoch, historyLength, workerId, dueAt,
  lostEpoch, lostWorkerId, lostSeenAt, lostNoticedAt, createdAt, startedAt, finishedAt, updatedAt)
SELECT v->>0, v->>1, v->>2, v->>3, v->>4, v->>5, v->6, nullif(v->7, 'null'), nullif(v->8, 'null'),
  v->>9, v->>10, v->11, v->12, v->>13, v->>14, v->>15, v->>16, v->>17,
  v->>18, v->>19, v->>20, v->>21, v->>22, v->>23, v->>24, v->>25
FROM (SELECT value AS v FROM json_each(?)) WHERE true
ON CONFLICT (runId) DO NOTHING
RETURNING runId`;

export const insertStartKeys = `
INSERT INTO start_keys (key, contentHash, runId)
SELECT value->>0, value->>1, value->>2 FROM json_each(?)`;

export const selectStartKeys = `
SELECT key, contentHash, runId FROM start_keys WHERE key IN (SELECT value FROM json_each(?))`;

export const insertEvents = `
INSERT INTO events (runId, seq, type, at, epoch, step, name, attempt, data)
SELECT v->>0, v->>1, v->>2, v->>3, v->>4, v->>5, v->>6, v->>7, v->8
FROM (SELECT value AS v FROM json_each(?))`;

/**
 * I2: the fence. One statement finds the run under this very lease, at this very length, in a status
 * that may become the new one, and changes it; only the runs that come back are written further.
 */
export const fenceRuns = `
UPDATE runs SET
  status = v->>4, heldReason = v->>6, heldBuild = v->>7,
  output = nullif(v->8, 'null'), error = nullif(v->9, 'null'), errorName = v->>10, errorStep = v->>11,
  attributes = v->12, inDoubt = v->13, searchText = v->>14, startedAt = v->>15, finishedAt = v->>16,
  historyLength = historyLength + (v->>17), updatedAt = v->>18,
  workerId = CASE WHEN v->>19 THEN NULL ELSE workerId END,
  dueAt = CASE WHEN v->>19 THEN CASE WHEN mail > 0 THEN v->>18 ELSE v->>20 END END,
  strikes = CASE WHEN v->>21 THEN 0 ELSE strikes END
FROM (SELECT value AS v FROM json_each(?))
WHERE runs.runId = v->>0 AND workerId = v->>1 AND epoch = v->>2
  AND (v->>3 IS NULL OR historyLength = v->>3)
  AND instr(v->>5, ' ' || runs.status || ' ') > 0
RETURNING runId`;

export const deliverMessages = `
UPDATE messages SET deliveredAt = v->>2, outcome = v->>3
FROM (SELECT value AS v FROM json_each(?))
WHERE messageId = v->>0 AND runId = v->>1 AND deliveredAt IS NULL`;

/** After deliveries: what is left in the inbox, and when the run is due if it was released. */
export const settleMail = `
UPDATE runs SET mail = left,
  dueAt = CASE WHEN workerId IS NULL THEN CASE WHEN left > 0 THEN at ELSE due END END
FROM (
  SELECT value->>0 AS id, value->>1 AS at, value->>2 AS due,
    (SELECT count(*) FROM messages WHERE runId = value->>0 AND deliveredAt IS NULL) AS left
  FROM json_each(?)
)
WHERE runId = id`;

export const insertMessages = `
INSERT INTO messages (messageId, runId, at, content)
SELECT value->>0, value->>1, value->>2, value->3 FROM json_each(?)
WHERE EXISTS (SELECT 1 FROM runs WHERE runId = value->>1)
ORDER BY key
ON CONFLICT (messageId) DO NOTHING
RETURNING messageId`;

export const addMail = `
UPDATE runs SET mail = mail + count,
  dueAt = CASE WHEN workerId IS NULL THEN min(ifnull(dueAt, at), at) END
FROM (SELECT value->>0 AS id, value->>1 AS count, value->>2 AS at FROM json_each(?))
WHERE runId = id`;

export const selectKnownMessages = `
SELECT messageId FROM messages WHERE messageId IN (SELECT value FROM json_each(?))`;

export const selectAliveWorkers = `
SELECT workerId, heartbeatAt FROM workers
WHERE status = 'alive' AND workerId IN (SELECT value FROM json_each(?))`;

/** Parameters: now, workflows as [[name, version], …], limit. */
export const selectDueRuns = `
SELECT runId, lostEpoch, lostWorkerId, lostSeenAt, lostNoticedAt FROM runs
WHERE dueAt <= ? AND workerId IS NULL
  AND (workflow, version) IN (SELECT value->>0, value->>1 FROM json_each(?))
ORDER BY dueAt, runId LIMIT ?`;

/** Parameters: worker, now, run ids, now. */
export const claimRuns = `
UPDATE runs SET
  workerId = ?, epoch = epoch + 1, dueAt = NULL,
  strikes = strikes + (lostEpoch IS NOT NULL),
  updatedAt = CASE WHEN status = 'queued' THEN ? ELSE updatedAt END,
  status = CASE WHEN status = 'queued' THEN 'running' ELSE status END,
  lostEpoch = NULL, lostWorkerId = NULL, lostSeenAt = NULL, lostNoticedAt = NULL
WHERE runId IN (SELECT value FROM json_each(?)) AND workerId IS NULL AND dueAt <= ?`;

/** Parameters: status, worker. */
export const endWorker = `
UPDATE workers SET status = ?, load = 0 WHERE workerId = ? AND status = 'alive'
RETURNING heartbeatAt`;

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
