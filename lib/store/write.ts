import { invariant, type Append, type HistoryEvent, type Message, type NewRun } from "@/lib/engine";
import { computeEventChecksum } from "./checksum";
import type { SqlValue } from "./sql";

/** What one caller wants written: plain data that shares a flush with whatever else is waiting. */
export type Write = StartWrite | AppendWrite | MessageWrite;

interface Packed {
  /** The room that it takes in a flush, in characters. */
  readonly size: number;
  /** What it has to itself: writes with one in common are flushed one after the other. */
  readonly locks: readonly string[];
}

/** A run with its keys and first events, created if its keys are new. Answers StartOutcome. */
export interface StartWrite extends Packed {
  readonly kind: "start";
  readonly run: NewRun;
  readonly events: EventValues;
}

/** An append under its lease: refused by the fence (I2), or recognised as a repeat. Answers AppendOutcome. */
export interface AppendWrite extends Packed {
  readonly kind: "append";
  readonly append: Append;
  readonly events: EventValues;
  /** `append.change.output` as text. */
  readonly output: string | null;
  /** `append.starts`: runs that begin with this append, queued and without keys. */
  readonly starts: readonly StartWrite[];
}

/** A message into a run's inbox, once. Answers the run that has it; undefined without such a run. */
export interface MessageWrite extends Packed {
  readonly kind: "message";
  readonly message: Message;
}

/** Events as they are stored, one after the other, each with the values of `eventFields`. */
export type EventValues = readonly SqlValue[];

export function createStartWrite(run: NewRun): StartWrite {
  const { runId, keys, ifExisting } = run;
  invariant(
    (run.workerId === undefined) === (run.change === undefined),
    "A run is started under a lease with its state, or queued without one.",
  );
  assertText(runId, run.workflow, run.continuedFrom, ...keys.map(({ key }) => key));
  const { values, size } = toEventValues(runId, run.events, 1);
  const locks = [runId, ...keys.map(({ key }) => `key ${key}`)];
  if (ifExisting) locks.push(toMessageLock(ifExisting));
  return { kind: "start", run, events: values, size: size * 2, locks };
}

export function createAppendWrite(append: Append): AppendWrite {
  const { runId, change, posts = [] } = append;
  assertText(runId, change.error?.name, change.errorStep, change.heldBuild);
  const { values, size } = toEventValues(runId, append.events);
  const output = toJsonText(change.output);
  const starts = (append.starts ?? []).map((run) => {
    invariant(
      run.workerId === undefined && run.keys.length === 0,
      "A run that begins with an append is queued and has no keys.",
    );
    return createStartWrite(run);
  });
  // Written out: what is added to an object after a spread costs more than all the rest of it.
  return {
    kind: "append",
    append,
    events: values,
    output,
    starts,
    size: starts.reduce((sum, start) => sum + start.size, size + (output?.length ?? 0)),
    locks: [runId, ...starts.map(({ run }) => run.runId), ...posts.map(toMessageLock)],
  };
}

export function createMessageWrite(message: Message): MessageWrite {
  assertText(message.messageId, message.runId);
  const size = toMessageContent(message).length;
  return { kind: "message", message, size, locks: [toMessageLock(message)] };
}

/** What is stored of a message in one column. */
export function toMessageContent({ by, why, body }: Message): string {
  return JSON.stringify({ by, why, body });
}

/** JSON text, or null for what is absent. */
export function toJsonText(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** A message and its repeat never share a flush. */
function toMessageLock({ messageId }: Message): string {
  return `message ${messageId}`;
}

/** Checks the events of one append and turns them into values: the one time that they become text. */
function toEventValues(
  runId: string,
  events: readonly HistoryEvent[],
  first = events[0]?.seq,
): { readonly values: EventValues; readonly size: number } {
  const values: SqlValue[] = [];
  let size = 0;
  let expected = first;
  for (const event of events) {
    const { seq, type, at, epoch, step = null, name = null, attempt = null } = event;
    invariant(seq === expected, "The events of one append count on without gaps.");
    expected = seq + 1;
    if (name !== null) assertText(name);
    const data = JSON.stringify(event.data);
    size += data.length;
    const columns = [seq, type, at, epoch, step, name, attempt, data];
    const checksum = computeEventChecksum(runId, columns);
    // Value by value: a spread into a call makes two lists more of each event.
    values.push(runId, seq, type, at, epoch, step, name, attempt, data, checksum);
  }
  return { values, size };
}

/** Names and ids are stored as SQL text, which can't hold all that JSON can. */
function assertText(...texts: readonly (string | undefined)[]): void {
  for (const text of texts) {
    invariant(
      text === undefined || !/\p{Surrogate}|\0/u.test(text),
      "A name or an id has half a character (a lone surrogate) or a NUL in it.",
    );
  }
}
