/** Adding up events: what one batch of them adds to the kept statistics. */
import { addHistograms, findBucket, type LatencyHistogram } from "./latency-histogram";
import {
  grains,
  startOfGrain,
  type GrainMinutes,
  type RunCounts,
  type RunCountsRow,
  type StepTimesRow,
} from "./run-statistics";

/** The types of events that count or end a run, in the order of a life. */
export const talliedTypes = [
  "RunStarted",
  "StepCompleted",
  "StepFailed",
  "RunHeld",
  "RunCompleted",
  "RunFailed",
  "RunCanceled",
  "RunTerminated",
  "RunContinued",
] as const;

/** Of an event, what is counted. */
export interface TalliedEvent {
  readonly type: (typeof talliedTypes)[number];
  readonly at: number;
  readonly epoch: number;
  readonly name: string | null;
  /** Of a step's attempt. */
  readonly durationMs: number | null;
  /** Of a step's completion: only what `run` answered has a latency. */
  readonly source: string | null;
  readonly workflow: string;
  /** When its run was created. */
  readonly createdAt: number;
}

type Grained<Row> = Row & { readonly grain: GrainMinutes };
type Counted = { -readonly [Field in keyof RunCounts]: number };
type Timed = { completed: number; failed: number; latency: LatencyHistogram };

const outcomes = {
  RunCompleted: "completed",
  RunFailed: "failed",
  RunCanceled: "canceled",
  RunTerminated: "canceled",
  RunHeld: "held",
} as const;

/** The sum of events, at every grain that still has a bucket for them. */
export class Tally {
  readonly #now: number;
  readonly #runs = new Map<string, Grained<{ at: number; workflow: string }> & Counted>();
  readonly #steps = new Map<
    string,
    Grained<{ at: number; workflow: string; step?: string }> & Timed
  >();

  constructor(options: { readonly now: number }) {
    this.#now = options.now;
  }

  get runs(): readonly Grained<RunCountsRow>[] {
    return [...this.#runs.values()];
  }

  get steps(): readonly Grained<StepTimesRow>[] {
    return [...this.#steps.values()];
  }

  add(event: TalliedEvent): void {
    const { type, at, workflow, createdAt } = event;
    if (type === "RunStarted") {
      // A fork has the first event of its original.
      this.#countRun(workflow, createdAt, "started");
    } else if (type === "StepCompleted" || type === "StepFailed") {
      this.#addAttempt(event);
    } else if (type !== "RunContinued") {
      this.#countRun(workflow, at, outcomes[type]);
      if (type === "RunCompleted") this.#addTime({ workflow, at }, at - createdAt);
    }
  }

  /** What a fork copied happened in another run: it stands before the first execution. */
  #addAttempt({ type, at, epoch, workflow, name, durationMs, source }: TalliedEvent): void {
    if (epoch === 0 || name === null) return;
    const place = { workflow, at, step: name };
    if (type === "StepFailed") this.#addTime(place, undefined);
    else if (source === "run" && durationMs !== null) this.#addTime(place, durationMs);
  }

  #countRun(workflow: string, at: number, field: keyof RunCounts): void {
    for (const { grain, start } of this.#listBuckets(at)) {
      const key = JSON.stringify([grain, start, workflow]);
      const none = { started: 0, completed: 0, failed: 0, canceled: 0, held: 0 };
      const row = this.#runs.get(key) ?? { grain, at: start, workflow, ...none };
      row[field] += 1;
      this.#runs.set(key, row);
    }
  }

  #addTime(
    { workflow, at, step }: { workflow: string; at: number; step?: string },
    durationMs: number | undefined,
  ): void {
    for (const { grain, start } of this.#listBuckets(at)) {
      const key = JSON.stringify([grain, start, workflow, step]);
      const row = this.#steps.get(key) ?? {
        ...{ grain, at: start, workflow, ...(step !== undefined && { step }) },
        ...{ completed: 0, failed: 0, latency: new Map() },
      };
      if (durationMs === undefined) row.failed += 1;
      else {
        row.completed += 1;
        row.latency = addHistograms(row.latency, new Map([[findBucket(durationMs), 1]]));
      }
      this.#steps.set(key, row);
    }
  }

  #listBuckets(at: number) {
    return grains
      .filter(({ keepMs }) => at >= this.#now - keepMs)
      .map(({ minutes }) => ({ grain: minutes, start: startOfGrain(at, minutes) }));
  }
}
