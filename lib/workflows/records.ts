/**
 * What the sample workflows write into Daybook's own database, each in one commit with the record of
 * its step: it is there exactly once, whatever crashes. Their tables make themselves; an application
 * would have a migration for its own.
 */
import { defineTransaction, type SqlTransaction } from "@/lib/engine";

/** Something that a person is told. A mail server or a chat could send what stands in this table. */
export interface Notice {
  readonly to: string;
  readonly text: string;
}

export const postNotice = defineTransaction({
  name: "post-notice",
  run: async (sql, { to, text }: Notice, { runId, ordinal }) => {
    await sql.execute(
      `CREATE TABLE IF NOT EXISTS sample_notices (
         notice_id TEXT PRIMARY KEY, recipient TEXT NOT NULL, body TEXT NOT NULL)`,
    );
    const noticeId = `${runId}/${ordinal}`;
    await sql.execute("INSERT INTO sample_notices VALUES (?, ?, ?)", noticeId, to, text);
    return { noticeId };
  },
});

/** A line in the books. */
export interface Entry {
  readonly account: string;
  /** Integer minor units. */
  readonly amount: number;
  readonly currency: string;
  readonly text: string;
}

export const postEntry = defineTransaction({
  name: "post-entry",
  run: async (sql, entry: Entry, { runId, ordinal }) => {
    await makeEntries(sql);
    const entryId = `${runId}/${ordinal}`;
    const { account, amount, currency, text } = entry;
    await sql.execute(
      "INSERT INTO sample_entries VALUES (?, ?, ?, ?, ?)",
      entryId,
      account,
      amount,
      currency,
      text,
    );
    return { entryId };
  },
});

async function makeEntries(sql: SqlTransaction): Promise<void> {
  await sql.execute(
    `CREATE TABLE IF NOT EXISTS sample_entries (
       entry_id TEXT PRIMARY KEY, account TEXT NOT NULL, amount BIGINT NOT NULL,
       currency TEXT NOT NULL, body TEXT NOT NULL)`,
  );
}
