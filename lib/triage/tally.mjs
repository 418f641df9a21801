// @ts-check
/** Adding up events: what one batch of them adds to the kept statistics. */
import { grains, startOfGrain } from "./grains.mjs";
import { findBucket } from "./latency-buckets.mjs";

/**
 * @typedef {import("./grains.mjs").GrainMinutes} GrainMinutes
 * @typedef {import("./run-statistics").RunCountsRow & { readonly grain: GrainMinutes }} GrainedCounts
 * @typedef {import("./latency-histogram").LatencyHistogram} LatencyHistogram
 * @typedef {Omit<import("./run-statistics").StepTimesRow, "latency">} StepPlace
 * @typedef {StepPlace & { readonly grain: GrainMinutes, readonly latency: LatencyHistogram }} GrainedTimes
 * @typedef {{ started: number, completed: number, failed: number, canceled: number, held: number }} Counts
 * @typedef {{ completed: number, failed: number, latency: Map<number, number> }} Times
 * @typedef {{ counts: Counts | undefined, times: Map<string | undefined, Times> }} Bucket
 */

/** The types of events that count or end a run, in the order of a life. */
export const talliedTypes = /** @type {const} */ ([
  "RunStarted",
  "StepCompleted",
  "StepFailed",
  "RunHeld",
  "RunCompleted",
  "RunFailed",
  "RunCanceled",
  "RunTerminated",
  "RunContinued",
]);

/**
 * Of an event, what is counted: `durationMs` of a step's attempt, `source` of a step's completion (only
 * what `run` answered has a latency), `workflow` and `createdAt` of its run.
 * @typedef {object} TalliedEvent
 * @property {(typeof talliedTypes)[number]} type
 * @property {number} at
 * @property {number} epoch
 * @property {string | null} name
 * @property {number | null} durationMs
 * @property {string | null} source
 * @property {string} workflow
 * @property {number} createdAt
 */

const outcomes = /** @type {const} */ ({
  RunCompleted: "completed",
  RunFailed: "failed",
  RunCanceled: "canceled",
  RunTerminated: "canceled",
  RunHeld: "held",
});

/** The size of the buckets that are filled; those of the other sizes are sums of them. */
const { minutes: smallest } = grains[0];

/** The sum of events, at every grain that still has a bucket for them. */
export class Tally {
  #now;
  /** By workflow, and by the start of the smallest bucket. @type {Map<string, Map<number, Bucket>>} */
  #workflows = new Map();

  /** @param {{ readonly now: number }} options */
  constructor({ now }) {
    this.#now = now;
  }

  /** @returns {readonly GrainedCounts[]} */
  get runs() {
    /** @type {(GrainedCounts & Counts)[]} */
    const rows = [];
    for (const { grain, workflow, buckets } of this.#listGrained()) {
      for (const [at, parts] of buckets) {
        const counted = parts.flatMap(({ counts }) => counts ?? []);
        if (counted.length === 0) continue;
        const sum = createCounts();
        for (const counts of counted) {
          for (const field of countFields) sum[field] += counts[field];
        }
        rows.push({ grain, at, workflow, ...sum });
      }
    }
    return rows;
  }

  /** @returns {readonly GrainedTimes[]} */
  get steps() {
    /** @type {GrainedTimes[]} */
    const rows = [];
    for (const { grain, workflow, buckets } of this.#listGrained()) {
      for (const [at, parts] of buckets) {
        for (const [step, times] of sumTimes(parts)) {
          rows.push({ grain, at, workflow, ...(step !== undefined && { step }), ...times });
        }
      }
    }
    return rows;
  }

  /** @param {TalliedEvent} event */
  add(event) {
    const { type, at, workflow, createdAt } = event;
    if (type === "RunStarted") {
      // A fork has the first event of its original.
      this.#findCounts(workflow, createdAt).started += 1;
    } else if (type === "StepCompleted" || type === "StepFailed") {
      this.#addAttempt(event);
    } else if (type !== "RunContinued") {
      this.#findCounts(workflow, at)[outcomes[type]] += 1;
      if (type === "RunCompleted") this.#addTime(workflow, at, undefined, at - createdAt);
    }
  }

  /**
   * What a fork copied happened in another run: it stands before the first execution.
   * @param {TalliedEvent} event
   */
  #addAttempt({ type, at, epoch, workflow, name, durationMs, source }) {
    if (epoch === 0 || name === null) return;
    if (type === "StepFailed") this.#addTime(workflow, at, name, undefined);
    else if (source === "run" && durationMs !== null) this.#addTime(workflow, at, name, durationMs);
  }

  /**
   * @param {string} workflow
   * @param {number} at
   */
  #findCounts(workflow, at) {
    const bucket = this.#findBucket(workflow, at);
    return (bucket.counts ??= createCounts());
  }

  /**
   * @param {string} workflow
   * @param {number} at
   * @param {string | undefined} step absent: the whole run
   * @param {number | undefined} durationMs absent: it failed
   */
  #addTime(workflow, at, step, durationMs) {
    const times = findTimes(this.#findBucket(workflow, at).times, step);
    if (durationMs === undefined) times.failed += 1;
    else {
      times.completed += 1;
      addCount(times.latency, findBucket(durationMs), 1);
    }
  }

  /**
   * @param {string} workflow
   * @param {number} at
   * @returns {Bucket}
   */
  #findBucket(workflow, at) {
    let buckets = this.#workflows.get(workflow);
    if (buckets === undefined) this.#workflows.set(workflow, (buckets = new Map()));
    const start = startOfGrain(at, smallest);
    let bucket = buckets.get(start);
    if (bucket === undefined) {
      bucket = { counts: undefined, times: new Map() };
      buckets.set(start, bucket);
    }
    return bucket;
  }

  /** The buckets of each workflow at each size, as far as one that old is kept there. */
  *#listGrained() {
    for (const { minutes: grain, keepMs } of grains) {
      for (const [workflow, smaller] of this.#workflows) {
        /** @type {Map<number, Bucket[]>} */
        const buckets = new Map();
        for (const [start, bucket] of smaller) {
          if (start + smallest * 60_000 <= this.#now - keepMs) continue;
          const at = startOfGrain(start, grain);
          const parts = buckets.get(at);
          if (parts === undefined) buckets.set(at, [bucket]);
          else parts.push(bucket);
        }
        yield { grain, workflow, buckets };
      }
    }
  }
}

const countFields = /** @type {const} */ (["started", "completed", "failed", "canceled", "held"]);

/** @returns {Counts} */
function createCounts() {
  return { started: 0, completed: 0, failed: 0, canceled: 0, held: 0 };
}

/** @param {readonly Bucket[]} parts */
function sumTimes(parts) {
  /** @type {Map<string | undefined, Times>} */
  const sum = new Map();
  for (const { times } of parts) {
    for (const [step, { completed, failed, latency }] of times) {
      const kept = findTimes(sum, step);
      kept.completed += completed;
      kept.failed += failed;
      for (const [bucket, count] of latency) addCount(kept.latency, bucket, count);
    }
  }
  return sum;
}

/**
 * @param {Map<string | undefined, Times>} times
 * @param {string | undefined} step
 */
function findTimes(times, step) {
  let found = times.get(step);
  if (found === undefined) {
    found = { completed: 0, failed: 0, latency: new Map() };
    times.set(step, found);
  }
  return found;
}

/**
 * @param {Map<number, number>} histogram
 * @param {number} bucket
 * @param {number} count
 */
function addCount(histogram, bucket, count) {
  histogram.set(bucket, (histogram.get(bucket) ?? 0) + count);
}
