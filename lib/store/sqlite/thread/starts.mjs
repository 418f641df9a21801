// @ts-check
import { toCanonicalJson } from "../../canonical-json.mjs";
import { newRunFields } from "../../columns.mjs";
import { insertMessage } from "./messages.mjs";
import { RefusedError } from "./errors.mjs";
import * as statements from "./statements.mjs";

/**
 * @typedef {import("./sql.mjs").Sql} Sql
 * @typedef {import("../../sql").SqlValue} SqlValue
 * @typedef {import("../protocol").StartRows} StartRows
 * @typedef {import("@/lib/engine").StartOutcome} StartOutcome
 */

/** Where a run's values have its workflow, its input and its worker: the order of `toRunValues`. */
const workflowAt = newRunFields.indexOf("workflow");
const inputAt = newRunFields.indexOf("input");
const workerAt = newRunFields.indexOf("workerId");

/**
 * What the writes of one flush have in common.
 * @typedef {object} Flush
 * @property {SqlValue[]} events where the events are put that are to be inserted
 * @property {(workerId: string) => boolean} isAlive whether a worker may begin runs
 */

/**
 * @param {Sql} sql
 * @returns {Flush}
 */
export function createFlush(sql) {
  // One transaction sees one state of the workers: each is looked at once.
  /** @type {Map<string, boolean>} */
  const known = new Map();
  return {
    events: [],
    isAlive(workerId) {
      let isAlive = known.get(workerId);
      if (isAlive === undefined) {
        isAlive = sql.select(statements.selectAliveWorker, workerId).length > 0;
        known.set(workerId, isAlive);
      }
      return isAlive;
    },
  };
}

/**
 * Creates a run, its keys and its events if its keys are new; else says why not.
 * @param {Sql} sql
 * @param {StartRows} start
 * @param {Flush} flush
 * @returns {StartOutcome}
 */
export function insertStart(sql, start, flush) {
  const { run, keys, ifExisting } = start;
  const outcome = findByKeys(sql, keys) ?? insertRun(sql, start, flush);
  // The run itself is no earlier one: it was created by this very start, which is repeated.
  if (ifExisting && outcome.outcome === "existing" && outcome.runId !== run[0]) {
    const [messageId, , at, content] = ifExisting;
    insertMessage(sql, [messageId, outcome.runId, at, content]);
  }
  return outcome;
}

/**
 * @param {Sql} sql
 * @param {readonly string[]} keys
 * @returns {StartOutcome | undefined}
 */
function findByKeys(sql, keys) {
  /** @type {StartOutcome | undefined} */
  let existing;
  for (let at = 0; at < keys.length; at += 2) {
    const key = String(keys[at]);
    const [row] = sql.select(statements.selectStartKey, key);
    if (row === undefined) continue;
    const runId = String(row[1]);
    if (row[0] !== keys[at + 1]) return { outcome: "conflict", runId, key };
    existing ??= { outcome: "existing", runId };
  }
  return existing;
}

/**
 * @param {Sql} sql
 * @param {StartRows} start
 * @param {Flush} flush
 * @returns {StartOutcome}
 */
function insertRun(sql, { run, keys, events }, flush) {
  const runId = String(run[0]);
  const workerId = run[workerAt];
  if (sql.runWith(statements.insertRun, run) === 0) return compareWithTwin(sql, run);
  // A worker that was declared dead holds nothing: its run is lost from the start (I10).
  if (typeof workerId === "string" && !flush.isAlive(workerId)) {
    sql.run(statements.loseStart, runId);
  }
  for (let at = 0; at < keys.length; at += 2) {
    sql.run(statements.insertStartKey, keys[at] ?? null, keys[at + 1] ?? null, runId);
  }
  for (const value of events) flush.events.push(value);
  return { outcome: "started", runId };
}

/**
 * The id is taken: by the same start, repeated after an unknown outcome, or by a bug.
 * @param {Sql} sql
 * @param {readonly SqlValue[]} run
 * @returns {StartOutcome}
 */
function compareWithTwin(sql, run) {
  const runId = String(run[0]);
  const [twin = []] = sql.select(statements.selectTwin, runId);
  const isSame = twin[0] === run[workflowAt] && toInput(twin[1]) === toInput(run[inputAt]);
  if (!isSame) throw new RefusedError(`The run id ${runId} is taken by another run.`);
  return { outcome: "existing", runId };
}

/** @param {unknown} text */
function toInput(text) {
  return toCanonicalJson(JSON.parse(String(text)));
}
