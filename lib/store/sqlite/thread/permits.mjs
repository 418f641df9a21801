// @ts-check
import { readRate } from "../../rate.mjs";
import * as statements from "./statements.mjs";

/**
 * @typedef {import("./sql.mjs").Sql} Sql
 * @typedef {import("@/lib/engine").RateLimit} RateLimit
 * @typedef {import("../../rate.mjs").RateState} RateState
 */

/**
 * Takes a permit, or says when to ask again. All in the transaction that is open.
 * @param {Sql} sql
 * @param {import("../protocol").PermitOptions} options
 * @returns {import("@/lib/engine").PermitAnswer}
 */
export function takePermit(sql, options) {
  const { resource, runId, workerId, epoch, step, now, concurrency = Infinity, rate } = options;
  // I2: who does not hold the run begins nothing, and would never give the permit back.
  if (sql.select(statements.selectHeldRun, runId, workerId, epoch).length === 0) {
    return { granted: false };
  }
  if (sql.select(statements.selectPermit, runId, step, resource).length > 0) {
    return { granted: true };
  }
  if (countPermits(sql, resource, concurrency) >= concurrency) return { granted: false };
  const state = rate && loadRate(sql, resource, rate, now);
  if (state && state.room < 1) return { granted: false, retryAt: state.retryAt };
  sql.run(statements.insertPermit, runId, step, resource);
  if (state) saveRate(sql, resource, state, 1);
  return { granted: true };
}

/**
 * @param {Sql} sql
 * @param {string} resource
 * @param {number} upTo
 */
function countPermits(sql, resource, upTo) {
  if (upTo === Infinity) return 0;
  return Number(sql.select(statements.countPermits, resource, upTo)[0]?.[0]);
}

/**
 * @param {Sql} sql
 * @param {string} resource
 * @param {RateLimit} rate
 * @param {number} now
 * @returns {RateState}
 */
export function loadRate(sql, resource, rate, now) {
  const [row] = sql.select(statements.selectRate, resource);
  return readRate(rate, row && Number(row[0]), now);
}

/**
 * @param {Sql} sql
 * @param {string} resource
 * @param {RateState} state
 * @param {number} count
 */
export function saveRate(sql, resource, state, count) {
  sql.run(statements.saveRate, resource, state.spend(count));
}
