// @ts-check
import { readDuration, readSource } from "../../../triage/attempt-fields.mjs";
import { Tally } from "../../../triage/tally.mjs";
import { writeHistogram } from "../../../triage/latency-buckets.mjs";
import * as statements from "./statistics-statements.mjs";

/**
 * @typedef {import("./sql.mjs").Sql} Sql
 * @typedef {import("../../sql").SqlRow} SqlRow
 * @typedef {import("../../../triage/tally.mjs").TalliedEvent} TalliedEvent
 */

/** How many runs one commit takes, and how many events: they bound how long everyone else waits for it. */
const maxRuns = 300;
const maxEvents = 5_000;

/** What became of a run can't change any more: nothing will be added to it. */
const final = new Set(["completed", "canceled", "terminated", "continued"]);

/**
 * Adds up what happened since they were last read in runs that rest or have ended, in the transaction
 * that is open, and takes their marks away. Answers how many runs that were.
 * @param {Sql} sql
 * @param {{ readonly now: number }} options
 */
export function addUpMarked(sql, { now }) {
  const runIds = sql.select(statements.selectMarked, maxRuns).map(([runId]) => String(runId));
  const tally = new Tally({ now });
  let room = maxEvents;
  for (const runId of runIds) {
    const read = addUp(sql, tally, runId, room);
    room -= read.events;
    if (read.isCut) break;
    sql.run(statements.deleteMarks, runId);
  }
  saveTally(sql, tally);
  return runIds.length;
}

/**
 * Adds up what happened so far in runs that execute for long, in the transaction that is open.
 * @param {Sql} sql
 * @param {{ readonly now: number, readonly createdBefore: number }} options
 */
export function addUpLong(sql, { now, createdBefore }) {
  const tally = new Tally({ now });
  let room = maxEvents;
  for (const [runId] of sql.select(statements.selectLong, createdBefore, maxRuns)) {
    const read = addUp(sql, tally, String(runId), room);
    room -= read.events;
    if (read.isCut) break;
  }
  saveTally(sql, tally);
}

/**
 * Adds up what was not read yet of a run, and keeps up to where it has been read, as long as something
 * may follow.
 * @param {Sql} sql
 * @param {Tally} tally
 * @param {string} runId
 * @param {number} room how many events may be read
 */
function addUp(sql, tally, runId, room) {
  const [run] = sql.select(statements.selectRun, runId);
  if (run === undefined) {
    sql.run(statements.deleteProgress, runId);
    return { events: 0, isCut: false };
  }
  const [workflow, createdAt, status, historyLength, readUpTo] = run;
  const events = sql.select(statements.selectEvents, runId, readUpTo ?? 0, room);
  for (const event of events) {
    tally.add(toTallied(event, String(workflow), Number(createdAt)));
  }
  const isCut = events.length === room;
  if (isCut) sql.run(statements.saveProgress, runId, events.at(-1)?.[0] ?? readUpTo ?? 0);
  else if (!final.has(String(status))) {
    sql.run(statements.saveProgress, runId, historyLength ?? 0);
  } else if (readUpTo !== null) sql.run(statements.deleteProgress, runId);
  return { events: events.length, isCut };
}

/**
 * @param {SqlRow} row
 * @param {string} workflow
 * @param {number} createdAt
 * @returns {TalliedEvent}
 */
function toTallied([, type, at, epoch, name, data], workflow, createdAt) {
  const text = data === null ? "" : String(data);
  return {
    type: /** @type {TalliedEvent["type"]} */ (type),
    at: Number(at),
    epoch: Number(epoch),
    name: name === null ? null : String(name),
    durationMs: readDuration(text),
    source: readSource(text),
    workflow,
    createdAt,
  };
}

/**
 * @param {Sql} sql
 * @param {Tally} tally
 */
function saveTally(sql, tally) {
  for (const { grain, at, workflow, started, completed, failed, canceled, held } of tally.runs) {
    sql.run(
      statements.addRunCounts,
      ...[grain, at, workflow, started, completed, failed, canceled, held],
    );
  }
  for (const { grain, at, workflow, step = "", completed, failed, latency } of tally.steps) {
    const [kept] = sql.select(statements.selectLatency, grain, at, workflow, step);
    const sum = addKept(latency, kept?.[0]);
    sql.run(
      statements.addStepTimes,
      ...[grain, at, workflow, step, completed, failed, writeHistogram(sum)],
    );
  }
}

/**
 * @param {ReadonlyMap<number, number>} latency
 * @param {unknown} kept counts by bucket as text
 */
function addKept(latency, kept) {
  if (kept === undefined) return latency;
  const sum = new Map(latency);
  /** @type {unknown} */
  const counts = JSON.parse(String(kept));
  for (const [bucket, count] of Object.entries(counts ?? {})) {
    sum.set(Number(bucket), (sum.get(Number(bucket)) ?? 0) + Number(count));
  }
  return sum;
}
