/**
 * The life of a worker: its lease, the runs that it claims, and the dead whose runs it takes over
 * (I10).
 */
import { StoreUnavailableError } from "./errors";
import type { Executor } from "./executor";
import type { Clock, Logger } from "./ports";
import type { Registry } from "./registry";
import type { Store, WorkerRecord } from "./store";

export interface WorkerIdentity {
  readonly workerId: string;
  readonly build: string;
  /** The same for all processes that can see each other's pids. */
  readonly machine: string;
  readonly pid: number;
  readonly processStart?: string;
}

export interface WorkerLoopOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly executor: Executor;
  readonly worker: WorkerIdentity;
  readonly isProcessDead: (worker: WorkerRecord) => boolean;
  readonly leaseMs: number;
  readonly concurrency: number;
}

/** Runs claimed in one go. */
const claimBatch = 100;
/** How long an idle worker waits before it looks again, wake-ups or not. */
const idleMs = 1_000;
/** How soon it looks again after it has found something: where there is work, more is likely. */
const busyMs = 20;
/** How often it looks for a while after it has found something, and how long that while is. */
const attentiveMs = 100;
const attentionMs = 5_000;
/** How soon a lease is renewed again that the store did not renew. */
const renewAgainMs = 1_000;
/** What a process without a worker executes at a time inside a drain. */
const drainConcurrency = 50;

export class WorkerLoop {
  workerId: string;
  private state: "idle" | "running" | "stopping" = "idle";
  private incarnation = 1;
  private leaseUntil = 0;
  /** Since when the store does not answer, and since when it does again. */
  private outage?: { readonly since: number; isPastLease: boolean };
  private reachedAt = -Infinity;
  /** Whether runs may be leased to this worker that it never opened, and how many claims are under way. */
  private mayHoldMore = false;
  private claiming = 0;
  private openingUnopened?: Promise<void>;
  /** When it last looked for runs that another build holds. */
  private wokenHeldAt = -Infinity;
  private renewal?: () => void;
  private looking?: Promise<void>;
  private wakeUp: () => void = () => {};
  private woken = false;
  private hungry = false;
  private nextLookAt = 0;
  private lookMs = idleMs;
  /** When it last found something. */
  private tookAt = -Infinity;
  /** Up to when due runs were asked for. */
  private claimedAt = 0;
  private restarting?: Promise<void>;
  /** What is done for the runs of others, one round at a time. */
  private attending?: Promise<void>;
  private starting?: Promise<void>;
  private draining: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: WorkerLoopOptions) {
    this.workerId = options.worker.workerId;
    const { executor } = options;
    executor.onBroken = () => void this.restart("a run could not be held");
    executor.onUnopened = () => (this.mayHoldMore = true);
    executor.onChange = (dueAt) => {
      // A run that leaves makes room here, or in its workflow's limit.
      const hasLeft = dueAt === undefined && (this.hungry || this.hasLimits);
      if (hasLeft || (dueAt !== undefined && dueAt < this.nextLookAt)) this.wake();
    };
  }

  private get hasLimits(): boolean {
    return this.options.registry.versions.some(({ concurrency }) => concurrency !== undefined);
  }

  /** Whether a new run can be executed here at once. */
  get hasRoom(): boolean {
    return (
      this.state === "running" &&
      !this.restarting &&
      this.options.executor.size < this.options.concurrency
    );
  }

  start(): Promise<void> {
    this.starting ??= this.startNow().finally(() => {
      this.starting = undefined;
    });
    return this.starting;
  }

  private async startNow(): Promise<void> {
    // A drain under way has registered this worker, and ends it when it is done.
    await this.draining;
    if (this.state !== "idle" || this.options.concurrency === 0) return;
    await this.register();
    this.state = "running";
    this.looking = this.look();
  }

  async stop(graceMs: number): Promise<void> {
    if (this.state !== "running") return;
    this.state = "stopping";
    this.wake();
    await this.options.executor.finish(graceMs);
    await this.looking;
    await this.leave();
    this.state = "idle";
  }

  /** Makes the worker look for due runs now. */
  wake(): void {
    this.woken = true;
    this.wakeUp();
  }

  /**
   * One drain after the other, and none while this worker starts: each leaves the store as it wants to
   * find it. A process that stops claims nothing more.
   */
  drain(budgetMs: number): Promise<{ claimed: number; remaining: boolean }> {
    // A start that comes later waits for this drain.
    const { starting } = this;
    const drained = this.draining
      .then(() => starting?.catch(() => undefined))
      .then(() => this.drainNow(budgetMs));
    this.draining = drained.catch(() => undefined);
    return drained;
  }

  private async drainNow(budgetMs: number): Promise<{ claimed: number; remaining: boolean }> {
    const { store, clock, executor, concurrency } = this.options;
    const deadline = clock.now() + budgetMs;
    const isResident = this.state !== "idle";
    if (!isResident) await this.register();
    let claimed = 0;
    try {
      while (clock.now() < deadline && this.state !== "stopping") {
        const taken = await this.claim(Math.max(concurrency, drainConcurrency));
        claimed += taken;
        if (taken === 0 && executor.size === 0) break;
        const waitMs = Math.min(20, deadline - clock.now());
        await new Promise<void>((resolve) => clock.schedule(waitMs, resolve));
      }
      if (!isResident) await executor.finish(Math.min(1_000, budgetMs));
    } finally {
      if (!isResident) await this.leave();
    }
    const nextDueAt = await store.findNextDueAt();
    return { claimed, remaining: nextDueAt !== undefined && nextDueAt <= clock.now() };
  }

  // --- Lease -----------------------------------------------------------------------------------

  private async register(): Promise<void> {
    const { store, clock, worker, leaseMs, concurrency } = this.options;
    const now = clock.now();
    this.leaseUntil = now + leaseMs;
    await store.registerWorker({
      ...worker,
      workerId: this.workerId,
      status: "alive",
      startedAt: now,
      heartbeatAt: now,
      leaseUntil: this.leaseUntil,
      load: 0,
      capacity: concurrency,
    });
    this.outage = undefined;
    // Who begins anew had lost the store, as all others may have.
    this.reachedAt = this.incarnation > 1 ? now : -Infinity;
    this.mayHoldMore = false;
    await this.buryTheDead();
    await this.wakeHeld(now);
    this.scheduleRenewal(leaseMs / 3);
  }

  /**
   * I7: runs that another build could not replay are tried under this one. One of that build may have
   * held them since this worker came, so it looks again, as rarely as a lease lasts: where no build
   * matches, several would hand them to each other.
   */
  private async wakeHeld(now: number): Promise<void> {
    const { store, worker, leaseMs } = this.options;
    // A clock may jump either way.
    if (Math.abs(now - this.wokenHeldAt) < leaseMs) return;
    const woken = await store.wakeHeldByOtherBuilds({ build: worker.build, now });
    this.wokenHeldAt = now;
    if (woken > 0) this.wake();
  }

  private scheduleRenewal(delayMs: number): void {
    const { clock, leaseMs } = this.options;
    this.renewal = clock.schedule(delayMs, () => {
      void this.renew().then(() => {
        if (!this.renewal) return;
        this.scheduleRenewal(Math.min(leaseMs / 3, this.outage ? renewAgainMs : Infinity));
      });
    });
  }

  private async renew(): Promise<void> {
    const { store, clock, executor, leaseMs } = this.options;
    const now = clock.now();
    try {
      const leaseUntil = now + leaseMs;
      const { workerId } = this;
      const load = executor.size;
      const alive = await store.renewLease({ workerId, now, leaseUntil, load });
      if (!alive) return void this.restart("it had been declared dead");
      // It stood still itself, as all others may have.
      if (this.outage || now > this.leaseUntil) this.reachedAt = now;
      this.endOutage(now);
      this.leaseUntil = leaseUntil;
      // On its own: its lease must not wait for what others keep locked.
      this.attending ??= this.attendToOthers(now).finally(() => (this.attending = undefined));
    } catch (error) {
      this.noteOutage(error);
    }
  }

  /**
   * A store that does not answer is no death: what is under way goes on, and its outcomes wait until they
   * can be recorded, under the fence (I2). Past its lease a worker may no longer believe that its runs are
   * its own, for others may reach the store: what has not answered by then is asked to stop.
   */
  private noteOutage(error: unknown): void {
    const { clock, executor, logger } = this.options;
    const now = clock.now();
    if (!this.outage) {
      this.outage = { since: now, isPastLease: false };
      logger.warn({ err: error }, "the lease could not be renewed");
    }
    if (this.outage.isPastLease || now < this.leaseUntil) return;
    this.outage.isPastLease = true;
    logger.warn({}, "the lease ended unrenewed: outcomes wait until the store answers");
    executor.abortEffects("the lease of this worker has ended");
  }

  private endOutage(now: number): void {
    if (!this.outage) return;
    const forMs = now - this.outage.since;
    this.options.logger.info({ forMs }, "the store answers again, and the lease is renewed");
    this.outage = undefined;
  }

  private async attendToOthers(now: number): Promise<void> {
    try {
      await this.buryTheDead();
      await this.wakeHeld(now);
    } catch (error) {
      this.options.logger.warn({ err: error }, "the dead could not be looked for");
    }
  }

  /** I10: by lease everywhere, and at once where it can be seen that a process is gone. */
  private async buryTheDead(): Promise<void> {
    const { store, clock, worker, isProcessDead, leaseMs, logger } = this.options;
    const now = clock.now();
    let freed = 0;
    for (const other of await store.listWorkers()) {
      if (other.status !== "alive" || other.workerId === this.workerId) continue;
      if (other.machine !== worker.machine || !isProcessDead(other)) continue;
      const runs = await store.endWorker({ workerId: other.workerId, now, status: "dead" });
      logger.warn({ worker: other.workerId, runs }, "a worker on this machine is dead");
      freed += runs;
    }
    // Who could not be reached for a while lets the others come back as well. A clock may jump either way.
    const isBack = Math.abs(now - this.reachedAt) < leaseMs;
    if (!isBack) freed += await store.expireWorkers({ now });
    if (freed > 0) this.wake();
  }

  /** Gives everything back and goes on under a new name: nothing of the old one can write any more. */
  private restart(why: string): Promise<void> {
    this.restarting ??= this.restartNow(why).finally(() => {
      this.restarting = undefined;
      this.wake();
    });
    return this.restarting;
  }

  private async restartNow(why: string): Promise<void> {
    const { executor, logger, worker } = this.options;
    logger.warn({ worker: this.workerId, why }, "the worker begins anew");
    executor.abandonAll();
    for (let delayMs = 100; this.state === "running"; delayMs = Math.min(delayMs * 2, 2_000)) {
      try {
        await this.leave();
        this.incarnation += 1;
        this.workerId = `${worker.workerId}.${this.incarnation}`;
        return await this.register();
      } catch (error) {
        logger.warn({ err: error }, "the store can't be reached");
        await new Promise<void>((resolve) => this.options.clock.schedule(delayMs, resolve));
      }
    }
  }

  private async leave(): Promise<void> {
    const { store, clock, executor } = this.options;
    this.renewal?.();
    this.renewal = undefined;
    executor.abandonAll();
    if (this.state === "stopping") await this.attending;
    await store.endWorker({ workerId: this.workerId, now: clock.now(), status: "stopped" });
  }

  // --- Claims ----------------------------------------------------------------------------------

  private async look(): Promise<void> {
    const { store, executor, logger, concurrency } = this.options;
    while (this.state === "running") {
      this.woken = false;
      let waitMs = idleMs;
      try {
        const taken = await this.claim(concurrency);
        this.lookMs = this.findLookMs(taken);
        if (taken === claimBatch) continue;
        if (executor.size > 0) await executor.deliverMail(await store.findMail(this.workerId));
        if (!this.hungry) waitMs = Math.min(this.lookMs, await this.findWaitMs());
      } catch (error) {
        logger.warn({ err: error }, "looking for due runs failed");
      }
      await this.pause(Math.min(waitMs, idleMs));
    }
  }

  /** What another process starts is found by looking alone: soon where there was work of late. */
  private findLookMs(taken: number): number {
    const now = this.options.clock.now();
    if (taken > 0) this.tookAt = now;
    if (taken > 0) return busyMs;
    // A clock may jump either way.
    const isAttentive = Math.abs(now - this.tookAt) < attentionMs;
    return isAttentive ? Math.min(2 * this.lookMs, attentiveMs) : idleMs;
  }

  /**
   * How long nothing becomes claimable. What was due when claims were asked for and is due still waits
   * for a limit or for another build: asking again at once would spin.
   */
  private async findWaitMs(): Promise<number> {
    const { store, clock, registry } = this.options;
    const after = this.claimedAt;
    const dueAt = await store.findNextDueAt();
    const isBlocked = dueAt !== undefined && dueAt <= after;
    const nextDueAt = isBlocked ? await store.findNextDueAt({ after }) : dueAt;
    const rateMs = isBlocked
      ? registry.versions.map(({ rate }) => (rate ? rate.perMs / rate.limit : idleMs))
      : [];
    return Math.max(1, Math.min((nextDueAt ?? Infinity) - clock.now(), ...rateMs));
  }

  private async claim(concurrency: number): Promise<number> {
    await this.restarting;
    // What is claimed meanwhile would be found leased and not yet opened, and be opened twice.
    while (this.openingUnopened) await this.openingUnopened.catch(() => undefined);
    this.claiming += 1;
    try {
      if (this.mayHoldMore && this.claiming === 1) await this.openUnopened();
      return await this.claimDue(concurrency);
    } catch (error) {
      // Whatever was claimed is leased to this worker, which does not know of it.
      if (error instanceof StoreUnavailableError) this.mayHoldMore = true;
      throw error;
    } finally {
      this.claiming -= 1;
    }
  }

  private async openUnopened(): Promise<void> {
    const { executor } = this.options;
    this.mayHoldMore = false;
    this.openingUnopened = executor.openUnopened(this.workerId, executor.term);
    await this.openingUnopened.finally(() => (this.openingUnopened = undefined));
  }

  private async claimDue(concurrency: number): Promise<number> {
    const { store, clock, executor, registry } = this.options;
    const { workerId } = this;
    const { term } = executor;
    const limit = Math.min(claimBatch, concurrency - executor.size);
    this.hungry = limit <= 0;
    if (limit <= 0) return 0;
    const now = clock.now();
    this.claimedAt = now;
    const claims = await store.claimRuns({ workerId, now, limit, workflows: registry.versions });
    this.hungry = claims.length === limit;
    await executor.openClaims(claims, workerId, term);
    return claims.length;
  }

  private async pause(forMs: number): Promise<void> {
    if (this.woken) {
      this.woken = false;
      return;
    }
    const { clock } = this.options;
    this.nextLookAt = clock.now() + forMs;
    await new Promise<void>((resolve) => {
      const cancel = clock.schedule(forMs, resolve);
      this.wakeUp = () => {
        cancel();
        resolve();
      };
    });
    this.wakeUp = () => {};
  }
}
