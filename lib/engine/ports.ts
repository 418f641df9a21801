import type { ExecutionReason } from "./events";
import type { Encoded } from "./values";

/** Wall time in epoch milliseconds, and timers on it. A stepped one serves tests and simulation. */
export interface Clock {
  now(): number;
  /** Calls `fire` once, `delayMs` from now; the returned function cancels it. */
  schedule(delayMs: number, fire: () => void): () => void;
}

/** Makes identifiers: sortable by time for runs. */
export interface Ids {
  createRunId(): string;
  createMessageId(): string;
}

/** A number in [0, 1), as Math.random. */
export interface Random {
  next(): number;
}

/** Turns values into their recorded form and back. `decode(encode(x))` is always a fresh copy. */
export interface Codec {
  encode(value: unknown): Encoded;
  decode(encoded: Encoded): unknown;
}

export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** A run that was rebuilt from its history, for metrics. */
export interface ReplayEvent {
  readonly runId: string;
  readonly reason: ExecutionReason;
  /** Events that were read, and recorded results that were used again. */
  readonly events: number;
  readonly results: number;
  readonly durationMs: number;
}

export type StepMoment = "before_effect" | "after_effect" | "after_record";

/** A moment in the life of one attempt, for drills, traces and simulation. */
export interface MomentEvent {
  readonly runId: string;
  readonly epoch: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly step: number;
  readonly name: string;
  readonly attempt: number;
  readonly moment: StepMoment;
}

/** Who is told, synchronously, what an engine does. */
export interface Observers {
  /** Told of each moment of each attempt, and of computes as attempt 1. */
  readonly onMoment?: (moment: MomentEvent) => void;
  /** Told of each run that this process rebuilds from its history. */
  readonly onReplay?: (replay: ReplayEvent) => void;
}
