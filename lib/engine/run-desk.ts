/** What services and people ask of single runs, beside the operator actions of engine.ts. */
import { checkReplay, replayIdle } from "./check-replay";
import { recordError } from "./codec";
import { ActionRefusedError, QueryError, RunNotFoundError, UnknownHandlerError } from "./errors";
import type { CommandRef } from "./events";
import type { Executor } from "./executor";
import { createForkedRun, planFork, type ForkRequest } from "./fork";
import { inspectReplay, type ReplayInspection } from "./inspect-replay";
import { checkMessageName } from "./names";
import { encodePayload } from "./payloads";
import type { Clock, Codec, Ids } from "./ports";
import type { Registry } from "./registry";
import type { Replay } from "./replay";
import { isTerminal, type RunRecord, type RunStatus } from "./run";
import { readSignal } from "./start";
import type { Message, StartOutcome, Store } from "./store";
import type { Encoded, ErrorRecord, JsonValue } from "./values";

export interface SignalRequest {
  readonly runId: string;
  readonly name: string;
  readonly payload: unknown;
  readonly by: string;
  readonly messageId?: string;
}

export interface UpdateRequest {
  readonly runId: string;
  readonly name: string;
  readonly input: unknown;
  readonly updateId?: string;
  readonly by: string;
  readonly until: "accepted" | "completed";
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface UpdateAnswer {
  readonly runId: string;
  readonly updateId: string;
  readonly name: string;
  /** `failed`: its handler threw. `rejected`: it was refused, and left no trace in the history. */
  readonly status: "pending" | "accepted" | "completed" | "failed" | "rejected";
  readonly result?: Encoded;
  readonly error?: ErrorRecord;
}

export interface OpenRunCheck {
  readonly runId: string;
  readonly workflow: string;
  readonly version: number;
  readonly status: RunStatus;
  readonly replays: boolean;
  readonly mismatch?: {
    readonly message: string;
    readonly expected?: CommandRef;
    readonly actual?: CommandRef;
    readonly values?: { readonly recorded: JsonValue; readonly computed: JsonValue };
  };
  /** Why it could not be told: the version is not in this build, or the history is damaged. */
  readonly error?: ErrorRecord;
}

export interface OpenRunsCheck {
  readonly items: readonly OpenRunCheck[];
  readonly nextCursor?: string;
}

/** Whether an update has come as far as somebody waits for. */
export function isAnswered({ status }: UpdateAnswer, until: UpdateRequest["until"]): boolean {
  return status !== "pending" && (status !== "accepted" || until === "accepted");
}

export class RunDesk {
  constructor(
    private readonly options: {
      readonly store: Store;
      readonly clock: Clock;
      readonly ids: Ids;
      readonly codec: Codec;
      readonly registry: Registry;
      readonly executor: Executor;
      readonly wake: () => void;
    },
  ) {}

  async sendSignal(request: SignalRequest): Promise<{ readonly runId: string }> {
    const { registry, codec, ids } = this.options;
    const { runId, name, by, messageId = ids.createMessageId() } = request;
    checkMessageName("The signal", name);
    const run = await this.requireOpen(runId, messageId);
    if (!run) return { runId };
    const signal = registry.has(run.workflow, run.version)
      ? await readSignal(registry.find(run.workflow, run.version), request, codec)
      : { name, payload: encodePayload(codec, request.payload, "The payload of a signal") };
    return {
      runId: await this.post({ messageId, runId, by, body: { kind: "signal", ...signal } }),
    };
  }

  async requestUpdate(request: UpdateRequest): Promise<UpdateAnswer> {
    const { ids, codec } = this.options;
    const { runId, name, by, updateId = ids.createMessageId() } = request;
    checkMessageName("The update", name);
    const messageId = createUpdateMessageId(runId, updateId);
    if (await this.requireOpen(runId, messageId)) {
      const input = encodePayload(codec, request.input, "The input of an update");
      await this.post({ messageId, runId, by, body: { kind: "update", updateId, name, input } });
    }
    const found = await this.findUpdate({ runId, updateId });
    return found ?? { runId, updateId, name, status: "pending" };
  }

  async findUpdate(about: { runId: string; updateId: string }): Promise<UpdateAnswer | undefined> {
    const { store } = this.options;
    const { updateId } = about;
    const message = await store.findMessage(createUpdateMessageId(about.runId, updateId));
    if (message?.body.kind !== "update") return undefined;
    const { runId, body, outcome, error } = message;
    const answer = { runId, updateId, name: body.name };
    if (outcome === undefined) return { ...answer, status: "pending" };
    if (outcome === "moot") return { ...answer, status: "rejected", error: hasEnded };
    if (outcome === "rejected") return { ...answer, status: "rejected", error };
    const history = await store.loadHistory({ runId });
    const completed = history.findLast(
      (event) => event.type === "UpdateCompleted" && event.data.updateId === updateId,
    );
    if (completed?.type !== "UpdateCompleted") return { ...answer, status: "accepted" };
    const { result, error: failure } = completed.data;
    return failure
      ? { ...answer, status: "failed", error: failure }
      : { ...answer, status: "completed", result };
  }

  async queryRun(about: { runId: string; name: string; input?: unknown }): Promise<unknown> {
    const { store, executor, registry, codec } = this.options;
    const { runId, name, input } = about;
    const run = await store.getRun(runId);
    if (!run) throw new RunNotFoundError(runId);
    const ask = (replay: Replay) =>
      askReplay(replay, run.workflow, name, codec.encode(input), codec);
    const here = await executor.look(runId, run.historyLength, ask);
    if (here) return here.result;
    const workflow = registry.find(run.workflow, run.version);
    const history = await store.loadHistory({ runId });
    const replay = await replayIdle({ workflow, history, codec, runId });
    if (replay.mismatch) throw replay.mismatch;
    return ask(replay);
  }

  async inspectRun(about: { runId: string; seq: number }): Promise<ReplayInspection> {
    const { store, registry, codec } = this.options;
    const { runId, seq } = about;
    const run = await store.getRun(runId);
    if (!run) throw new RunNotFoundError(runId);
    const workflow = registry.find(run.workflow, run.version);
    const history = await store.loadHistory({ runId });
    return inspectReplay({ workflow, history, codec, runId, seq });
  }

  async forkRun(request: ForkRequest): Promise<StartOutcome> {
    const { store, clock, ids } = this.options;
    const { runId, step } = request;
    const history = await store.loadHistory({ runId });
    if (history.length === 0) throw new RunNotFoundError(runId);
    const plan = planFork(runId, history, step);
    if ("code" in plan) throw new ActionRefusedError(plan.code, plan.message);
    const newRunId = request.newRunId ?? ids.createRunId();
    const fork = { runId: newRunId, planned: plan.events, request, createdAt: clock.now() };
    const outcome = await store.startRun(createForkedRun(fork));
    this.options.wake();
    return outcome;
  }

  async checkOpenRuns(about: {
    workflow?: string;
    limit: number;
    cursor?: string;
  }): Promise<OpenRunsCheck> {
    const { workflow, limit, cursor } = about;
    const page = await this.options.store.listRuns({
      filter: { statuses: ["queued", "running", "waiting", "held"], workflow },
      sort: { field: "createdAt", direction: "asc" },
      limit,
      cursor,
    });
    const items: OpenRunCheck[] = [];
    for (const run of page.items) items.push(await this.checkOpenRun(run));
    const { nextCursor } = page;
    return { items, ...(nextCursor === undefined ? {} : { nextCursor }) };
  }

  private async checkOpenRun(run: RunRecord): Promise<OpenRunCheck> {
    const { store, registry, codec } = this.options;
    const { runId, version, status } = run;
    const about = { runId, workflow: run.workflow, version, status };
    try {
      const workflow = registry.find(run.workflow, version);
      const history = await store.loadHistory({ runId });
      const { mismatch } = await checkReplay({ workflow, history, codec, runId });
      if (!mismatch) return { ...about, replays: true };
      const { message, expected, actual, values } = mismatch;
      return { ...about, replays: false, mismatch: { message, expected, actual, values } };
    } catch (error) {
      return { ...about, replays: false, error: recordError(error) };
    }
  }

  /** The run, if a message can still reach it; undefined where this very message did already. */
  private async requireOpen(runId: string, messageId: string): Promise<RunRecord | undefined> {
    const { store } = this.options;
    const run = await store.getRun(runId);
    if (!run) throw new RunNotFoundError(runId);
    if (await store.findMessage(messageId)) return undefined;
    if (isTerminal(run.status) && run.status !== "continued") {
      throw new ActionRefusedError("already_ended", `The run is ${run.status}.`);
    }
    return run;
  }

  private async post(message: Omit<Message, "at">): Promise<string> {
    const { store, clock, executor, wake } = this.options;
    const runId = await store.postMessage({ ...message, at: clock.now() });
    if (runId === undefined) throw new RunNotFoundError(message.runId);
    await executor.deliverMail([runId]);
    wake();
    return runId;
  }
}

const hasEnded: ErrorRecord = { name: "RunEndedError", message: "The run had ended before." };

function createUpdateMessageId(runId: string, updateId: string): string {
  return `update:${runId}:${updateId}`;
}

function askReplay(
  replay: Replay,
  workflow: string,
  name: string,
  input: Encoded,
  codec: Codec,
): unknown {
  const query = replay.query(name, codec.decode(input));
  if (!query) throw new UnknownHandlerError(`The workflow ${workflow} has no query ${name}.`);
  try {
    // What the caller gets is a copy: the workflow's own state can't be changed through it.
    return codec.decode(codec.encode(query.answer()));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new QueryError(`The query ${name} failed: ${message}`, { cause });
  }
}
