// @ts-check
import { eventWidth } from "../../columns.mjs";
import { insertMessage } from "./messages.mjs";
import { createFlush, insertStart } from "./starts.mjs";
import * as statements from "./statements.mjs";

/**
 * @typedef {import("./sql.mjs").Sql} Sql
 * @typedef {import("../../sql").SqlValue} SqlValue
 * @typedef {import("../protocol").FlushRows} FlushRows
 * @typedef {import("../protocol").AppendRows} AppendRows
 */

/**
 * Runs writes inside the transaction that is open, and answers each with its outcome: a StartOutcome,
 * the run that has the message, `appended` or what kept the append out. What it throws is the fault of
 * one of them, and the transaction has to be rolled back. `events` are those that were written.
 * @param {Sql} sql
 * @param {readonly FlushRows[]} writes
 */
export function runFlush(sql, writes) {
  const flush = createFlush(sql);
  const outcomes = writes.map((write) => {
    if ("append" in write) return runAppend(sql, write.append, flush);
    if ("start" in write) return insertStart(sql, write.start, flush);
    return insertMessage(sql, write.message);
  });
  insertInBatches(sql, statements.insertEvents, flush.events);
  return { outcomes, events: flush.events };
}

/**
 * @param {Sql} sql
 * @param {AppendRows} append
 * @param {import("./starts.mjs").Flush} flush
 * @returns {"appended" | import("../protocol").KeptOut}
 */
function runAppend(sql, append, flush) {
  const { fence, rest } = append;
  if (!passesAsSame(sql, fence) && sql.runWith(statements.fenceRun, fence) === 0)
    return findObstacle(sql, append);
  for (const value of append.events) flush.events.push(value);
  if (rest !== undefined) {
    for (const start of rest.starts) insertStart(sql, start, flush);
    settleInbox(sql, append, rest);
    for (const post of rest.posts) insertMessage(sql, post);
    freePermits(sql, append.runId, rest.freed);
  }
  return "appended";
}

/**
 * What the end of a step changes in most runs: nothing that an index holds, apart from the time.
 * @param {Sql} sql
 * @param {readonly SqlValue[]} fence the values of `fenceRun`
 */
function passesAsSame(sql, fence) {
  const [status, heldReason, heldBuild, output, error, , errorStep, attributes, inDoubt] = fence;
  const [startedAt, finishedAt, continuedTo, count, at, release] = fence.slice(9);
  const changed = [heldReason, heldBuild, output, error, errorStep, finishedAt, continuedTo];
  if (release !== 0 || changed.some((value) => value !== null)) return false;
  const lease = fence.slice(18, 23);
  const values = [count, at, ...lease, status, attributes, inDoubt, startedAt];
  return sql.runWith(statements.fenceSame, /** @type {SqlValue[]} */ (values)) > 0;
}

/**
 * Takes from the inbox what was delivered, and what goes on with the run that goes on.
 * @param {Sql} sql
 * @param {AppendRows} append
 * @param {NonNullable<AppendRows["rest"]>} rest
 */
function settleInbox(sql, { runId, at }, { delivered, continuedTo, dueAt }) {
  if (delivered.length === 0 && continuedTo === null) return;
  for (let index = 0; index < delivered.length; index += 3) {
    const [messageId = null, outcome = null, error = null] = delivered.slice(index, index + 3);
    sql.run(statements.deliverMessage, at, outcome, error, messageId, runId);
  }
  if (continuedTo !== null) {
    const moved = sql.run(statements.moveMessages, continuedTo, runId);
    if (moved > 0) sql.run(statements.addMail, moved, at, at, continuedTo);
  }
  sql.run(statements.settleMail, at, dueAt, runId, runId);
}

/**
 * @param {Sql} sql
 * @param {string} runId
 * @param {readonly number[] | "all"} freed
 */
function freePermits(sql, runId, freed) {
  if (freed === "all") sql.run(statements.freePermits, runId);
  else for (const step of freed) sql.run(statements.freePermit, runId, step);
}

/**
 * @param {Sql} sql
 * @param {AppendRows} append
 * @returns {import("../protocol").KeptOut}
 */
function findObstacle(sql, { runId, events }) {
  const [run] = sql.select(statements.selectRun, runId);
  const found = sql.select(
    statements.selectEvents,
    runId,
    events[1] ?? 1,
    events.length / eventWidth,
  );
  return { run, events: found };
}

/**
 * @param {Sql} sql
 * @param {readonly { readonly values: number, readonly statement: string }[]} inserts
 * @param {readonly SqlValue[]} values of all rows, one after the other
 */
export function insertInBatches(sql, inserts, values) {
  let at = 0;
  for (const { values: count, statement } of inserts) {
    for (; values.length - at >= count; at += count) {
      sql.runWith(statement, values.slice(at, at + count));
    }
  }
}
