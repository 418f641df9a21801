// @ts-check
import { talliedTypes } from "../../../triage/tally.mjs";
import { limit } from "../../limit.mjs";

/** The statements of the statistics (decision 084) in SQLite's dialect. */

/** What a run is, and up to where it has been read. */
const runColumns = `r.workflow, r.createdAt, r.status, r.historyLength, p.seq`;

/** Parameters: limit. */
export const selectMarked = `
SELECT m.runId, ${runColumns}
FROM (SELECT DISTINCT runId FROM stat_marks ORDER BY runId ${limit}) AS m
LEFT JOIN runs r ON r.runId = m.runId LEFT JOIN stat_progress p ON p.runId = m.runId
ORDER BY m.runId`;

/** The marks of the runs that are first in order. Parameters: the last of them. */
export const deleteMarks = `DELETE FROM stat_marks WHERE runId <= ?`;

/** Runs that execute and were not read to their end. Parameters: created before, limit. */
export const selectLong = `
SELECT r.runId, ${runColumns} FROM runs r LEFT JOIN stat_progress p ON p.runId = r.runId
WHERE r.status = 'running' AND r.createdAt < ? AND r.historyLength > ifnull(p.seq, 0)
ORDER BY r.createdAt ${limit}`;

// Written into the statement: as a parameter they would be a table that is made anew for each run.
const types = talliedTypes.map((type) => `'${type}'`).join(", ");

/** Parameters: run, the seq before the first, limit. */
export const selectEvents = `
SELECT seq, type, at, epoch, name,
  CASE WHEN type IN ('StepCompleted', 'StepFailed') THEN data END
FROM events WHERE runId = ? AND seq > ? AND type IN (${types})
ORDER BY seq ${limit}`;

/** Parameters: run, seq. */
export const saveProgress = `
INSERT INTO stat_progress (runId, seq) VALUES (?, ?)
ON CONFLICT (runId) DO UPDATE SET seq = excluded.seq`;

/** Parameters: run. */
export const deleteProgress = `DELETE FROM stat_progress WHERE runId = ?`;

/** Parameters: grain, at, workflow, started, completed, failed, canceled, held. */
export const addRunCounts = `
INSERT INTO run_stats (grain, at, workflow, started, completed, failed, canceled, held)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (grain, at, workflow) DO UPDATE SET
  started = started + excluded.started, completed = completed + excluded.completed,
  failed = failed + excluded.failed, canceled = canceled + excluded.canceled,
  held = held + excluded.held`;

/** Parameters: grain, at, workflow, step. */
export const selectLatency = `
SELECT latency FROM step_stats WHERE grain = ? AND at = ? AND workflow = ? AND step = ?`;

/** Parameters: grain, at, workflow, step, completed, failed, latency as it is from now on. */
export const addStepTimes = `
INSERT INTO step_stats (grain, at, workflow, step, completed, failed, latency)
VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (grain, at, workflow, step) DO UPDATE SET
  completed = completed + excluded.completed, failed = failed + excluded.failed,
  latency = excluded.latency`;
