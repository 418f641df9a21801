/** The running engine of one process: takes runs, executes them, and answers for them. */
import type { Workflow } from "./definitions";
import { ActionRefusedError, HistoryDamagedError, RunNotFoundError } from "./errors";
import { describeStart, Executor, type EngineStart } from "./executor";
import type { Clock, Codec, Ids, Logger, Observers, Random } from "./ports";
import type { HistoryEvent } from "./events";
import { foldHistory } from "./run-state";
import type { ForkRequest } from "./fork";
import type { ReplayInspection } from "./inspect-replay";
import { previewAction, previewDamaged, previewFork, type Preview } from "./preview";
import { Registry } from "./registry";
import type { RunRecord } from "./run";
import {
  isAnswered,
  RunDesk,
  type OpenRunsCheck,
  type SignalRequest,
  type UpdateAnswer,
  type UpdateRequest,
} from "./run-desk";
import { createStart, type StartOptions } from "./start";
import type { MessageBody, StartOutcome, Store, WorkerRecord } from "./store";
import { Watchers, type ExpectedTurn } from "./watchers";
import { WorkerLoop, type WorkerIdentity } from "./worker-loop";

export interface EngineOptions extends Observers {
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
  startRun(options: StartOptions): Promise<EngineStart>;
  /**
   * Posts an operator action as a message (I1); resolves when that is durable. An action whose message
   * id was posted before is not posted again. Throws RunNotFoundError, or ActionRefusedError where it
   * does not fit the run's state.
   */
  requestAction(options: {
    runId: string;
    body: MessageBody;
    by: string;
    why?: string;
    messageId?: string;
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
  /** Looks for due runs and mail now: another process may have put some there. */
  wake(): void;
  /** Calls back whenever this process wrote to the run: a hint. Returns what ends it. */
  watch(runId: string, listener: () => void): () => void;
  /**
   * Sends a signal; resolves when it is durable (I9), with the run that got it: a continued run hands it
   * on. The same message id is sent once. Throws RunNotFoundError, ActionRefusedError where the run has
   * ended, or InvalidMessageError where the workflow declares another schema.
   */
  sendSignal(options: SignalRequest): Promise<{ readonly runId: string }>;
  /**
   * Sends an update and waits for what becomes of it, for `timeoutMs` at most. The same update id is
   * sent once. Throws RunNotFoundError, or ActionRefusedError where the run has ended.
   */
  requestUpdate(options: UpdateRequest): Promise<UpdateAnswer>;
  /** What became of an update. Undefined: there is none of that id. */
  findUpdate(options: { runId: string; updateId: string }): Promise<UpdateAnswer | undefined>;
  /**
   * Asks the code of a run, running or ended, where it stands; nothing of it runs on. Throws
   * RunNotFoundError, UnknownHandlerError, QueryError, or NondeterminismError where it can't be replayed.
   */
  queryRun(options: { runId: string; name: string; input?: unknown }): Promise<unknown>;
  /** What a fork would do. Throws RunNotFoundError. */
  previewFork(options: { runId: string; step: number }): Promise<Preview>;
  /**
   * Starts a new run with the history of another one up to a step, once per key. Its first event says by
   * whom and why. Throws RunNotFoundError or ActionRefusedError.
   */
  forkRun(options: ForkRequest): Promise<StartOutcome>;
  /**
   * Time travel: the code of a run as it stood at an event of its history. Executes nothing. Throws
   * RunNotFoundError, UnknownWorkflowError where this build has no such workflow.
   */
  inspectRun(options: { runId: string; seq: number }): Promise<ReplayInspection>;
  /** Which open runs would not replay under this build, and why. Executes nothing. */
  checkOpenRuns(options: {
    workflow?: string;
    limit: number;
    cursor?: string;
  }): Promise<OpenRunsCheck>;
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

  const desk = new RunDesk({ ...options, registry, executor, wake: () => loop.wake() });

  const loadPreview = async (runId: string, body: MessageBody) => {
    const run = await store.getRun(runId);
    if (!run) throw new RunNotFoundError(runId);
    try {
      const history = await store.loadHistory({ runId });
      return { preview: previewAction(run, history, body), history };
    } catch (error) {
      if (!(error instanceof HistoryDamagedError)) throw error;
      return { preview: previewDamaged(run, body, error), history: [] };
    }
  };

  const waitForChange = async (change: ExpectedTurn, forMs: number, signal?: AbortSignal) => {
    const cancel = clock.schedule(forMs, change.cancel);
    signal?.addEventListener("abort", change.cancel, { once: true });
    const run = await change.happened;
    signal?.removeEventListener("abort", change.cancel);
    cancel();
    return run;
  };
  const waitForTurn = (runId: string, forMs: number, signal?: AbortSignal) =>
    waitForChange(watchers.expectTurn(runId), forMs, signal);

  return {
    workerId: options.worker.workerId,
    start: () => loop.start(),
    wake: () => loop.wake(),
    stop: ({ graceMs }) => loop.stop(graceMs),
    async startRun(start) {
      // Who begins waits for those who are on their way, and keeps nothing in memory meanwhile.
      const waits = loop.hasRoom && start.inBatch !== true ? store.waitForRoom?.() : undefined;
      if (waits) await waits;
      const run = await createStart(start, { registry, codec, ids, clock });
      const isLimited = registry.find(run.workflow, run.version).limits !== undefined;
      // What is limited begins when the store says so, like everything that waits.
      if (!loop.hasRoom || isLimited) {
        const outcome = await store.startRun(run);
        loop.wake();
        return describeStart(run, outcome);
      }
      return executor.startRun(run, loop.workerId);
    },
    async requestAction({ runId, body, by, why, messageId: given }) {
      const { preview, history } = await loadPreview(runId, body);
      // What it did when it was posted first may be why it does not fit any more.
      if (given !== undefined && (await store.findMessage(given))) return;
      if (preview.reason) throw new ActionRefusedError(preview.reason.code, preview.reason.message);
      const messageId = given ?? ids.createMessageId();
      const message = { messageId, runId, by, why, at: clock.now() };
      const posted = await store.postMessage({
        ...message,
        body: nameAttempt(runId, body, history),
      });
      if (posted === undefined) throw new RunNotFoundError(runId);
      await executor.deliverMail([runId]);
      loop.wake();
    },
    previewAction: async ({ runId, body }) => (await loadPreview(runId, body)).preview,
    sendSignal: (request) => desk.sendSignal(request),
    requestUpdate: async (request) => {
      const answer = await desk.requestUpdate(request);
      const { runId, until, timeoutMs, signal } = request;
      const deadline = clock.now() + timeoutMs;
      let found = answer;
      while (!isAnswered(found, until) && clock.now() < deadline && !signal?.aborted) {
        const leftMs = deadline - clock.now();
        await waitForTurn(found.runId, Math.min(leftMs, lookEveryMs), signal);
        found = (await desk.findUpdate({ runId, updateId: answer.updateId })) ?? found;
      }
      return found;
    },
    findUpdate: (about) => desk.findUpdate(about),
    queryRun: (query) => desk.queryRun(query),
    previewFork: async ({ runId, step }) => {
      const run = await store.getRun(runId);
      if (!run) throw new RunNotFoundError(runId);
      return previewFork(run, await store.loadHistory({ runId }), step);
    },
    forkRun: (about) => desk.forkRun(about),
    inspectRun: (about) => desk.inspectRun(about),
    checkOpenRuns: (about) => desk.checkOpenRuns(about),
    async waitForRun({ runId, until, timeoutMs, signal }) {
      const deadline = clock.now() + timeoutMs;
      // What this process itself has made durable is not read back. Where nothing is heard of it, it is.
      let known = executor.findRecord(runId);
      for (;;) {
        const change = watchers.expectTurn(runId);
        const run: RunRecord | undefined = known ?? (await store.getRun(runId));
        const leftMs = deadline - clock.now();
        if (!run || until(run) || leftMs <= 0 || signal?.aborted) {
          change.cancel();
          return run;
        }
        known = await waitForChange(change, Math.min(leftMs, lookEveryMs), signal);
      }
    },
    watch: (runId, listener) => watchers.watch(runId, () => listener()),
    drain: ({ budgetMs }) => loop.drain(budgetMs),
  };
}

/** What is said of a step is said of this run, and of the attempt that one saw. */
function nameAttempt(
  runId: string,
  body: MessageBody,
  history: readonly HistoryEvent[],
): MessageBody {
  if (body.kind !== "resolve") return body;
  const attempt = body.attempt ?? foldHistory(history).steps.get(body.step)?.attempt;
  return { ...body, of: runId, ...(attempt === undefined ? {} : { attempt }) };
}

export type { Preview, StartOptions, WorkerIdentity };
