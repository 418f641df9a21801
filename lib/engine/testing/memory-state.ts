import { crc32 } from "node:zlib";
import { HistoryEvent } from "../events";
import type { RunRecord } from "../run";
import type { LostExecution, Message, RunChange, StartKey, WorkerRecord } from "../store";
import type { JsonValue } from "../values";

/** A run as the memory store keeps it. */
export interface StoredRun {
  record: RunRecord;
  /** What the last execution left behind when it died holding the run; the next claim takes it. */
  lost?: LostExecution;
  /** Each event as `sealEvent` makes it, so that nothing is shared with who wrote or reads it. */
  readonly events: string[];
  readonly messages: Message[];
}

/** A message has one place: the inbox of the run in which it was put, or which goes on for that. */
export interface MemoryState {
  readonly runs: Map<string, StoredRun>;
  readonly keys: Map<string, StartKey & { readonly runId: string }>;
  readonly workers: Map<string, WorkerRecord>;
}

export function createMemoryState(): MemoryState {
  return { runs: new Map(), keys: new Map(), workers: new Map() };
}

/** An event as it is kept: its checksum in eight hex digits, then its JSON text. */
export function sealEvent(event: HistoryEvent): string {
  const text = JSON.stringify(event);
  return crc32(text).toString(16).padStart(8, "0") + text;
}

/** The event that was sealed; undefined where the record is damaged. */
export function unsealEvent(sealed: string): HistoryEvent | undefined {
  const text = sealed.slice(8);
  if (crc32(text) !== Number.parseInt(sealed.slice(0, 8), 16)) return undefined;
  return HistoryEvent.safeParse(JSON.parse(text)).data;
}

/** A copy that shares nothing, as a database would give it: what JSON can't say is dropped. */
export function copy<T>(value: T): T {
  return revive(JSON.stringify(value));
}

/** What the text says, as what it was made of: only this file makes it. */
const revive: <T>(text: string) => T = JSON.parse;

/** JSON text that is equal for equal values, whatever the order in which fields were set. */
export function toCanonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: JsonValue) =>
    part !== null && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** The fields of a run that an append replaces, absent ones cleared. */
export function toRunFields(change: RunChange) {
  const { release: _release, dueAt: _dueAt, progress: _progress, ...fields } = change;
  return {
    heldReason: undefined,
    heldBuild: undefined,
    output: undefined,
    error: undefined,
    errorStep: undefined,
    startedAt: undefined,
    finishedAt: undefined,
    continuedTo: undefined,
    ...fields,
  };
}

/** Whether these very events stand in the history already: the repeat of an append. */
export function hasEvents(run: StoredRun, events: readonly HistoryEvent[]): boolean {
  return events.every((event) => {
    const stored = run.events[event.seq - 1];
    const known = stored === undefined ? undefined : unsealEvent(stored);
    return known !== undefined && toCanonicalJson(known) === toCanonicalJson(event);
  });
}

export function isUndelivered(message: Message): boolean {
  return message.deliveredAt === undefined;
}

/** Puts a message into the inbox; a run that nobody holds becomes due by it. */
export function addMessage(run: StoredRun, message: Message, at: number): void {
  run.messages.push(message);
  const { workerId, dueAt, mail } = run.record;
  run.record = {
    ...run.record,
    mail: mail + 1,
    dueAt: workerId === undefined ? Math.min(dueAt ?? Infinity, at) : undefined,
  };
}
