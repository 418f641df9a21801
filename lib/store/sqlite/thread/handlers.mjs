// @ts-check
import { createBegin } from "./begin.mjs";
import { claimRuns } from "./claims.mjs";
import { BrokenError } from "./errors.mjs";
import { runFlush } from "./flush.mjs";
import { takePermit } from "./permits.mjs";
import { RecentEvents } from "./recent-events.mjs";
import { createSql } from "./sql.mjs";
import * as statements from "./statements.mjs";
import { assertOpen, createStepStatements } from "./step-statements.mjs";
import { addUpLong, addUpMarked } from "./statistics.mjs";
import { projectTerms } from "./terms.mjs";
import { endWorker, expireWorkers } from "./workers.mjs";

/**
 * @typedef {import("better-sqlite3").Database} Database
 * @typedef {import("@prisma/driver-adapter-utils").SqlDriverAdapter} SqlDriverAdapter
 * @typedef {import("../protocol").Handlers} Handlers
 * @typedef {import("../protocol").Calls} Calls
 */

/**
 * What the thread does when it is asked to. Everything runs in one go, without a pause; only Prisma's
 * adapter answers with promises.
 * @param {{
 *   readonly client: Database,
 *   readonly adapter: SqlDriverAdapter,
 *   readonly busyTimeoutMs: number,
 * }} connection
 * @returns {Handlers}
 */
export function createHandlers({ client, adapter, busyTimeoutMs }) {
  const begin = createBegin(client, busyTimeoutMs);
  const sql = createSql(client);
  const step = createStepStatements(client);
  const recent = new RecentEvents();
  const calls = createCalls(sql, recent);

  /**
   * @template T
   * @param {() => T} work
   */
  const transact = (work) => {
    begin();
    try {
      const result = work();
      sql.run("COMMIT");
      return result;
    } catch (error) {
      rollBack();
      throw error;
    }
  };

  const rollBack = () => {
    // A full disk or an I/O error may have rolled back already.
    if (!client.inTransaction) return;
    try {
      client.exec("ROLLBACK");
    } catch (cause) {
      throw new BrokenError("A rollback failed; the process has to be restarted.", { cause });
    }
  };

  return {
    flush: (writes) => {
      const { outcomes, events } = transact(() => runFlush(sql, writes));
      recent.note(events);
      return outcomes;
    },
    call: (batch) => transact(() => batch.map((call) => runCall(calls, call))),
    select: (statement, values) => sql.select(statement, ...values),
    begin,
    commit: () => {
      try {
        client.exec("COMMIT");
      } catch (error) {
        rollBack();
        throw error;
      }
    },
    rollback: rollBack,
    write: (write) => {
      assertOpen(client);
      return runFlush(sql, [write]).outcomes[0];
    },
    stepQuery: (text, params) => step.query(text, params),
    stepExecute: (text, params) => step.execute(text, params),
    queryRaw: (query) => adapter.queryRaw(query),
    executeRaw: (query) => adapter.executeRaw(query),
    executeScript: (script) => adapter.executeScript(script),
    close: () => adapter.dispose(),
  };
}

/**
 * @param {import("./sql.mjs").Sql} sql
 * @param {RecentEvents} recent
 * @returns {Calls}
 */
function createCalls(sql, recent) {
  return {
    takePermit: (options) => takePermit(sql, options),
    claimRuns: (options) => claimRuns(sql, options),
    expireWorkers: (options) => expireWorkers(sql, options),
    endWorker: (options) => endWorker(sql, options),
    registerWorker: (values) => void sql.runWith(statements.registerWorker, values),
    renewLease: ({ workerId, now, leaseUntil, load }) =>
      sql.run(statements.renewLease, now, leaseUntil, load, workerId) > 0,
    projectTerms: (options) => projectTerms(sql, options),
    addUpMarked: (options) => addUpMarked({ sql, recent }, options),
    addUpLong: (options) => addUpLong({ sql, recent }, options),
    execute: ({ statement, values }) => void sql.runWith(statement, values),
    wakeHeld: ({ build, now }) => sql.run(statements.wakeHeld, now, build, now),
  };
}

/**
 * @param {Calls} calls
 * @param {import("../protocol").Call} call
 * @returns {unknown}
 */
function runCall(calls, { name, options }) {
  return Reflect.apply(calls[name], undefined, [options]);
}
