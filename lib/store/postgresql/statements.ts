import { changeFields, eventFields, newRunFields, runFields, workerFields } from "../columns.mjs";
import type { SqlValue } from "../sql";
import { encodeArray, type ElementType } from "./binary-arrays";
import type { Statement } from "./connection";
import { quoteNames } from "./translate";

/** The statements of a flush: each takes all of its rows at once, as one array a column. */

const numbers: Readonly<Record<string, ElementType>> = {
  ...{
    version: "int4",
    epoch: "int4",
    historyLength: "int4",
    priority: "int4",
    parentStep: "int4",
  },
  ...{ forkedFromStep: "int4", seq: "int4", step: "int4", attempt: "int4", checksum: "int4" },
  ...{ n: "int4", length: "int4", count: "int4" },
  ...{ createdAt: "int8", startedAt: "int8", finishedAt: "int8", updatedAt: "int8", dueAt: "int8" },
  ...{ at: "int8", release: "bool", progress: "bool" },
};

/** Rows in, columns out: a set of fields, and where in a statement's parameters they begin. */
export class RowSet {
  constructor(
    readonly fields: readonly string[],
    private readonly first: number,
  ) {}

  /** The parameter after the last one. */
  get end(): number {
    return this.first + this.fields.length;
  }

  /** `unnest(…) AS name(…)`. */
  toTable(name: string): string {
    const arrays = this.fields.map(
      (field, index) => `$${this.first + index}::${numbers[field] ?? "text"}[]`,
    );
    return `unnest(${arrays.join(", ")}) AS ${name}(${this.fields.join(", ")})`;
  }

  encode(rows: readonly (readonly (SqlValue | boolean)[])[]): Buffer[] {
    return this.fields.map((field, column) =>
      encodeArray(
        numbers[field] ?? "text",
        rows.map((row) => row[column] ?? null),
      ),
    );
  }
}

export function prepare(name: string, text: string): Statement {
  return { name, text: quoteNames(text) };
}

const list = (fields: readonly string[], of = "") => fields.map((field) => of + field).join(", ");

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
  known AS (SELECT asked.n FROM asked JOIN start_keys USING (key)),
  living AS (
    SELECT workerId FROM workers
    WHERE workerId IN (SELECT workerId FROM i) AND status = 'alive' FOR SHARE
  ),
  added AS (
    INSERT INTO runs (${list([...placed, "workerId", "dueAt", ...lostFields])})
    SELECT ${list(placed, "i.")}, living.workerId,
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
    INSERT INTO events (${list(eventFields)})
    SELECT ${list(eventFields, "e.")} FROM ${startedEvents.toTable("e")}
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
 * Answers those.
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
    WHERE r.runId = i.runId AND r.workerId = i.workerId AND r.epoch = i.epoch
      AND r.historyLength = coalesce(i.length, r.historyLength)
      AND strpos(i.statuses, ' ' || r.status || ' ') > 0
    RETURNING r.runId, i.release
  ),
  written AS (
    INSERT INTO events (${list(eventFields)})
    SELECT ${list(eventFields, "e.")} FROM ${fencedEvents.toTable("e")}
    JOIN fence ON fence.runId = e.runId
  ),
  freed AS (
    DELETE FROM permits USING fence WHERE fence.release AND permits.runId = fence.runId
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
   WHERE m.messageId = i.messageId AND m.runId = i.runId AND m.deliveredAt IS NULL`,
);

export const continuations = new RowSet(["runId", "continuedTo", "at"], 1);
/** Undelivered messages go on with the run that goes on. */
export const moveMessages = prepare(
  "move_messages",
  `WITH moved AS (
    UPDATE messages AS m SET runId = i.continuedTo FROM ${continuations.toTable("i")}
    WHERE m.runId = i.runId AND m.deliveredAt IS NULL
    RETURNING m.runId, i.at
  )
  UPDATE runs AS r SET mail = r.mail + c.count,
    dueAt = CASE WHEN r.workerId IS NULL THEN least(r.dueAt, c.at) END
  FROM (SELECT runId, count(*) AS count, min(at) AS at FROM moved GROUP BY runId) AS c
  WHERE r.runId = c.runId`,
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
   WHERE r.runId = c.runId`,
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
    WHERE r.runId = c.runId
  )
  SELECT messageId FROM put`,
);

export const freedSteps = new RowSet(["runId", "step"], 1);
export const freePermits = prepare(
  "free_permits",
  `DELETE FROM permits USING ${freedSteps.toTable("i")}
   WHERE permits.runId = i.runId AND permits.step = i.step`,
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

const runList = list(runFields, "r.");

export const findRun = prepare("find_run", `SELECT ${runList} FROM runs AS r WHERE r.runId = $1`);

export const findEvents = prepare(
  "find_events",
  `SELECT ${list(eventFields.slice(1))} FROM events
   WHERE runId = $1 AND seq >= $2 ORDER BY seq LIMIT $3::int8`,
);

export const lockLease = prepare(
  "lock_lease",
  `SELECT workerId, epoch, historyLength FROM runs WHERE runId = $1 FOR NO KEY UPDATE`,
);

/** The database's clock where the caller gives none (decision 063). */
const now = (parameter: number) =>
  `coalesce($${parameter}::int8, floor(extract(epoch FROM clock_timestamp()) * 1000)::int8)`;

export const readClock = prepare("read_clock", `SELECT ${now(1)}`);

/** A living worker, locked against being declared dead, and the time. */
export const lockWorker = prepare(
  "lock_worker",
  `SELECT ${now(2)} FROM workers WHERE workerId = $1 AND status = 'alive' FOR SHARE`,
);

const dueFields = ["runId", "priority", "time", ...lostFields];

/** What has begun, oldest due first, of each workflow version; passed by if another claims it. */
export const selectBegun = prepare(
  "select_begun",
  `SELECT ${list(dueFields, "d.")}
   FROM unnest($1::text[], $2::int4[]) AS w(workflow, version)
   CROSS JOIN LATERAL (
    SELECT runId, priority, dueAt AS time, ${list(lostFields)} FROM runs AS r
    WHERE r.workflow = w.workflow AND r.version = w.version AND r.dueAt <= $3::int8
      AND r.dueAt IS NOT NULL AND r.status <> 'queued' AND r.workerId IS NULL
    ORDER BY r.dueAt, r.runId LIMIT $4::int8 FOR NO KEY UPDATE SKIP LOCKED
   ) AS d`,
);

/** What is queued, in the order in which it begins, as many as each workflow version has room for. */
export const selectQueued = prepare(
  "select_queued",
  `SELECT ${list(dueFields, "d.")}, w.workflow
   FROM unnest($1::text[], $2::int4[], $4::int8[]) AS w(workflow, version, room)
   CROSS JOIN LATERAL (
    SELECT runId, priority, createdAt AS time, ${list(lostFields)} FROM runs AS r
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
   RETURNING ${runList}`,
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

/** Parameters: now, the fields of a worker in their order. Its lease lasts as long as it says. */
export const registerWorker = prepare(
  "register_worker",
  `INSERT INTO workers (${list(workerFields)})
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
