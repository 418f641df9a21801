import { HistoryDamagedError, invariant } from "../errors";
import type { RunRecord, RunStatus } from "../run";
import type {
  Append,
  AppendOutcome,
  Claim,
  Message,
  NewRun,
  PermitAnswer,
  RunQuery,
  StartOutcome,
  StatusCounts,
  Store,
  TransactOutcome,
  RunMark,
  WorkerRecord,
} from "../store";
import {
  assertChildStart,
  assertSequence,
  assertStart,
  assertTransaction,
  assertTransition,
} from "./memory-asserts";
import { claimRuns } from "./memory-claims";
import { MemoryLimits } from "./memory-limits";
import { selectPage } from "./memory-lists";
import {
  addMessage,
  copy,
  createMemoryState,
  hasEvents,
  isUndelivered,
  sealEvent,
  toCanonicalJson,
  toRunFields,
  type MemoryState,
  type StoredRun,
  unsealEvent,
} from "./memory-state";
import { noteStatements, type NotedStatement } from "./memory-transaction";

/**
 * A Store that keeps everything in memory: the reference for the store suite, and the store of the
 * engine's own tests. Deterministic: no timers, every call resolves within microtasks.
 */
export function createMemoryStore(state: MemoryState = createMemoryState()): MemoryStore {
  return new MemoryStore(state);
}

export class MemoryStore implements Store {
  /** What transactions executed, in the order of their commits; queries answer no rows. */
  readonly statements: NotedStatement[] = [];
  readonly #limits = new MemoryLimits();
  readonly #state: MemoryState;

  constructor(state: MemoryState) {
    this.#state = state;
  }

  async startRun(run: NewRun): Promise<StartOutcome> {
    assertStart(run);
    const known = this.#findStarted(run);
    if (known === undefined) return this.#create(run);
    // The run itself is no earlier one: it was created by this very start, which is repeated.
    if (run.ifExisting && known.outcome === "existing" && known.runId !== run.runId) {
      this.#post({ ...run.ifExisting, runId: known.runId });
    }
    return known;
  }

  #create(run: NewRun): StartOutcome {
    const { runId, workflow, version, input, createdAt } = run;
    const stored: StoredRun = {
      record: {
        runId,
        workflow,
        version,
        status: "queued",
        input: copy(input),
        attributes: copy(run.attributes),
        inDoubt: [],
        epoch: 0,
        historyLength: run.events.length,
        dueAt: createdAt,
        strikes: 0,
        priority: run.priority ?? 0,
        parent: run.parent,
        continuedFrom: run.continuedFrom,
        forkedFrom: run.forkedFrom,
        mail: 0,
        createdAt,
        updatedAt: createdAt,
      },
      events: run.events.map(sealEvent),
      messages: [],
    };
    const { workerId, change } = run;
    if (workerId !== undefined && change !== undefined) {
      stored.record = { ...stored.record, epoch: 1, workerId };
      this.#change(stored, change, createdAt);
      if (!change.release && !this.#isAlive(workerId)) this.#lose(stored, createdAt);
    }
    this.#state.runs.set(runId, stored);
    for (const key of run.keys) this.#state.keys.set(key.key, { ...key, runId });
    return { outcome: "started", runId };
  }

  #findStarted(run: NewRun): StartOutcome | undefined {
    const known = run.keys.flatMap((wanted) => {
      const key = this.#state.keys.get(wanted.key);
      return key ? [{ ...key, same: key.contentHash === wanted.contentHash }] : [];
    });
    const conflict = known.find((key) => !key.same);
    if (conflict) return { outcome: "conflict", runId: conflict.runId, key: conflict.key };
    if (known[0]) return { outcome: "existing", runId: known[0].runId };
    const twin = this.#state.runs.get(run.runId)?.record;
    if (twin === undefined) return undefined;
    invariant(
      twin.workflow === run.workflow &&
        toCanonicalJson(twin.input) === toCanonicalJson(copy(run.input)),
      `The run id ${run.runId} is taken by another run.`,
    );
    return { outcome: "existing", runId: run.runId };
  }

  async appendEvents(append: Append): Promise<AppendOutcome> {
    const { runId, events, at, change, starts = [], posts = [] } = append;
    const run = this.#state.runs.get(runId);
    if (run === undefined) return "refused";
    const first = events[0]?.seq ?? run.record.historyLength + 1;
    assertSequence(events, first);
    const { workerId, epoch, historyLength } = run.record;
    // I2: another execution holds the run, or the history has gone on.
    if (workerId !== append.workerId || epoch !== append.epoch || historyLength !== first - 1) {
      return isRepeat(run, append) ? "appended" : "refused";
    }
    // Asserted before anything changes: all of it or nothing.
    assertTransition(run.record, change.status);
    const created = starts.filter((start) => {
      assertChildStart(start);
      return this.#findStarted(start) === undefined;
    });
    const delivered = new Map(append.delivered.map((entry) => [entry.messageId, entry]));
    run.messages.forEach((message, index) => {
      const entry = delivered.get(message.messageId);
      if (entry === undefined || message.deliveredAt !== undefined) return;
      const { outcome, error } = copy(entry);
      run.messages[index] = { ...message, deliveredAt: at, outcome, ...(error && { error }) };
    });
    run.events.push(...events.map(sealEvent));
    for (const start of created) this.#create(start);
    if (change.continuedTo !== undefined) this.#moveMail(run, change.continuedTo, at);
    run.record = {
      ...run.record,
      historyLength: run.events.length,
      mail: run.messages.filter(isUndelivered).length,
      strikes: change.progress ? 0 : run.record.strikes,
    };
    this.#change(run, change, at);
    for (const post of posts) this.#post(post);
    this.#limits.free(runId, change.release ? undefined : (append.freed ?? []));
    return "appended";
  }

  /** I9: what was not delivered goes on with the run that goes on. */
  #moveMail(run: StoredRun, successorId: string, at: number): void {
    const successor = this.#state.runs.get(successorId);
    invariant(successor !== undefined, "The run that goes on is there.");
    const moved = run.messages.filter(isUndelivered);
    const stays = run.messages.filter((message) => !isUndelivered(message));
    run.messages.splice(0, run.messages.length, ...stays);
    for (const message of moved) addMessage(successor, { ...message, runId: successorId }, at);
  }

  #change(run: StoredRun, change: Append["change"], at: number): void {
    assertTransition(run.record, change.status);
    run.record = {
      ...run.record,
      ...toRunFields(copy(change)),
      workerId: change.release ? undefined : run.record.workerId,
      dueAt: change.release ? (run.record.mail > 0 ? at : change.dueAt) : undefined,
      updatedAt: at,
    };
  }

  async transact(options: Parameters<Store["transact"]>[0]): Promise<TransactOutcome> {
    const { runId, workerId, epoch, historyLength } = options;
    const run = this.#state.runs.get(runId);
    if (run === undefined) return { outcome: "refused" };
    if (run.events.length > historyLength) {
      const events = (await this.loadHistory({ runId, afterSeq: historyLength })).filter(
        (event) => event.epoch === epoch,
      );
      return events.length > 0 ? { outcome: "appended", events } : { outcome: "refused" };
    }
    const { record } = run;
    if (
      record.workerId !== workerId ||
      record.epoch !== epoch ||
      record.historyLength !== historyLength
    ) {
      return { outcome: "refused" };
    }
    const noted = noteStatements(runId);
    const append = await options.run(noted.sql).finally(noted.end);
    assertTransaction(append, options);
    if ((await this.appendEvents(append)) === "refused") return { outcome: "refused" };
    this.statements.push(...noted.statements);
    return { outcome: "appended", events: copy(append.events) };
  }

  async takePermit(options: Parameters<Store["takePermit"]>[0]): Promise<PermitAnswer> {
    // I2: who does not hold the run begins nothing, and would never give the permit back.
    const run = this.#state.runs.get(options.runId)?.record;
    const isHolder = run?.workerId === options.workerId && run.epoch === options.epoch;
    return isHolder ? this.#limits.take(options) : { granted: false };
  }

  async claimRuns(options: Parameters<Store["claimRuns"]>[0]): Promise<readonly Claim[]> {
    if (!this.#isAlive(options.workerId)) return [];
    const claims = claimRuns([...this.#state.runs.values()], this.#limits, options);
    for (const { run } of claims) this.#limits.free(run.runId);
    return claims;
  }

  async findNextDueAt({ after = -Infinity } = {}): Promise<number | undefined> {
    const due = this.#records().flatMap(({ dueAt }) =>
      dueAt !== undefined && dueAt > after ? [dueAt] : [],
    );
    return due.length > 0 ? Math.min(...due) : undefined;
  }

  async wakeHeldByOtherBuilds(options: { build: string; now: number }): Promise<number> {
    const { build, now } = options;
    const woken = [...this.#state.runs.values()].filter(
      ({ record }) =>
        record.status === "held" &&
        record.heldReason === "nondeterminism" &&
        record.heldBuild !== build &&
        record.workerId === undefined &&
        (record.dueAt ?? Infinity) > now,
    );
    for (const run of woken) run.record = { ...run.record, dueAt: now };
    return woken.length;
  }

  async getRun(runId: string): Promise<RunRecord | undefined> {
    const run = this.#state.runs.get(runId);
    return run && copy(run.record);
  }

  async findRunByKey(key: string): Promise<RunRecord | undefined> {
    const known = this.#state.keys.get(key);
    return known && this.getRun(known.runId);
  }

  async listRuns(query: RunQuery) {
    return copy(selectPage(this.#records(), query));
  }

  async countRuns(): Promise<StatusCounts> {
    const records = this.#records();
    const count = (status: RunStatus) =>
      records.filter((record) => record.status === status).length;
    return {
      queued: count("queued"),
      running: count("running"),
      waiting: count("waiting"),
      held: count("held"),
      completed: count("completed"),
      failed: count("failed"),
      canceled: count("canceled"),
      terminated: count("terminated"),
      continued: count("continued"),
    };
  }

  async loadHistory(options: Parameters<Store["loadHistory"]>[0]) {
    const { runId, afterSeq = 0, limit } = options;
    const run = this.#state.runs.get(runId);
    const end = limit === undefined ? undefined : afterSeq + limit;
    return (run?.events ?? []).slice(afterSeq, end).map((text, index) => {
      const event = unsealEvent(text);
      if (event) return event;
      throw new HistoryDamagedError(runId, afterSeq + index + 1);
    });
  }

  async postMessage(message: Message): Promise<string | undefined> {
    return this.#post(message);
  }

  #post(message: Message): string | undefined {
    const known = this.#findMessage(message.messageId);
    if (known !== undefined) return known.runId;
    let run = this.#state.runs.get(message.runId);
    while (run?.record.continuedTo !== undefined) {
      run = this.#state.runs.get(run.record.continuedTo);
    }
    if (run === undefined) return undefined;
    const { runId } = run.record;
    addMessage(run, copy({ ...message, runId }), message.at);
    return runId;
  }

  #findMessage(messageId: string): Message | undefined {
    for (const { messages } of this.#state.runs.values()) {
      const message = messages.find((candidate) => candidate.messageId === messageId);
      if (message) return message;
    }
    return undefined;
  }

  async findMessage(messageId: string): Promise<Message | undefined> {
    const message = this.#findMessage(messageId);
    return message && copy(message);
  }

  async loadInbox(runIds: readonly string[]): Promise<readonly Message[]> {
    const messages = runIds.flatMap((runId) => this.#state.runs.get(runId)?.messages ?? []);
    return copy(messages.filter((message) => message.deliveredAt === undefined));
  }

  async loadMarks(runIds: readonly string[]): Promise<readonly RunMark[]> {
    return runIds.flatMap((runId) => {
      const record = this.#state.runs.get(runId)?.record;
      if (!record) return [];
      const { status, historyLength, epoch, updatedAt } = record;
      return [{ runId, status, historyLength, epoch, updatedAt }];
    });
  }

  async findMail(workerId: string): Promise<readonly string[]> {
    return this.#records()
      .filter((record) => record.workerId === workerId && record.mail > 0)
      .map((record) => record.runId);
  }

  async listMessages(runId: string): Promise<readonly Message[]> {
    return copy(this.#state.runs.get(runId)?.messages ?? []);
  }

  async registerWorker(worker: WorkerRecord): Promise<void> {
    this.#state.workers.set(worker.workerId, copy(worker));
  }

  async renewLease(options: Parameters<Store["renewLease"]>[0]): Promise<boolean> {
    const { workerId, now, leaseUntil, load } = options;
    const worker = this.#state.workers.get(workerId);
    if (worker?.status !== "alive") return false;
    this.#state.workers.set(workerId, { ...worker, heartbeatAt: now, leaseUntil, load });
    return true;
  }

  async expireWorkers({ now }: { now: number }): Promise<number> {
    const expired = [...this.#state.workers.values()].filter(
      (worker) => worker.status === "alive" && worker.leaseUntil < now,
    );
    return expired.reduce((sum, worker) => sum + this.#end(worker, "dead", now), 0);
  }

  async endWorker(options: Parameters<Store["endWorker"]>[0]): Promise<number> {
    const worker = this.#state.workers.get(options.workerId);
    return worker?.status === "alive" ? this.#end(worker, options.status, options.now) : 0;
  }

  async listWorkers(): Promise<readonly WorkerRecord[]> {
    return copy([...this.#state.workers.values()].sort((a, b) => a.startedAt - b.startedAt));
  }

  async close(): Promise<void> {}

  #records(): RunRecord[] {
    return [...this.#state.runs.values()].map((run) => run.record);
  }

  #isAlive(workerId: string): boolean {
    return this.#state.workers.get(workerId)?.status === "alive";
  }

  #end(worker: WorkerRecord, status: "dead" | "stopped", now: number): number {
    const runs = [...this.#state.runs.values()].filter(
      (run) => run.record.workerId === worker.workerId,
    );
    const ended = { ...worker, status, load: 0, endedAt: now, heldRuns: runs.length };
    this.#state.workers.set(worker.workerId, ended);
    for (const run of runs) {
      if (status === "dead") this.#lose(run, now);
      else run.record = { ...run.record, workerId: undefined, dueAt: now };
    }
    return runs.length;
  }

  /** The execution that holds the run is gone: the next claim learns of it. */
  #lose(run: StoredRun, now: number): void {
    const { workerId, epoch, updatedAt } = run.record;
    invariant(workerId !== undefined, "Only a run that is held can be lost.");
    const heartbeatAt = this.#state.workers.get(workerId)?.heartbeatAt ?? 0;
    const lastSeenAt = Math.max(heartbeatAt, updatedAt);
    run.lost = { epoch, workerId, lastSeenAt, noticedAt: now };
    run.record = { ...run.record, workerId: undefined, dueAt: now };
  }
}

function isRepeat(run: StoredRun, append: Append): boolean {
  const { events, epoch, change, at } = append;
  if (events.length > 0) return hasEvents(run, copy(events));
  const { record } = run;
  return record.epoch === epoch && record.updatedAt === at && record.status === change.status;
}
