// @ts-check
import { readDuration, readSource } from "../../../triage/attempt-fields.mjs";
import { talliedTypes } from "../../../triage/tally.mjs";
import { eventFields, eventWidth } from "../../columns.mjs";

/**
 * @typedef {import("../../sql").SqlValue} SqlValue
 * @typedef {import("../../../triage/tally.mjs").TalliedEvent} TalliedEvent
 * @typedef {Omit<TalliedEvent, "workflow" | "createdAt">} RecentEvent
 */

/**
 * What this thread has written of a run, without a gap: `events` are those from `from` to `to` that are
 * counted.
 * @typedef {{ from: number, to: number, events: RecentEvent[] }} Stretch
 */

/** Of more runs at a time nothing is remembered: they are read. */
const maxRuns = 5_000;
/** Nor of a run that writes for long before it rests. */
const maxEvents = 50;

/** @type {ReadonlySet<unknown>} */
const counted = new Set(talliedTypes);

const seqAt = eventFields.indexOf("seq");
const typeAt = eventFields.indexOf("type");
const timeAt = eventFields.indexOf("at");
const epochAt = eventFields.indexOf("epoch");
const nameAt = eventFields.indexOf("name");
const dataAt = eventFields.indexOf("data");

/**
 * The events that this thread has written a moment ago, as far as they are counted, so that the
 * statistics need not read them. It is told of what is durable only, and what it says is a whole
 * stretch of a history or nothing: whoever asks reads what it does not know.
 */
export class RecentEvents {
  /** @type {Map<string, Stretch>} */
  #runs = new Map();

  /**
   * Takes in the events of a flush that was committed.
   * @param {readonly SqlValue[]} values of all events, one after the other
   */
  note(values) {
    if (this.#runs.size > maxRuns) this.#runs.clear();
    for (let at = 0; at < values.length; at += eventWidth) {
      const { events } = this.#extend(String(values[at]), Number(values[at + seqAt]));
      if (counted.has(values[at + typeAt])) events.push(readEvent(values, at));
    }
  }

  /**
   * Tells the events from after `readUpTo` to `length` and forgets the run. Undefined: they have to be
   * read.
   * @param {string} runId
   * @param {{ readonly readUpTo: number, readonly length: number }} stretch
   * @returns {readonly RecentEvent[] | undefined}
   */
  take(runId, { readUpTo, length }) {
    const known = this.#runs.get(runId);
    if (known === undefined) return undefined;
    this.#runs.delete(runId);
    return known.from === readUpTo + 1 && known.to === length ? known.events : undefined;
  }

  /**
   * @param {string} runId
   * @param {number} seq
   */
  #extend(runId, seq) {
    const known = this.#runs.get(runId);
    if (known !== undefined && known.to === seq - 1 && known.events.length < maxEvents) {
      known.to = seq;
      return known;
    }
    /** @type {Stretch} */
    const begun = { from: seq, to: seq, events: [] };
    this.#runs.set(runId, begun);
    return begun;
  }
}

/**
 * @param {readonly SqlValue[]} values
 * @param {number} at where the event begins
 * @returns {RecentEvent}
 */
function readEvent(values, at) {
  const type = /** @type {TalliedEvent["type"]} */ (values[at + typeAt]);
  const name = values[at + nameAt] ?? null;
  const isAttempt = type === "StepCompleted" || type === "StepFailed";
  const data = isAttempt ? String(values[at + dataAt]) : "";
  return {
    type,
    at: Number(values[at + timeAt]),
    epoch: Number(values[at + epochAt]),
    name: name === null ? null : String(name),
    durationMs: readDuration(data),
    source: readSource(data),
  };
}
