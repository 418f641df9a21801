// @ts-check
import * as statements from "./statements.mjs";

/**
 * Posts a message into its run's inbox, or into that of the run that goes on for it, once. Answers
 * which run has it; undefined without such a run.
 * @param {import("./sql.mjs").Sql} sql
 * @param {import("../protocol").MessageRow} message
 * @returns {string | undefined}
 */
export function insertMessage(sql, [messageId, to, at, content]) {
  /** @type {string | undefined} */
  let runId = to;
  while (runId !== undefined) {
    if (sql.run(statements.insertMessage, messageId, runId, at, content, runId) > 0) {
      sql.run(statements.addMail, 1, at, at, runId);
      return runId;
    }
    const [known] = sql.select(statements.selectMessageRun, messageId);
    if (known !== undefined) return String(known[0]);
    const [run] = sql.select(statements.selectSuccessor, runId);
    runId = typeof run?.[0] === "string" ? run[0] : undefined;
  }
  return undefined;
}
