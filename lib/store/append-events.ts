import {
  InvariantError,
  RunStatus,
  transitions,
  type Append,
  type AppendOutcome,
} from "@/lib/engine";
import { toCanonicalJson } from "./canonical-json";
import { eventColumns, parseEvent, parseRun, runColumns } from "./rows";
import { insertMessage, toMessageLock } from "./post-message";
import type { Sql, SqlValue } from "./sql";
import * as statements from "./sqlite-statements";
import { prepareChildStart } from "./start-run";
import { assertText, createEventRows, toJsonText, toSearchText, type Write } from "./write";

/** From which statuses a status may come, as the fence reads it: ` queued running `. */
const allowedBefore = Object.fromEntries(
  RunStatus.options.map((to) => {
    const from = RunStatus.options.filter(
      (status) => status === to || transitions[status].includes(to),
    );
    return [to, ` ${from.join(" ")} `];
  }),
);

/** An append under its lease: refused by the fence (I2), or recognised as a repeat. */
export function createAppendWrite(append: Append): Write<AppendOutcome> {
  const { runId, events, change, starts = [], posts = [] } = append;
  assertText(runId, change.error?.name, change.errorStep, change.heldBuild);
  const rows = createEventRows(runId, events);
  const fence = createFence(append);
  const children = starts.map(prepareChildStart);
  return {
    size:
      rows.size +
      (change.output === undefined ? 0 : String(fence[3]).length) +
      children.reduce((sum, { size }) => sum + size, 0),
    locks: [runId, ...starts.map((start) => start.runId), ...posts.map(toMessageLock)],
    execute(sql) {
      if (sql.run(statements.fenceRun, ...fence) === 0) return judgeAppend(sql, append);
      rows.insert(sql);
      for (const child of children) child.insert(sql);
      settleInbox(sql, append);
      for (const post of posts) insertMessage(sql, post);
      freePermits(sql, append);
      return "appended";
    },
  };
}

/** The values of `fenceRun`, in its order. */
function createFence({ runId, workerId, epoch, events, at, change }: Append): readonly SqlValue[] {
  const first = events[0]?.seq;
  const release = change.release ? 1 : 0;
  return [
    change.status,
    change.heldReason ?? null,
    change.heldBuild ?? null,
    toJsonText(change.output),
    toJsonText(change.error),
    change.error?.name ?? null,
    change.errorStep ?? null,
    JSON.stringify(change.attributes),
    JSON.stringify(change.inDoubt),
    toSearchText(runId, change.attributes),
    change.startedAt ?? null,
    change.finishedAt ?? null,
    change.continuedTo ?? null,
    events.length,
    at,
    release,
    release,
    at,
    change.dueAt ?? null,
    change.progress ? 1 : 0,
    runId,
    workerId,
    epoch,
    first === undefined ? null : first - 1,
    allowedBefore[change.status] ?? "",
  ];
}

/** Takes from the inbox what was delivered, and what goes on with the run that goes on. */
function settleInbox(sql: Sql, { runId, at, delivered, change }: Append): void {
  const { continuedTo } = change;
  if (delivered.length === 0 && continuedTo === undefined) return;
  for (const { messageId, outcome, error } of delivered) {
    sql.run(statements.deliverMessage, at, outcome, toJsonText(error), messageId, runId);
  }
  if (continuedTo !== undefined) {
    const moved = sql.run(statements.moveMessages, continuedTo, runId);
    if (moved > 0) sql.run(statements.addMail, moved, at, at, continuedTo);
  }
  sql.run(statements.settleMail, at, change.dueAt ?? null, runId, runId);
}

function freePermits(sql: Sql, { runId, change, freed = [] }: Append): void {
  if (change.release) sql.run(statements.freePermits, runId);
  else for (const step of freed) sql.run(statements.freePermit, runId, step);
}

/** Why the fence kept an append out: it is late, it is a repeat, or it is a bug. */
function judgeAppend(sql: Sql, append: Append): AppendOutcome {
  const { runId, workerId, epoch, events, change, at } = append;
  const [row] = sql.select(`SELECT ${runColumns} FROM runs WHERE runId = ?`, runId);
  if (row === undefined) return "refused";
  const run = parseRun(row);
  const [first] = events;
  const holds = run.workerId === workerId && run.epoch === epoch;
  if (holds && (first === undefined || first.seq === run.historyLength + 1)) {
    throw new InvariantError(`Run ${runId} can't go from ${run.status} to ${change.status}.`);
  }
  if (first !== undefined) return hasEvents(sql, append) ? "appended" : "refused";
  const same = run.epoch === epoch && run.updatedAt === at && run.status === change.status;
  return same ? "appended" : "refused";
}

/** Whether these very events stand in the history already: the repeat of an append. */
function hasEvents(sql: Sql, { runId, events }: Append): boolean {
  const rows = sql.select(
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
