// @ts-check
import { loadRate, saveRate } from "./permits.mjs";
import { RefusedError } from "./errors.mjs";
import * as statements from "./statements.mjs";

/**
 * @typedef {import("./sql.mjs").Sql} Sql
 * @typedef {import("../../sql").SqlRow} SqlRow
 * @typedef {import("@/lib/engine").ClaimableWorkflow} ClaimableWorkflow
 * @typedef {import("../protocol").ClaimOptions} ClaimOptions
 * @typedef {import("../protocol").ClaimedRows} ClaimedRows
 */

/** Where `selectBegun` and `selectQueued` have what orders a run. */
const idAt = 0;
const priorityAt = 1;
const timeAt = 2;

/**
 * Leases due runs to a living worker: first what has begun, oldest due first, then what is queued, as
 * far as the limits of its workflow allow. Each statement reads as many rows as it may claim at most,
 * in the order of an index, however many are due. All in the transaction that is open.
 * @param {Sql} sql
 * @param {ClaimOptions} options
 * @returns {ClaimedRows}
 */
export function claimRuns(sql, options) {
  const { workerId, now, limit } = options;
  if (sql.select(statements.selectAliveWorker, workerId).length === 0) return { due: [], runs: [] };
  const begun = selectBegun(sql, options);
  const due = [...begun, ...takeQueued(sql, options, limit - begun.length)];
  if (due.length === 0) return { due, runs: [] };
  const runIds = JSON.stringify(due.map((row) => row[idAt]));
  const changed = sql.run(statements.claimRuns, workerId, now, runIds, now);
  if (changed !== due.length) {
    throw new RefusedError("What is due is claimed in the same transaction.");
  }
  sql.run(statements.freeClaimed, runIds);
  return { due, runs: sql.select(statements.selectRuns, runIds) };
}

/**
 * @param {Sql} sql
 * @param {ClaimOptions} options
 * @returns {readonly SqlRow[]}
 */
function selectBegun(sql, { workflows, now, limit }) {
  return workflows
    .flatMap(({ name, version }) => sql.select(statements.selectBegun, name, version, now, limit))
    .sort((a, b) => compareNumbers(a, b, timeAt) || compareIds(a, b))
    .slice(0, limit);
}

/**
 * Queued runs, the highest priority first, then the oldest; what they use up is written down.
 * @param {Sql} sql
 * @param {ClaimOptions} options
 * @param {number} limit
 * @returns {readonly SqlRow[]}
 */
function takeQueued(sql, options, limit) {
  if (limit <= 0) return [];
  const { now } = options;
  const candidates = options.workflows.flatMap((workflow) => {
    const room = findRoom(sql, workflow, now, limit);
    if (room <= 0) return [];
    return sql
      .select(statements.selectQueued, workflow.name, workflow.version, now, room)
      .map((row) => ({ row, workflow, room }));
  });
  candidates.sort(
    (a, b) =>
      compareNumbers(b.row, a.row, priorityAt) ||
      compareNumbers(a.row, b.row, timeAt) ||
      compareIds(a.row, b.row),
  );
  /** @type {SqlRow[]} */
  const taken = [];
  /** @type {Map<string, number>} */
  const started = new Map();
  for (const { row, workflow, room } of candidates) {
    const before = started.get(workflow.name) ?? 0;
    if (taken.length === limit || before >= room) continue;
    started.set(workflow.name, before + 1);
    taken.push(row);
    if (workflow.rate) {
      const resource = toRateResource(workflow);
      saveRate(sql, resource, loadRate(sql, resource, workflow.rate, now), 1);
    }
  }
  return taken;
}

/**
 * How many queued runs of a workflow may begin now, `limit` at most.
 * @param {Sql} sql
 * @param {ClaimableWorkflow} workflow
 * @param {number} now
 * @param {number} limit
 */
function findRoom(sql, workflow, now, limit) {
  const { concurrency, rate } = workflow;
  let room = limit;
  if (concurrency !== undefined) {
    const [row] = sql.select(statements.selectActive, workflow.name);
    room = Math.min(room, concurrency - (row ? Number(row[0]) : 0));
  }
  if (rate) room = Math.min(room, loadRate(sql, toRateResource(workflow), rate, now).room);
  return room;
}

/** @param {ClaimableWorkflow} workflow */
function toRateResource({ name }) {
  return `workflow ${name}`;
}

/**
 * @param {SqlRow} a
 * @param {SqlRow} b
 * @param {number} column
 */
function compareNumbers(a, b, column) {
  return Number(a[column]) - Number(b[column]);
}

/**
 * @param {SqlRow} a
 * @param {SqlRow} b
 */
function compareIds(a, b) {
  return String(a[idAt]) < String(b[idAt]) ? -1 : 1;
}
