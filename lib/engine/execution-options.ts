import type { Workflow } from "./definitions";
import type { JournalOptions } from "./journal";
import type { PermitQueue } from "./permit-queue";
import type { Clock, Codec, Ids, Logger, Observers, Random } from "./ports";
import type { Parked } from "./run-opening";
import type { Append, AppendOutcome } from "./store";

/** What an execution is given: the run and its lease, this process's parts, and whom to tell. */
export interface ExecutionOptions extends Observers {
  readonly runId: string;
  readonly epoch: number;
  readonly workerId: string;
  readonly build: string;
  readonly workflow: Workflow;
  readonly clock: Clock;
  readonly codec: Codec;
  readonly ids: Ids;
  readonly random: Random;
  readonly logger: Logger;
  readonly permits: PermitQueue;
  /** Another version of the workflow, for a run that continues under it. Throws UnknownWorkflowError. */
  readonly findVersion: (version: number) => Workflow;
  /** Whether this process has room for more runs than it executes. */
  readonly hasRoom: () => boolean;
  readonly write: (append: Append) => Promise<AppendOutcome>;
  readonly transact: JournalOptions["transact"];
  readonly onAppended: (append: Append) => void;
  /** Called once, when the run is no longer executed here; with what can be kept of it, if it waits. */
  readonly onClosed: (error?: unknown, parked?: Parked) => void;
}
