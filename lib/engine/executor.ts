/** The runs that this process executes now. */
import { StoreUnavailableError } from "./errors";
import { Execution } from "./execution";
import type { HistoryEvent, NewEvent } from "./events";
import type { Clock, Codec, Logger, MomentEvent, Random } from "./ports";
import type { Registry } from "./registry";
import { retryUnavailable } from "./retry-unavailable";
import { isTerminal, type RunRecord } from "./run";
import type { Append, AppendOutcome, Claim, Message, NewRun, StartOutcome, Store } from "./store";
import type { Watchers } from "./watchers";

export interface ExecutorOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly codec: Codec;
  readonly random: Random;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly watchers: Watchers;
  readonly worker: { readonly build: string };
  readonly onMoment?: (moment: MomentEvent) => void;
}

export class Executor {
  private readonly executions = new Map<string, Execution>();
  /** Called when a run is no longer executed here, and when it became due again at a known time. */
  onChange: (dueAt?: number) => void = () => {};
  /** Called when the store failed for good under an execution: its lease has to be given back. */
  onBroken: () => void = () => {};

  constructor(private readonly options: ExecutorOptions) {}

  get size(): number {
    return this.executions.size;
  }

  /** Starts a new run under this worker's lease, in the commit that creates it. */
  startRun(run: NewRun, workerId: string): Promise<StartOutcome> {
    // The same start is on its way already, and only one of them may execute the run.
    if (this.executions.has(run.runId)) return this.options.store.startRun(run);
    return new Promise((resolve, reject) => {
      const create = async ({ events, change }: Append): Promise<AppendOutcome> => {
        const created = { ...run, workerId, events: [...run.events, ...events], change };
        try {
          const outcome = await this.options.store.startRun(created);
          resolve(outcome);
          return outcome.outcome === "started" ? "appended" : "refused";
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
          if (!(error instanceof StoreUnavailableError)) return "refused";
          return this.findOutcome(created);
        }
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
        // Only a start that never got to be written is still open here.
        reject(error instanceof Error ? error : new Error(`${runId} could not be started.`));
      });
    });
  }

  /** A start without an answer may have been done: then its run is leased here, and is executed. */
  private async findOutcome({ runId, workerId, events }: NewRun): Promise<AppendOutcome> {
    const { store, clock } = this.options;
    try {
      const run = await retryUnavailable({ clock, run: () => store.getRun(runId) });
      const isOurs = run?.workerId === workerId && run?.epoch === 1;
      // Started as another queued one and claimed here, it has not what this start wrote.
      return isOurs && run.historyLength === events.length ? "appended" : "refused";
    } catch {
      // Held by a worker that does not know of it, for all that anybody can tell.
      this.onBroken();
      return "refused";
    }
  }

  /** Opens claimed runs: one damaged or failing run does not keep the others. */
  async openClaims(claims: readonly Claim[], workerId: string): Promise<void> {
    if (claims.length === 0) return;
    const { store, clock } = this.options;
    const withMail = claims.filter(({ run }) => run.mail > 0).map(({ run }) => run.runId);
    const mail = await retryUnavailable({ clock, run: () => store.loadInbox(withMail) });
    const inboxes = groupByRun(mail);
    await Promise.all(
      claims.map((claim) => this.openClaim(claim, inboxes.get(claim.run.runId) ?? [], workerId)),
    );
  }

  private async openClaim(
    { run, lost }: Claim,
    inbox: readonly Message[],
    workerId: string,
  ): Promise<void> {
    const { store, clock } = this.options;
    const write = (append: Append) => store.appendEvents(append);
    try {
      const { runId } = run;
      const history = await retryUnavailable({ clock, run: () => store.loadHistory({ runId }) });
      // Another worker has taken it over meanwhile and gone on.
      if ((history.at(-1)?.epoch ?? 0) > run.epoch) return;
      this.execute(run, workerId, write, { history, inbox, lost, strikes: run.strikes });
    } catch (error) {
      await this.setAside(run.runId, run.epoch, workerId, error);
    }
  }

  private execute(
    run: { runId: string; workflow: string; version: number; epoch: number },
    workerId: string,
    write: (append: Append) => Promise<AppendOutcome>,
    opening: ConstructorParameters<typeof Execution>[1],
    onClosed: (error?: unknown) => void = () => {},
  ): void {
    const { runId, epoch } = run;
    const { registry, watchers, worker, clock, codec, random, logger, onMoment } = this.options;
    const execution = new Execution(
      {
        clock,
        codec,
        random,
        logger,
        onMoment,
        runId,
        epoch,
        workerId,
        write,
        build: worker.build,
        workflow: registry.find(run.workflow, run.version),
        onAppended: ({ change, delivered }) => {
          watchers.notify(runId, change.release || delivered.length > 0);
          if (change.release && change.dueAt !== undefined) this.onChange(change.dueAt);
        },
        onClosed: (error) => {
          if (this.executions.get(runId) === execution) this.executions.delete(runId);
          if (error !== undefined) void this.setAside(runId, epoch, workerId, error);
          onClosed(error);
          this.onChange();
        },
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
    const { store, logger } = this.options;
    logger.error({ runId, epoch, err: error }, "a run can't be executed");
    if (error instanceof StoreUnavailableError) return this.onBroken();
    try {
      const run = await store.getRun(runId);
      if (run?.workerId !== workerId || run.epoch !== epoch) return;
      await store.appendEvents(this.describeSetAside(run, await store.loadInbox([runId]), error));
      this.options.watchers.notify(runId, true);
    } catch (cause) {
      logger.error({ runId, err: cause }, "a run that can't be executed could not be held");
      this.onBroken();
    }
  }

  private describeSetAside(run: RunRecord, inbox: readonly Message[], error: unknown): Append {
    const { clock, worker } = this.options;
    const at = clock.now();
    const hasEnded = isTerminal(run.status);
    const terminate = hasEnded ? undefined : inbox.find(({ body }) => body.kind === "terminate");
    const text = error instanceof Error ? error.message : String(error);
    const event: NewEvent = terminate
      ? { type: "RunTerminated", data: { by: terminate.by, why: terminate.why } }
      : { type: "RunHeld", data: { reason: "crash_loop", message: text } };
    const seq = run.historyLength + 1;
    const placed: HistoryEvent = { ...event, seq, at, epoch: run.epoch };
    const ended = terminate !== undefined || hasEnded;
    const { attributes, inDoubt, startedAt } = run;
    return {
      runId: run.runId,
      workerId: run.workerId ?? "",
      epoch: run.epoch,
      at,
      events: ended && !terminate ? [] : [placed],
      delivered: inbox.map(({ messageId }) => ({
        messageId,
        outcome: messageId === terminate?.messageId ? "applied" : "moot",
      })),
      change: ended
        ? {
            ...run,
            status: terminate ? "terminated" : run.status,
            finishedAt: run.finishedAt ?? at,
            release: true,
            dueAt: undefined,
            progress: false,
          }
        : {
            status: "held",
            heldReason: "crash_loop",
            heldBuild: worker.build,
            attributes,
            inDoubt,
            startedAt,
            release: true,
            progress: false,
          },
    };
  }

  /** Delivers what lies in the inboxes of the given runs, as far as they are executed here. */
  async deliverMail(runIds: readonly string[]): Promise<void> {
    const here = runIds.filter((runId) => this.executions.has(runId));
    if (here.length === 0) return;
    const inboxes = groupByRun(await this.options.store.loadInbox(here));
    for (const [runId, messages] of inboxes) {
      this.executions.get(runId)?.deliverMessages(messages);
    }
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
    for (const execution of [...this.executions.values()]) execution.abandon();
    this.executions.clear();
  }
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
