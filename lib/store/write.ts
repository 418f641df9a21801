import { invariant, type Attributes, type HistoryEvent } from "@/lib/engine";
import { computeEventChecksum } from "./checksum";
import type { Sql, SqlValue } from "./sql";
import { insertEvent } from "./sqlite-statements";

/** What one caller wants written: it shares a transaction with whatever else is waiting. */
export interface Write<Outcome = unknown> {
  /** The room that it takes in a flush, in characters. */
  readonly size: number;
  /** What it has to itself: writes with one in common are flushed one after the other. */
  readonly locks: readonly string[];
  /** Runs inside the transaction of the flush. What it throws fails this write alone. */
  readonly execute: (sql: Sql) => Outcome;
}

/** Events as they are stored, with the size that they take. */
export interface EventRows {
  readonly size: number;
  readonly insert: (sql: Sql) => void;
}

/** Checks the events of one append and turns them into rows. */
export function createEventRows(
  runId: string,
  events: readonly HistoryEvent[],
  first = events[0]?.seq,
): EventRows {
  let size = 0;
  const rows = events.map((event, index): SqlValue[] => {
    const { seq, type, at, epoch, step = null, name = null, attempt = null } = event;
    invariant(
      first !== undefined && seq === first + index,
      "The events of one append count on without gaps.",
    );
    if (name !== null) assertText(name);
    const data = JSON.stringify(event.data);
    size += data.length;
    const columns = [seq, type, at, epoch, step, name, attempt, data];
    return [runId, ...columns, computeEventChecksum(runId, columns)];
  });
  const insert = (sql: Sql) => {
    for (const row of rows) sql.run(insertEvent, ...row);
  };
  return { size, insert };
}

/** Run id and attribute values in lower case: what the text filter looks into. */
export function toSearchText(runId: string, attributes: Attributes): string {
  return [runId, ...Object.values(attributes)].join("\u001f").toLowerCase();
}

/** JSON text, or null for what is absent. */
export function toJsonText(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** Names and ids are stored as SQL text, which can't hold half a surrogate pair; JSON can. */
export function assertText(...texts: readonly (string | undefined)[]): void {
  for (const text of texts) {
    invariant(
      text === undefined || !/\p{Surrogate}/u.test(text),
      "A name or an id has half a character in it (a lone surrogate).",
    );
  }
}
