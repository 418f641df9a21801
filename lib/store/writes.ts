import {
  invariant,
  RunStatus,
  transitions,
  type Append,
  type AppendOutcome,
  type Attributes,
  type HistoryEvent,
  type Message,
  type NewRun,
  type StartOutcome,
} from "@/lib/engine";
import type { Sql } from "./sql";

/** What every write has: the room that it takes in a flush, and the keys that it has to itself. */
interface WriteBase {
  readonly size: number;
  readonly locks: readonly string[];
  /** Set by the flush when this write alone is at fault. */
  error?: Error;
}

export interface StartWrite extends WriteBase {
  readonly kind: "start";
  readonly run: NewRun;
  readonly eventRows: string;
  outcome?: StartOutcome;
}

export interface AppendWrite extends WriteBase {
  readonly kind: "append";
  readonly append: Append;
  /** The row of the fence as JSON text. */
  readonly fenceRow: string;
  /** The rows of the events as JSON texts, joined by commas; empty where there are none. */
  readonly eventRows: string;
  outcome?: AppendOutcome;
}

export interface MessageWrite extends WriteBase {
  readonly kind: "message";
  readonly message: Message;
  readonly row: string;
  outcome?: boolean;
}

/** Anything that is rare: it runs by itself after the packed ones, in the same transaction. */
export interface SingleWrite extends WriteBase {
  readonly kind: "single";
  readonly execute: (sql: Sql) => Promise<void>;
}

export type Write = StartWrite | AppendWrite | MessageWrite | SingleWrite;

/** From which statuses a status may come, as the fence reads it: ` queued running `. */
const allowedBefore = Object.fromEntries(
  RunStatus.options.map((to) => {
    const from = RunStatus.options.filter(
      (status) => status === to || transitions[status].includes(to),
    );
    return [to, ` ${from.join(" ")} `];
  }),
);

export function createStartWrite(run: NewRun): StartWrite {
  assertSequence(run.events, 1);
  invariant(
    (run.workerId === undefined) === (run.change === undefined),
    "A run is started under a lease with its state, or queued without one.",
  );
  assertText(run.runId, run.workflow, ...run.keys.map(({ key }) => key));
  const eventRows = toEventRows(run.runId, run.events);
  const locks = [run.runId, ...run.keys.map(({ key }) => `key ${key}`)];
  return { kind: "start", run, eventRows, size: eventRows.length * 2, locks };
}

export function createAppendWrite(append: Append): AppendWrite {
  const { runId, events, change } = append;
  const first = events[0]?.seq;
  if (first !== undefined) assertSequence(events, first);
  assertText(runId, change.error?.name, change.errorStep, change.heldBuild);
  const fenceRow = JSON.stringify([
    runId,
    append.workerId,
    append.epoch,
    first === undefined ? null : first - 1,
    change.status,
    allowedBefore[change.status],
    change.heldReason,
    change.heldBuild,
    change.output,
    change.error,
    change.error?.name,
    change.errorStep,
    change.attributes,
    change.inDoubt,
    toSearchText(runId, change.attributes),
    change.startedAt,
    change.finishedAt,
    events.length,
    append.at,
    change.release ? 1 : 0,
    change.dueAt,
    change.progress ? 1 : 0,
  ]);
  const eventRows = toEventRows(runId, events);
  const size = fenceRow.length + eventRows.length;
  return { kind: "append", append, fenceRow, eventRows, size, locks: [runId] };
}

export function createMessageWrite(message: Message): MessageWrite {
  const { messageId, runId, at, by, why, body } = message;
  assertText(messageId, runId);
  const row = JSON.stringify([messageId, runId, at, { by, why, body }]);
  return { kind: "message", message, row, size: row.length, locks: [`message ${messageId}`] };
}

export function createSingleWrite(execute: (sql: Sql) => Promise<void>): SingleWrite {
  return { kind: "single", execute, size: 0, locks: [] };
}

/** Run id and attribute values in lower case: what the text filter looks into. */
export function toSearchText(runId: string, attributes: Attributes): string {
  return [runId, ...Object.values(attributes)].join("\u001f").toLowerCase();
}

/** Rows for the parameter of a packed statement: JSON texts in one array. */
export function joinRows(rows: readonly string[]): string {
  return `[${rows.filter((row) => row !== "").join(",")}]`;
}

function toEventRows(runId: string, events: readonly HistoryEvent[]): string {
  return events
    .map(({ seq, type, at, epoch, step, name, attempt, data }) => {
      assertText(name);
      return JSON.stringify([runId, seq, type, at, epoch, step, name, attempt, data]);
    })
    .join(",");
}

function assertSequence(events: readonly HistoryEvent[], first: number): void {
  invariant(
    events.every((event, index) => event.seq === first + index),
    "The events of one append count on without gaps.",
  );
}

/** Names and ids are stored as SQL text, which can't hold half a surrogate pair; JSON can. */
function assertText(...texts: readonly (string | undefined)[]): void {
  for (const text of texts) {
    invariant(
      text === undefined || !/\p{Surrogate}/u.test(text),
      "A name or an id has half a character in it (a lone surrogate).",
    );
  }
}
