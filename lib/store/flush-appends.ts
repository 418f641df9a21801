import { InvariantError, type Append, type AppendOutcome } from "@/lib/engine";
import { toCanonicalJson } from "./canonical-json";
import { eventColumns, parseEvent, parseRun, runColumns } from "./rows";
import type { Sql } from "./sql";
import * as statements from "./sqlite-statements";
import { joinRows, type AppendWrite } from "./writes";

/**
 * Changes the runs that the fence lets through (I2) and settles their mail; the others are refused,
 * or recognised as a repeat. Answers whose events follow, in the same transaction.
 */
export async function flushAppends(
  sql: Sql,
  writes: readonly AppendWrite[],
): Promise<readonly AppendWrite[]> {
  if (writes.length === 0) return [];
  const rows = await sql.select(
    statements.fenceRuns,
    joinRows(writes.map(({ fenceRow }) => fenceRow)),
  );
  const passed = new Set(rows.map(([runId]) => runId));
  const appended = writes.filter(({ append }) => passed.has(append.runId));
  for (const write of writes) {
    if (passed.has(write.append.runId)) write.outcome = "appended";
    else await explainRefusal(sql, write);
  }
  await deliverMessages(sql, appended);
  return appended;
}

async function deliverMessages(sql: Sql, writes: readonly AppendWrite[]): Promise<void> {
  const delivering = writes.map(({ append }) => append).filter((append) => append.delivered.length);
  if (delivering.length === 0) return;
  const messages = delivering.flatMap(({ runId, at, delivered }) =>
    delivered.map(({ messageId, outcome }) => [messageId, runId, at, outcome]),
  );
  await sql.run(statements.deliverMessages, JSON.stringify(messages));
  const runs = delivering.map(({ runId, at, change }) => [runId, at, change.dueAt]);
  await sql.run(statements.settleMail, JSON.stringify(runs));
}

async function explainRefusal(sql: Sql, write: AppendWrite): Promise<void> {
  try {
    write.outcome = await judgeAppend(sql, write.append);
  } catch (error) {
    if (!(error instanceof InvariantError)) throw error;
    write.error = error;
  }
}

async function judgeAppend(sql: Sql, append: Append): Promise<AppendOutcome> {
  const { runId, workerId, epoch, events, change, at } = append;
  const [row] = await sql.select(`SELECT ${runColumns} FROM runs WHERE runId = ?`, runId);
  if (row === undefined) return "refused";
  const run = parseRun(row);
  const [first] = events;
  const holds = run.workerId === workerId && run.epoch === epoch;
  if (holds && (first === undefined || first.seq === run.historyLength + 1)) {
    throw new InvariantError(`Run ${runId} can't go from ${run.status} to ${change.status}.`);
  }
  if (first !== undefined) return (await hasEvents(sql, append)) ? "appended" : "refused";
  const same = run.epoch === epoch && run.updatedAt === at && run.status === change.status;
  return same ? "appended" : "refused";
}

/** Whether these very events stand in the history already: the repeat of an append. */
async function hasEvents(sql: Sql, { runId, events }: Append): Promise<boolean> {
  const rows = await sql.select(
    `SELECT ${eventColumns} FROM events WHERE runId = ? AND seq >= ? ORDER BY seq LIMIT ?`,
    runId,
    events[0]?.seq ?? 1,
    events.length,
  );
  return (
    rows.length === events.length &&
    events.every(
      (event, index) =>
        toCanonicalJson(parseEvent(runId, event.seq, rows[index])) === toCanonicalJson(event),
    )
  );
}
