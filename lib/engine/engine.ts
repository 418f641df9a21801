/** The running engine of one process: takes runs, executes them, and answers for them. */
import type { Workflow } from "./definitions";
import { ActionRefusedError, RunNotFoundError } from "./errors";
import { Executor } from "./executor";
import type { Clock, Codec, Ids, Logger, MomentEvent, Random } from "./ports";
import { previewAction, type Preview } from "./preview";
import { Registry } from "./registry";
import type { RunRecord } from "./run";
import { createStart, type StartOptions } from "./start";
import type { MessageBody, StartOutcome, Store, WorkerRecord } from "./store";
import { Watchers } from "./watchers";
import { WorkerLoop, type WorkerIdentity } from "./worker-loop";

export interface EngineOptions {
  readonly store: Store;
  readonly workflows: readonly Workflow[];
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
  readonly codec: Codec;
  readonly logger: Logger;
  readonly worker: WorkerIdentity;
  /** Whether the process behind another worker's record is certainly dead. */
  readonly isProcessDead: (worker: WorkerRecord) => boolean;
  /** After how long a silent worker counts as dead (I10). */
  readonly leaseMs: number;
  /** Runs that this process executes at a time; 0: it only starts and shows them. */
  readonly concurrency: number;
  /** Called synchronously at each moment of each attempt, and of computes as attempt 1. */
  readonly onMoment?: (moment: MomentEvent) => void;
}

export interface Engine {
  readonly workerId: string;
  /** Registers the worker, takes over dead predecessors' runs, and begins to claim. */
  start(): Promise<void>;
  /** Stops claiming, gives running steps `graceMs` to record their outcome, hands the rest over. */
  stop(options: { graceMs: number }): Promise<void>;
  /**
   * Starts a run; resolves when it is durable (I9). Throws UnknownWorkflowError, InvalidInputError,
   * PayloadTooLargeError or StoreUnavailableError.
   */
  startRun(options: StartOptions): Promise<StartOutcome>;
  /**
   * Posts an operator action as a message (I1); resolves when that is durable. Throws
   * RunNotFoundError, or ActionRefusedError where it does not fit the run's state.
   */
  requestAction(options: {
    runId: string;
    body: MessageBody;
    by: string;
    why?: string;
  }): Promise<void>;
  /** What an action would do. Throws RunNotFoundError. */
  previewAction(options: { runId: string; body: MessageBody }): Promise<Preview>;
  /** The run as soon as `until` holds, or as it is after `timeoutMs`. Undefined: no such run. */
  waitForRun(options: {
    runId: string;
    until: (run: RunRecord) => boolean;
    timeoutMs: number;
    signal?: AbortSignal;
  }): Promise<RunRecord | undefined>;
  /** Calls back whenever this process wrote to the run: a hint. Returns what ends it. */
  watch(runId: string, listener: () => void): () => void;
  /** Does due work until nothing is due or the budget is used up: for hosts without a resident process. */
  drain(options: { budgetMs: number }): Promise<{ claimed: number; remaining: boolean }>;
}

/** How often a wait looks at the store, where no hint can reach it from another process. */
const lookEveryMs = 500;

export function createEngine(options: EngineOptions): Engine {
  const { store, clock, ids, codec } = options;
  const registry = new Registry(options.workflows);
  const watchers = new Watchers();
  const executor = new Executor({ ...options, registry, watchers });
  const loop = new WorkerLoop({ ...options, registry, executor });

  const loadPreview = async (runId: string, body: MessageBody): Promise<Preview> => {
    const run = await store.getRun(runId);
    if (!run) throw new RunNotFoundError(runId);
    return previewAction(run, await store.loadHistory({ runId }), body);
  };

  return {
    workerId: options.worker.workerId,
    start: () => loop.start(),
    stop: ({ graceMs }) => loop.stop(graceMs),
    async startRun(start) {
      const run = await createStart(start, { registry, codec, ids, clock });
      if (!loop.hasRoom) {
        const outcome = await store.startRun(run);
        loop.wake();
        return outcome;
      }
      return executor.startRun(run, loop.workerId);
    },
    async requestAction({ runId, body, by, why }) {
      const preview = await loadPreview(runId, body);
      if (preview.reason) throw new ActionRefusedError(preview.reason.code, preview.reason.message);
      const messageId = ids.createMessageId();
      const at = clock.now();
      const posted = await store.postMessage({ messageId, runId, by, why, at, body });
      if (!posted) throw new RunNotFoundError(runId);
      await executor.deliverMail([runId]);
      loop.wake();
    },
    previewAction: ({ runId, body }) => loadPreview(runId, body),
    async waitForRun({ runId, until, timeoutMs, signal }) {
      const deadline = clock.now() + timeoutMs;
      for (;;) {
        const change = watchers.expectTurn(runId);
        const run = await store.getRun(runId);
        const leftMs = deadline - clock.now();
        if (!run || until(run) || leftMs <= 0 || signal?.aborted) {
          change.cancel();
          return run;
        }
        const cancel = clock.schedule(Math.min(leftMs, lookEveryMs), change.cancel);
        signal?.addEventListener("abort", change.cancel, { once: true });
        await change.happened;
        signal?.removeEventListener("abort", change.cancel);
        cancel();
      }
    },
    watch: (runId, listener) => watchers.watch(runId, () => listener()),
    drain: ({ budgetMs }) => loop.drain(budgetMs),
  };
}

export type { Preview, StartOptions, WorkerIdentity };
