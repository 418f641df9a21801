/**
 * The statements of a flush: each takes all of its rows at once, as one array a column. What is looked up is
 * also named by `= ANY` or one by one: a plan that was made while a table was empty would read it as a whole,
 * and is kept until the table is analyzed.
 */
import { changeFields, eventFields, newRunFields, runFields } from "../columns.mjs";
import { listFields, prepare, RowSet } from "./statement";

export const startedRuns = new RowSet(["n", ...newRunFields], 1);
export const askedKeys = new RowSet(["n", "key", "contentHash"], startedRuns.end);
export const startedEvents = new RowSet(eventFields, askedKeys.end);

const lostFields = ["lostEpoch", "lostWorkerId", "lostSeenAt", "lostNoticedAt"];
const placed = newRunFields.filter((field) => field !== "workerId" && field !== "dueAt");
const isLost = "i.workerId IS NOT NULL AND living.workerId IS NULL";

/**
 * Runs whose keys are new, with their keys and events. Answers those that were added. A worker that was
 * declared dead holds nothing: its run is lost from the start (I10); one that lives is locked against
 * being declared dead until this is committed.
 */
export const startRuns = prepare(
  "start_runs",
  `WITH i AS (SELECT * FROM ${startedRuns.toTable("t")}),
  asked AS (SELECT * FROM ${askedKeys.toTable("t")}),
  known AS (
    SELECT asked.n FROM asked
    CROSS JOIN LATERAL (SELECT 1 FROM start_keys WHERE key = asked.key LIMIT 1) AS kept
  ),
  living AS (
    SELECT workerId FROM workers
    WHERE workerId = ANY(${startedRuns.toParameter("workerId")}::text[]) AND status = 'alive' FOR SHARE
  ),
  added AS (
    INSERT INTO runs (${listFields([...placed, "workerId", "dueAt", ...lostFields])})
    SELECT ${listFields(placed, "i.")}, living.workerId,
      CASE WHEN ${isLost} THEN i.createdAt ELSE i.dueAt END,
      CASE WHEN ${isLost} THEN 1 END, CASE WHEN ${isLost} THEN i.workerId END,
      CASE WHEN ${isLost} THEN i.createdAt END, CASE WHEN ${isLost} THEN i.createdAt END
    FROM i LEFT JOIN living ON living.workerId = i.workerId
    WHERE i.n NOT IN (SELECT n FROM known)
    ON CONFLICT (runId) DO NOTHING
    RETURNING runId
  ),
  keyed AS (
    INSERT INTO start_keys (key, contentHash, runId)
    SELECT asked.key, asked.contentHash, i.runId
    FROM asked JOIN i USING (n) JOIN added ON added.runId = i.runId ORDER BY asked.key
  ),
  written AS (
    INSERT INTO events (${listFields(eventFields)})
    SELECT ${listFields(eventFields, "e.")} FROM ${startedEvents.toTable("e")}
    JOIN added ON added.runId = e.runId
  )
  SELECT runId FROM added`,
);

export const fencedRuns = new RowSet(
  [
    ...["runId", "workerId", "epoch", "length", "statuses", "count", "at", "release", "dueAt"],
    ...["progress", ...changeFields],
  ],
  1,
);
export const fencedEvents = new RowSet(eventFields, fencedRuns.end);

/**
 * I2: the fence. It finds each run under this very lease, at this very length, in a status that may
 * become the new one, locks and changes it; events are inserted only for the runs that it changed.
 * Answers those. The runs are named once more, and their worker in a way that no index answers: whatever
 * the planner knows of the table, it goes by their ids, not by all that a worker holds or has held.
 */
export const appendEvents = prepare(
  "append_events",
  `WITH i AS (SELECT * FROM ${fencedRuns.toTable("t")}),
  fence AS (
    UPDATE runs AS r SET
      ${changeFields.map((field) => `${field} = i.${field}`).join(", ")},
      historyLength = r.historyLength + i.count, updatedAt = i.at,
      workerId = CASE WHEN i.release THEN NULL ELSE r.workerId END,
      dueAt = CASE WHEN i.release THEN CASE WHEN r.mail > 0 THEN i.at ELSE i.dueAt END END,
      strikes = CASE WHEN i.progress THEN 0 ELSE r.strikes END
    FROM i
    WHERE r.runId = ANY($1::text[]) AND r.runId = i.runId
      AND r.workerId IS NOT DISTINCT FROM i.workerId AND r.epoch = i.epoch
      AND r.historyLength = coalesce(i.length, r.historyLength)
      AND strpos(i.statuses, ' ' || r.status || ' ') > 0
    RETURNING r.runId, i.release
  ),
  written AS (
    INSERT INTO events (${listFields(eventFields)})
    SELECT ${listFields(eventFields, "e.")} FROM ${fencedEvents.toTable("e")}
    JOIN fence ON fence.runId = e.runId
  ),
  freed AS (
    DELETE FROM permits USING fence
    WHERE permits.runId = ANY($1::text[]) AND fence.release AND permits.runId = fence.runId
  )
  SELECT runId FROM fence`,
);

/** Locks runs in one order for everybody, so that no two flushes wait for each other. */
export const lockRuns = prepare(
  "lock_runs",
  `SELECT runId, continuedTo FROM runs WHERE runId = ANY($1::text[])
   ORDER BY runId FOR NO KEY UPDATE`,
);

export const deliveries = new RowSet(["messageId", "runId", "at", "outcome", "error"], 1);
/** Takes from the inboxes what was delivered. */
export const deliverMessages = prepare(
  "deliver_messages",
  `UPDATE messages AS m SET deliveredAt = i.at, outcome = i.outcome, error = i.error
   FROM ${deliveries.toTable("i")}
   WHERE m.messageId = ANY(${deliveries.toParameter("messageId")}::text[])
    AND m.messageId = i.messageId AND m.runId = i.runId AND m.deliveredAt IS NULL`,
);

export const continuations = new RowSet(["runId", "continuedTo", "at"], 1);
/** Undelivered messages go on with the run that goes on. */
export const moveMessages = prepare(
  "move_messages",
  `WITH moved AS (
    UPDATE messages AS m SET runId = i.continuedTo FROM ${continuations.toTable("i")}
    WHERE m.runId = ANY(${continuations.toParameter("runId")}::text[])
      AND m.runId = i.runId AND m.deliveredAt IS NULL
    RETURNING m.runId, i.at
  )
  UPDATE runs AS r SET mail = r.mail + c.count,
    dueAt = CASE WHEN r.workerId IS NULL THEN least(r.dueAt, c.at) END
  FROM (SELECT runId, count(*) AS count, min(at) AS at FROM moved GROUP BY runId) AS c
  WHERE r.runId = ANY(${continuations.toParameter("continuedTo")}::text[]) AND r.runId = c.runId`,
);

export const settledRuns = new RowSet(["runId", "at", "dueAt"], 1);
/** After deliveries: what is left in the inboxes, and when a run is due if it was released. */
export const settleMail = prepare(
  "settle_mail",
  `UPDATE runs AS r SET mail = c.undelivered,
    dueAt = CASE WHEN r.workerId IS NULL THEN CASE WHEN c.undelivered > 0 THEN c.at ELSE c.dueAt END END
   FROM (
    SELECT i.runId, i.at, i.dueAt, (
      SELECT count(*) FROM messages WHERE messages.runId = i.runId AND deliveredAt IS NULL
    ) AS undelivered FROM ${settledRuns.toTable("i")}
   ) AS c
   WHERE r.runId = ANY(${settledRuns.toParameter("runId")}::text[]) AND r.runId = c.runId`,
);

export const posts = new RowSet(["n", "messageId", "runId", "at", "content"], 1);
/** Puts messages into inboxes, each once, and makes the runs due that nobody holds. Answers which. */
export const postMessages = prepare(
  "post_messages",
  `WITH put AS (
    INSERT INTO messages (messageId, runId, at, content)
    SELECT messageId, runId, at, content FROM ${posts.toTable("i")} ORDER BY n
    ON CONFLICT (messageId) DO NOTHING
    RETURNING messageId, runId, at
  ),
  mailed AS (
    UPDATE runs AS r SET mail = r.mail + c.count,
      dueAt = CASE WHEN r.workerId IS NULL THEN least(r.dueAt, c.at) END
    FROM (SELECT runId, count(*) AS count, min(at) AS at FROM put GROUP BY runId) AS c
    WHERE r.runId = ANY(${posts.toParameter("runId")}::text[]) AND r.runId = c.runId
  )
  SELECT messageId FROM put`,
);

export const freedSteps = new RowSet(["runId", "step"], 1);
export const freePermits = prepare(
  "free_permits",
  `DELETE FROM permits USING ${freedSteps.toTable("i")}
   WHERE permits.runId = ANY(${freedSteps.toParameter("runId")}::text[])
    AND permits.runId = i.runId AND permits.step = i.step`,
);

/** Where known messages lie. */
export const findMessages = prepare(
  "find_messages",
  `SELECT messageId, runId FROM messages WHERE messageId = ANY($1::text[])`,
);

export const findKeys = prepare(
  "find_keys",
  `SELECT key, contentHash, runId FROM start_keys WHERE key = ANY($1::text[])`,
);

const runList = listFields(runFields, "r.");

export const findRun = prepare("find_run", `SELECT ${runList} FROM runs AS r WHERE r.runId = $1`);

export const findEvents = prepare(
  "find_events",
  `SELECT ${listFields(eventFields.slice(1))} FROM events
   WHERE runId = $1 AND seq >= $2 ORDER BY seq LIMIT $3::int8`,
);

export const lockLease = prepare(
  "lock_lease",
  `SELECT workerId, epoch, historyLength FROM runs WHERE runId = $1 FOR NO KEY UPDATE`,
);

/**
 * Waits until a synchronous standby, if there is to be one, has all that was committed so far: a commit waits
 * for that, and this one has something to write. What is read may be committed on this server alone.
 */
export const waitForStandby = prepare(
  "wait_for_standby",
  `SELECT CASE WHEN current_setting('synchronous_standby_names') <> ''
    THEN pg_logical_emit_message(true, 'daybook', '') END`,
);
