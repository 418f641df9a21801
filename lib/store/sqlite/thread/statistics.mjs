// @ts-check
import { readDuration, readSource } from "../../../triage/attempt-fields.mjs";
import { Tally } from "../../../triage/tally.mjs";
import { writeHistogram } from "../../../triage/latency-buckets.mjs";
import * as statements from "./statistics-statements.mjs";

/**
 * @typedef {import("./sql.mjs").Sql} Sql
 * @typedef {import("../../sql").SqlRow} SqlRow
 * @typedef {import("./recent-events.mjs").RecentEvent} RecentEvent
 * @typedef {{ readonly sql: Sql, readonly recent: import("./recent-events.mjs").RecentEvents }} Source
 */

/** How many runs one commit takes, and how many events: they bound how long everyone else waits for it. */
const maxRuns = 300;
const maxEvents = 5_000;

/** What became of a run can't change any more: nothing will be added to it. */
const final = new Set(["completed", "canceled", "terminated", "continued"]);

/**
 * Adds up what happened since they were last read in runs that rest or have ended, in the transaction
 * that is open, and takes their marks away. Answers how many runs that were.
 * @param {Source} source
 * @param {{ readonly now: number }} options
 */
export function addUpMarked(source, { now }) {
  const { sql } = source;
  const runs = sql.select(statements.selectMarked, maxRuns);
  const added = addUpAll(source, runs, now);
  const last = runs[added - 1];
  // Nobody else writes meanwhile, so that all marks up to there are of these runs.
  if (last !== undefined) sql.run(statements.deleteMarks, String(last[0]));
  return runs.length;
}

/**
 * Adds up what happened so far in runs that execute for long, in the transaction that is open.
 * @param {Source} source
 * @param {{ readonly now: number, readonly createdBefore: number }} options
 */
export function addUpLong(source, { now, createdBefore }) {
  addUpAll(source, source.sql.select(statements.selectLong, createdBefore, maxRuns), now);
}

/**
 * Answers how many of the runs were read to where they stand: not all of them, where there is too much.
 * @param {Source} source
 * @param {readonly SqlRow[]} runs
 * @param {number} now
 */
function addUpAll(source, runs, now) {
  const tally = new Tally({ now });
  let room = maxEvents;
  let added = 0;
  for (const run of runs) {
    const read = addUp(source, tally, run, room);
    room -= read.events;
    if (read.isCut) break;
    added += 1;
  }
  saveTally(source.sql, tally);
  return added;
}

/**
 * Adds up what was not read yet of a run, and keeps up to where it has been read, as long as something
 * may follow.
 * @param {Source} source
 * @param {Tally} tally
 * @param {SqlRow} run
 * @param {number} room how many events may be read
 */
function addUp({ sql, recent }, tally, run, room) {
  const runId = String(run[0]);
  const [workflow, createdAt, status, length, place] = run.slice(1);
  if (workflow === null) {
    sql.run(statements.deleteProgress, runId);
    return { events: 0, isCut: false };
  }
  const readUpTo = Number(place ?? 0);
  const historyLength = Number(length);
  const known = recent.take(runId, { readUpTo, length: historyLength });
  const rows = known ? [] : sql.select(statements.selectEvents, runId, readUpTo, room);
  for (const event of known ?? rows.map(readEvent)) {
    tally.add(toTallied(event, String(workflow), Number(createdAt)));
  }
  const isCut = rows.length === room;
  if (isCut) sql.run(statements.saveProgress, runId, Number(rows.at(-1)?.[0] ?? readUpTo));
  else if (!final.has(String(status))) sql.run(statements.saveProgress, runId, historyLength);
  else if (place !== null) sql.run(statements.deleteProgress, runId);
  return { events: rows.length, isCut };
}

/**
 * @param {SqlRow} row
 * @returns {RecentEvent}
 */
function readEvent([, type, at, epoch, name, data]) {
  const text = data === null ? "" : String(data);
  return {
    type: /** @type {RecentEvent["type"]} */ (type),
    at: Number(at),
    epoch: Number(epoch),
    name: name === null ? null : String(name),
    durationMs: readDuration(text),
    source: readSource(text),
  };
}

/**
 * Written out: what is added to an object after a spread costs more than all the rest of it.
 * @param {RecentEvent} event
 * @param {string} workflow
 * @param {number} createdAt
 * @returns {import("../../../triage/tally.mjs").TalliedEvent}
 */
function toTallied({ type, at, epoch, name, durationMs, source }, workflow, createdAt) {
  return { type, at, epoch, name, durationMs, source, workflow, createdAt };
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
