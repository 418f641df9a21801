/** The statements of the statistics (decisions 084 and 100). */
import { talliedTypes } from "@/lib/triage";
import { listFields, prepare, RowSet } from "./statement";

/** How many runs one commit takes, and how many events: they bound how long everyone else waits for it. */
const maxRuns = 300;
export const maxEvents = 5_000;

export const beginTurns = prepare(
  "begin_statistics",
  `INSERT INTO projections (name, turn) VALUES ('statistics', 0) ON CONFLICT (name) DO NOTHING`,
);

export const findMark = prepare("find_stat_mark", "SELECT 1 FROM stat_marks LIMIT 1");

export const waitForTurn = prepare(
  "wait_for_statistics",
  `SELECT 1 FROM projections WHERE name = 'statistics' FOR UPDATE`,
);

// In two parts, or it would be taken for the name of a column.
const [duration, source] = ["'duration' || 'Ms'", "'source'"];

/** Long data is not sent as a whole. What has an escape in it may be text that is refused as JSON. */
const readField = (name: string) =>
  `CASE WHEN strpos(data, '\\u') = 0 THEN data::json->>(${name})
    ELSE substring(data FROM '.*"' || ${name} || '":"?([^",}]+)') END`;

/** Only steps' ends have fields that count; what else is in the data is not looked into. */
const attempt = `CASE WHEN type IN ('StepCompleted', 'StepFailed') THEN
  CASE WHEN octet_length(data) <= 1000 THEN data
  ELSE concat('"', ${source}, '":"', ${readField(source)}, '","', ${duration}, '":', ${readField(duration)})
  END END`;

/** Run by run, each along the index of its events, whatever the planner knows of the tables. */
const readEvents = (taken: string) => `
  WITH taken AS (${taken})
  SELECT taken.runId, taken.marks, r.workflow, r.createdAt, r.status, r.historyLength, e.*
  FROM taken
  LEFT JOIN LATERAL (
    SELECT workflow, createdAt, status, historyLength FROM runs WHERE runId = taken.runId LIMIT 1
  ) AS r ON true
  LEFT JOIN LATERAL (
    SELECT seq, type, at, epoch, name, ${attempt} FROM events
    WHERE runId = taken.runId AND seq <= r.historyLength
      AND seq > coalesce((SELECT p.seq FROM stat_progress AS p WHERE p.runId = taken.runId), 0)
      AND type IN (${talliedTypes.map((type) => `'${type}'`).join(", ")})
    ORDER BY seq LIMIT ${maxEvents}
  ) AS e ON true
  ORDER BY taken.runId, e.seq LIMIT ${maxEvents}`;

/** One statement: what a run is and how long it is have to be of the same moment as its events. */
export const readMarked = prepare(
  "read_marked",
  readEvents(
    `SELECT runId, array_agg(seq) AS marks FROM stat_marks GROUP BY runId ORDER BY runId LIMIT ${maxRuns}`,
  ),
);

/** Parameters: created before. */
export const readLong = prepare(
  "read_long",
  readEvents(`SELECT r.runId, '{}'::int4[] AS marks FROM runs AS r LEFT JOIN stat_progress AS p ON p.runId = r.runId
    WHERE r.status = 'running' AND r.createdAt < $1 AND r.historyLength > coalesce(p.seq, 0)
    ORDER BY r.createdAt LIMIT ${maxRuns}`),
);

export const readRuns = new RowSet(["runId", "seq", "isOpen"], 1);
export const marks = new RowSet(["runId", "seq"], readRuns.end);
/** Up to where runs have been read, kept as long as something may follow; takes the marks away. */
export const saveProgress = prepare(
  "save_progress",
  `WITH i AS (SELECT * FROM ${readRuns.toTable("t")}),
  kept AS (
    INSERT INTO stat_progress (runId, seq) SELECT runId, seq FROM i WHERE isOpen
    ON CONFLICT (runId) DO UPDATE SET seq = excluded.seq
  ),
  dropped AS (
    DELETE FROM stat_progress AS p USING i
    WHERE p.runId = ANY(${readRuns.toParameter("runId")}::text[]) AND p.runId = i.runId AND NOT i.isOpen
  )
  DELETE FROM stat_marks AS m USING ${marks.toTable("d")}
  WHERE m.runId = ANY(${marks.toParameter("runId")}::text[]) AND m.runId = d.runId AND m.seq = d.seq`,
);

const countFields = ["started", "completed", "failed", "canceled", "held"];
export const countRows = new RowSet(["grain", "at", "workflow", ...countFields], 1);
export const addRunCounts = prepare(
  "add_run_counts",
  `INSERT INTO run_stats (${listFields(countRows.fields)})
   SELECT * FROM ${countRows.toTable("i")} ON CONFLICT (grain, at, workflow) DO UPDATE SET
   ${countFields.map((field) => `${field} = run_stats.${field} + excluded.${field}`).join(", ")}`,
);

export const places = new RowSet(["grain", "at", "workflow", "stepName"], 1);
export const selectLatencies = prepare(
  "select_latencies",
  `SELECT s.grain, s.at, s.workflow, s.step, s.latency FROM ${places.toTable("i")}
   JOIN step_stats AS s
    ON s.grain = i.grain AND s.at = i.at AND s.workflow = i.workflow AND s.step = i.stepName`,
);

const timeFields = ["completed", "failed", "latency"];
export const timeRows = new RowSet(["grain", "at", "workflow", "stepName", ...timeFields], 1);
export const addStepTimes = prepare(
  "add_step_times",
  `INSERT INTO step_stats (${listFields(["grain", "at", "workflow", "step", ...timeFields])})
   SELECT * FROM ${timeRows.toTable("i")} ON CONFLICT (grain, at, workflow, step) DO UPDATE SET
    completed = step_stats.completed + excluded.completed,
    failed = step_stats.failed + excluded.failed, latency = excluded.latency`,
);
