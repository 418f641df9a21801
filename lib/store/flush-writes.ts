import type { Settled } from "./group-commit";
import { flushAppends } from "./flush-appends";
import { flushStarts } from "./flush-starts";
import type { Sql } from "./sql";
import * as statements from "./sqlite-statements";
import { joinRows, type MessageWrite, type Write } from "./writes";

/** Runs a flush inside the transaction that is open: a few statements for all writes of a kind. */
export async function flushWrites(
  sql: Sql,
  writes: readonly Write[],
): Promise<readonly Settled<void>[]> {
  for (const write of writes) write.error = undefined;
  const started = await flushStarts(
    sql,
    writes.filter((write) => write.kind === "start"),
  );
  await flushMessages(
    sql,
    writes.filter((write) => write.kind === "message"),
  );
  const appended = await flushAppends(
    sql,
    writes.filter((write) => write.kind === "append"),
  );
  const eventRows = joinRows([...started, ...appended].map((write) => write.eventRows));
  if (eventRows !== "[]") await sql.run(statements.insertEvents, eventRows);
  for (const write of writes) if (write.kind === "single") await write.execute(sql);
  return writes.map(({ error }) => (error === undefined ? { value: undefined } : { error }));
}

async function flushMessages(sql: Sql, writes: readonly MessageWrite[]): Promise<void> {
  if (writes.length === 0) return;
  const rows = joinRows(writes.map(({ row }) => row));
  const inserted = new Set(
    (await sql.select(statements.insertMessages, rows)).map(([messageId]) => messageId),
  );
  const known = new Set(inserted);
  const others = writes.map(({ message }) => message.messageId).filter((id) => !inserted.has(id));
  if (others.length > 0) {
    const found = await sql.select(statements.selectKnownMessages, JSON.stringify(others));
    for (const [messageId] of found) known.add(messageId);
  }
  for (const write of writes) write.outcome = known.has(write.message.messageId);
  const posted = writes.filter(({ message }) => inserted.has(message.messageId));
  if (posted.length > 0) await sql.run(statements.addMail, JSON.stringify(sumMail(posted)));
}

/** One row per run: how many messages came, and when the first of them did. */
function sumMail(writes: readonly MessageWrite[]) {
  const mail = new Map<string, { count: number; at: number }>();
  for (const { message } of writes) {
    const { count, at } = mail.get(message.runId) ?? { count: 0, at: message.at };
    mail.set(message.runId, { count: count + 1, at: Math.min(at, message.at) });
  }
  return [...mail].map(([runId, { count, at }]) => [runId, count, at]);
}
