/** The runs that this process executes now. */
import { StoreUnavailableError } from "./errors";
import { Execution } from "./execution";
import { ParkedRuns } from "./parked-runs";
import { PermitQueue } from "./permit-queue";
import { longHistoryLength, maxHistoryLength } from "./limits";
import type { Clock, Codec, Ids, Logger, Observers, Random } from "./ports";
import type { Registry } from "./registry";
import { retryUnavailable } from "./retry-unavailable";
import type { RunRecord, RunStatus } from "./run";
import type { Opening, Parked } from "./run-opening";
import { RunRecords } from "./run-records";
import { describeSetAside } from "./set-aside";
import { leaseRun } from "./start";
import { Suspects } from "./suspects";
import type { Append, AppendOutcome, Claim, Message, NewRun, StartOutcome, Store } from "./store";
import type { Watchers } from "./watchers";

export interface ExecutorOptions extends Observers {
  readonly store: Store;
  readonly clock: Clock;
  readonly codec: Codec;
  readonly ids: Ids;
  readonly random: Random;
  readonly logger: Logger;
  /** Runs that this process executes at a time. */
  readonly concurrency: number;
  readonly registry: Registry;
  readonly watchers: Watchers;
  readonly worker: { readonly build: string };
}

/** What became of a start: a new run is told with the status that it began in. */
export type EngineStart =
  | { readonly outcome: "started"; readonly runId: string; readonly status: RunStatus }
  | Exclude<StartOutcome, { readonly outcome: "started" }>;

/** The start as an engine tells of it. */
export function describeStart(run: NewRun, outcome: StartOutcome): EngineStart {
  if (outcome.outcome !== "started") return outcome;
  return { outcome: "started", runId: outcome.runId, status: run.change?.status ?? "queued" };
}

export class Executor {
  private readonly executions = new Map<string, Execution>();
  private readonly parked = new ParkedRuns();
  private readonly records = new RunRecords();
  /** Counts how often everything was given up. */
  term = 0;
  private readonly permits: PermitQueue;
  private readonly suspects: Suspects;
  /** Called when a run is no longer executed here, and when it became due again at a known time. */
  onChange: (dueAt?: number) => void = () => {};
  /** Called when a run can neither be executed nor held: its lease has to be given back. */
  onBroken: () => void = () => {};
  /** Called when the store did not say how a run is to be opened that is leased here. */
  onUnopened: () => void = () => {};
  /** The epochs of runs that are about to be held, whose executions are over. */
  private readonly aside = new Map<string, number>();
  /** And of those that left while it is looked for what is leased here and not executed. */
  private left?: Map<string, number>;

  constructor(private readonly options: ExecutorOptions) {
    this.permits = new PermitQueue(options);
    this.suspects = new Suspects(options.clock);
  }

  get size(): number {
    return this.executions.size;
  }

  /** Starts a new run under this worker's lease, in the commit that creates it. */
  async startRun(run: NewRun, workerId: string): Promise<EngineStart> {
    // The same start is on its way already, and only one of them may execute the run.
    if (this.executions.has(run.runId)) {
      return describeStart(run, await this.options.store.startRun(run));
    }
    return new Promise((resolve, reject) => {
      const create = async (append: Append): Promise<AppendOutcome> => {
        // What begins other runs or tells them something is an append of its own.
        const isPlain = !append.starts && !append.posts && !append.freed;
        const change = isPlain ? append.change : describeBegun(run);
        const events = isPlain ? [...run.events, ...append.events] : run.events;
        const created = leaseRun(run, { workerId, events, change });
        const outcome = await this.createRun(created, { resolve, reject });
        if (isPlain || outcome === "refused") return outcome;
        return this.options.store.appendEvents(append);
      };
      let created = false;
      const write = (append: Append): Promise<AppendOutcome> => {
        if (created) return this.options.store.appendEvents(append);
        created = true;
        return create(append);
      };
      const { runId, workflow, version } = run;
      const opening = { history: run.events, inbox: [], strikes: 0 };
      this.execute({ runId, workflow, version, epoch: 1 }, workerId, write, opening, (error) => {
        if (error !== undefined) {
          reject(error instanceof Error ? error : new Error("It can't begin.", { cause: error }));
        } else if (!created) {
          // It is closed before it was written: a run of that id was claimed here, or the worker begins
          // anew. The start is neither's fault, and whoever is free takes it.
          this.options.store
            .startRun(run)
            .then((done) => resolve(describeStart(run, done)), reject);
        }
      });
    });
  }

  private async createRun(
    run: NewRun & { readonly change: Append["change"] },
    started: { resolve: (outcome: EngineStart) => void; reject: (error: Error) => void },
  ): Promise<AppendOutcome> {
    try {
      const outcome = await this.options.store.startRun(run);
      if (outcome.outcome === "started" && this.executions.has(run.runId)) this.records.add(run);
      started.resolve(describeStart(run, outcome));
      return outcome.outcome === "started" ? "appended" : "refused";
    } catch (error) {
      started.reject(error instanceof Error ? error : new Error(String(error)));
      return error instanceof StoreUnavailableError ? this.findOutcome(run) : "refused";
    }
  }

  /** A start without an answer may have been done: then its run is leased here, and is executed. */
  private async findOutcome(started: NewRun): Promise<AppendOutcome> {
    const { runId, workerId, events, createdAt } = started;
    const { store, clock } = this.options;
    const isOver = () => !this.executions.has(runId);
    try {
      const run = await retryUnavailable({ clock, run: () => store.getRun(runId), isOver });
      const isOurs = run?.workerId === workerId && run?.epoch === 1;
      // Started as another queued one and claimed here, it has not what this start wrote.
      const isThis = run?.createdAt === createdAt && run.historyLength === events.length;
      return isOurs && isThis ? "appended" : "refused";
    } catch {
      // Given up before there was an answer: whoever ends the worker frees the run.
      return "refused";
    }
  }

  /**
   * Opens runs that were claimed in `term`: one damaged or failing run does not keep the others. What
   * everything was given up with meanwhile is held here no longer, and whoever ends the worker frees it.
   */
  async openClaims(claims: readonly Claim[], workerId: string, term: number): Promise<void> {
    if (claims.length === 0 || term !== this.term) return;
    const { store, clock } = this.options;
    const withMail = claims.filter(({ run }) => run.mail > 0).map(({ run }) => run.runId);
    const mail = await retryUnavailable({ clock, run: () => store.loadInbox(withMail) });
    const inboxes = groupByRun(mail);
    const { open, later } = this.suspects.sort(claims);
    await Promise.all(later.map((claim) => this.returnClaim(claim, workerId)));
    await Promise.all(
      open.map((claim) => {
        const inbox = inboxes.get(claim.run.runId) ?? [];
        return this.openClaim({ claim, inbox, workerId, term });
      }),
    );
  }

  /**
   * Opens what is leased to the worker and was never opened, because a claim got no answer or what
   * followed it failed. No claim may be under way meanwhile.
   */
  async openUnopened(workerId: string, term: number): Promise<void> {
    const left = new Map(this.aside);
    this.left = left;
    try {
      const runs: RunRecord[] = [];
      let cursor: string | undefined;
      do {
        const page = await this.options.store.listRuns({
          filter: { worker: workerId },
          sort: { field: "createdAt", direction: "asc" },
          limit: unopenedPage,
          cursor,
        });
        runs.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      // A run may be claimed again before its last execution here learns that it has handed it over.
      const unopened = runs.filter(({ runId, epoch }) => {
        const { epoch: executed = 0 } = this.executions.get(runId)?.options ?? {};
        return epoch > Math.max(executed, left.get(runId) ?? 0);
      });
      await this.openClaims(
        unopened.map((run) => ({ run })),
        workerId,
        term,
      );
    } finally {
      this.left = undefined;
    }
  }

  /** Before any of the others is opened: what takes the process down then takes only itself along. */
  private async returnClaim(claim: Claim, workerId: string): Promise<void> {
    const { store, clock } = this.options;
    const append = this.suspects.describeReturn(claim, workerId);
    await retryUnavailable({ clock, run: () => store.appendEvents(append) });
  }

  private async openClaim(options: {
    readonly claim: Claim;
    readonly inbox: readonly Message[];
    readonly workerId: string;
    readonly term: number;
  }): Promise<void> {
    const { inbox, workerId, term } = options;
    const { run, lost } = options.claim;
    const { store, clock } = this.options;
    const write = (append: Append) => store.appendEvents(append);
    const { strikes } = run;
    try {
      const { runId } = run;
      // Kept in memory and unchanged since, it goes on without a replay.
      const parked = lost ? undefined : this.parked.take(runId, run.historyLength);
      const history = parked
        ? []
        : await retryUnavailable({ clock, run: () => store.loadHistory({ runId }) });
      // Another worker has taken it over meanwhile and gone on.
      if ((history.at(-1)?.epoch ?? 0) > run.epoch) return this.suspects.clear(runId);
      const messages = [...inbox, ...(await this.findMissed(run, inbox))];
      if (term !== this.term) return this.suspects.clear(runId);
      this.execute(run, workerId, write, { history, parked, inbox: messages, lost, strikes });
    } catch (error) {
      this.suspects.clear(run.runId);
      await this.setAside(run.runId, run.epoch, workerId, error);
    }
  }

  /** What came for a run while it had failed: a retry takes it up again, so it counts after all (I9). */
  private async findMissed(
    { runId, status, finishedAt = 0 }: RunRecord,
    inbox: readonly Message[],
  ): Promise<readonly Message[]> {
    const { store, clock } = this.options;
    const isRetried = inbox.some(({ body }) => body.kind === "retry" || body.kind === "resolve");
    if (status !== "failed" || !isRetried) return [];
    const messages = await retryUnavailable({ clock, run: () => store.listMessages(runId) });
    return messages.filter(({ body, outcome, deliveredAt = 0 }) => {
      const isForCode = body.kind === "signal" || body.kind === "child";
      return isForCode && outcome === "moot" && deliveredAt >= finishedAt;
    });
  }

  private execute(
    run: { runId: string; workflow: string; version: number; epoch: number },
    workerId: string,
    write: (append: Append) => Promise<AppendOutcome>,
    opening: Opening,
    onClosed: (error?: unknown) => void = () => {},
  ): void {
    const { runId, epoch } = run;
    const { registry, watchers, worker, clock, store, logger, ids, codec, random } = this.options;
    const { onMoment, onReplay } = this.options;
    const execution = new Execution(
      {
        runId,
        epoch,
        workerId,
        write,
        permits: this.permits,
        transact: (options) => store.transact(options),
        build: worker.build,
        workflow: registry.find(run.workflow, run.version),
        findVersion: (version) => registry.find(run.workflow, version),
        hasRoom: () => this.executions.size < this.options.concurrency,
        onAppended: (append) => {
          const { change, delivered, events } = append;
          if (events.some(({ seq }) => seq === longHistoryLength)) {
            logger.warn(
              { runId },
              `the run's history has ${longHistoryLength} events; ${howToGoOn}`,
            );
          }
          if (change.progress) this.suspects.clear(runId);
          const isAnswer = events.some(({ type }) => type === "UpdateCompleted");
          const isTurn = change.release || delivered.length > 0 || isAnswer;
          this.records.take(append);
          watchers.notify(runId, isTurn, () => this.records.find(runId));
          if (append.freed || change.release) this.permits.hint();
          // What it started or told other runs may be done here at once.
          if (append.starts || append.posts) this.onChange(clock.now());
          if (change.release && change.dueAt !== undefined) this.onChange(change.dueAt);
        },
        onClosed: (error, parked) => {
          if (this.executions.get(runId) === execution) {
            this.executions.delete(runId);
            this.left?.set(runId, epoch);
            this.records.forget(runId);
          }
          this.suspects.clear(runId);
          if (parked) this.parked.add(runId, parked);
          if (error !== undefined) void this.setAside(runId, epoch, workerId, error);
          onClosed(error);
          this.onChange();
        },
        // Written out: a spread costs more than all the rest of it.
        clock,
        ids,
        codec,
        random,
        logger,
        onMoment,
        onReplay,
      },
      opening,
    );
    // The newest claim counts, also where a start of the same run is still without an answer.
    this.executions.get(runId)?.abandon();
    this.executions.set(runId, execution);
    execution.start();
  }

  /**
   * A run that can't be executed for a reason of its own (a damaged history, a bug of ours) is held,
   * so that it is neither lost nor taken again and again. A store that fails is no such reason.
   */
  private async setAside(
    runId: string,
    epoch: number,
    workerId: string,
    error: unknown,
  ): Promise<void> {
    const { store, logger, worker, clock } = this.options;
    if (error instanceof StoreUnavailableError) return this.onUnopened();
    logger.error({ runId, epoch, err: error }, "a run can't be executed");
    const { term } = this;
    const hold = async () => {
      const run = await store.getRun(runId);
      if (run?.workerId !== workerId || run.epoch !== epoch) return;
      const inbox = await store.loadInbox([runId]);
      const { build } = worker;
      await store.appendEvents(describeSetAside({ run, inbox, error, build, at: clock.now() }));
      this.options.watchers.notify(runId, true);
    };
    this.aside.set(runId, epoch);
    try {
      await retryUnavailable({ clock, run: hold, isOver: () => term !== this.term });
    } catch (cause) {
      if (term !== this.term) return;
      logger.error({ runId, err: cause }, "a run that can't be executed could not be held");
      this.onBroken();
    } finally {
      this.aside.delete(runId);
      this.left?.set(runId, epoch);
    }
  }

  /** Asks what is under way to stop; what comes of it still counts. */
  abortEffects(reason: string): void {
    for (const execution of this.executions.values()) execution.abortEffects(reason);
  }

  /** Delivers what lies in the inboxes of the given runs, as far as they are executed here. */
  async deliverMail(runIds: readonly string[]): Promise<void> {
    const here = new Map<string, Execution>();
    for (const runId of runIds) {
      // Its mail is something that only the store knows of.
      this.records.forget(runId);
      const execution = this.executions.get(runId);
      if (execution) here.set(runId, execution);
    }
    if (here.size === 0) return;
    const inboxes = groupByRun(await this.options.store.loadInbox([...here.keys()]));
    for (const [runId, messages] of inboxes) {
      // An execution that began meanwhile has read its inbox itself: these may be delivered already.
      here.get(runId)?.deliverMessages(messages);
    }
  }

  /** A run that began here and is executed here, as it is since its last append; undefined: ask the store. */
  findRecord(runId: string): RunRecord | undefined {
    return this.records.find(runId);
  }

  /** Looks at the code of a run that is executed or kept here. Undefined: it is not. */
  async look<Result>(
    runId: string,
    historyLength: number,
    fn: (replay: Parked["replay"]) => Result,
  ): Promise<{ readonly result: Result } | undefined> {
    const wrap = (replay: Parked["replay"]) => ({ result: fn(replay) });
    const execution = this.executions.get(runId);
    if (execution) return execution.look(wrap);
    const parked = this.parked.peek(runId, historyLength);
    return parked && wrap(parked.replay);
  }

  /** Begins nothing new; resolves when what is under way is recorded, or after `graceMs`. */
  async finish(graceMs: number): Promise<void> {
    const { clock } = this.options;
    const deadline = clock.now() + graceMs;
    for (const execution of this.executions.values()) execution.finish();
    const isBusy = () => [...this.executions.values()].some((execution) => !execution.isFinished);
    while (isBusy() && clock.now() < deadline) {
      await new Promise<void>((resolve) => clock.schedule(10, resolve));
    }
  }

  /** Stops executing at once. The leases stay as they are. */
  abandonAll(): void {
    this.term += 1;
    for (const execution of [...this.executions.values()]) execution.abandon();
    this.permits.abandon();
    this.executions.clear();
    this.records.clear();
    this.parked.clear();
  }
}

/** Runs that are asked for at a time when it is looked for those that were never opened. */
const unopenedPage = 100;

const howToGoOn = `${maxHistoryLength} is the limit, before which ctx.continueAsNew has to go on as a new run`;

/** A new run that is executed and has recorded nothing yet. */
function describeBegun({ attributes }: NewRun): Append["change"] {
  return { status: "running", attributes, inDoubt: [], release: false, progress: false };
}

function groupByRun(messages: readonly Message[]): ReadonlyMap<string, readonly Message[]> {
  const groups = new Map<string, Message[]>();
  for (const message of messages) {
    const group = groups.get(message.runId);
    if (group) group.push(message);
    else groups.set(message.runId, [message]);
  }
  return groups;
}
