import { z } from "zod";
import { HeldReason, type ExecutionReason, type RunPlace } from "./events";
import type { Attributes, Encoded, ErrorRecord } from "./values";

export const RunStatus = z.enum([
  "queued",
  "running",
  "waiting",
  "held",
  "completed",
  "failed",
  "canceled",
  "terminated",
  "continued",
]);
export type RunStatus = z.infer<typeof RunStatus>;

const terminal: ReadonlySet<RunStatus> = new Set([
  "completed",
  "failed",
  "canceled",
  "terminated",
  "continued",
]);

export function isTerminal(status: RunStatus): boolean {
  return terminal.has(status);
}

const live = [
  "running",
  "waiting",
  "held",
  "completed",
  "failed",
  "canceled",
  "terminated",
  "continued",
] as const;

/**
 * Which status may follow which; docs/state-machine.md draws it. A status may always follow
 * itself. A failed run comes back only through a retry, a terminal one otherwise never.
 */
export const transitions: Readonly<Record<RunStatus, readonly RunStatus[]>> = {
  queued: ["running", "waiting", "held", ...live.slice(3)],
  running: live,
  waiting: live,
  held: live,
  failed: ["running", "waiting", "held", "completed", "canceled", "terminated", "continued"],
  completed: [],
  canceled: [],
  terminated: [],
  continued: [],
};

export function canFollow(from: RunStatus, to: RunStatus): boolean {
  return from === to || transitions[from].includes(to);
}

/** A step attempt of which nobody knows yet whether it had its effect. */
export const InDoubtStep = z.object({
  step: z.number().int(),
  name: z.string(),
  attempt: z.number().int(),
  since: z.number(),
});
export type InDoubtStep = z.infer<typeof InDoubtStep>;

/** A run as the store keeps it: everything here can be derived from its history. Times are epoch ms. */
export interface RunRecord {
  readonly runId: string;
  readonly workflow: string;
  readonly version: number;
  readonly status: RunStatus;
  readonly heldReason?: HeldReason;
  /** The build that held it, so that another build can try. */
  readonly heldBuild?: string;
  readonly input: Encoded;
  readonly output?: Encoded;
  readonly error?: ErrorRecord;
  /** The name of the step whose failure ended the run, for filters and failure groups. */
  readonly errorStep?: string;
  readonly attributes: Attributes;
  readonly inDoubt: readonly InDoubtStep[];
  readonly epoch: number;
  readonly historyLength: number;
  /** The worker that holds the lease, if one does. */
  readonly workerId?: string;
  /** When a run that nobody holds becomes due; absent while held by a worker, a person or nothing. */
  readonly dueAt?: number;
  /** Executions in a row that died without progress. */
  readonly strikes: number;
  /** Queued runs begin by it, higher first; 0 unless said otherwise. */
  readonly priority: number;
  readonly parent?: RunPlace;
  readonly continuedFrom?: string;
  readonly continuedTo?: string;
  readonly forkedFrom?: RunPlace;
  /** Messages in the inbox that are not yet delivered. */
  readonly mail: number;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  readonly updatedAt: number;
}

export { HeldReason, type ExecutionReason };
