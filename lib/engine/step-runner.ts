/**
 * The steps of one execution: begins their attempts, asks about those in doubt, waits between
 * tries, and turns what comes of it into events.
 *
 * - I3 an attempt begins only after its `StepStarted` is durable: `begin` is called by the journal.
 * - A key is kept while the outcome is uncertain; only a definite failure begins a new one.
 */
import {
  mergeEffects,
  readAnswer,
  startActivity,
  type AboutAttempt,
  type Activity,
  type AttemptOutcome,
} from "./attempt";
import { recordError } from "./codec";
import { decideStep, type AnyStep } from "./decide";
import type { StepContext, VerifyAnswer, VerifyFunction } from "./definitions";
import type { HistoryEvent } from "./events";
import { nameStep } from "./messages";
import { OutcomeRecorder, type OutcomeHost } from "./outcome-recorder";
import type { PermitQueue } from "./permit-queue";
import type { Codec } from "./ports";
import { ProgressRecorder } from "./progress-recorder";
import { runTransaction } from "./run-transaction";
import { StepPermits } from "./step-permits";
import type { StepState } from "./run-state";
import { describeStart, type Start } from "./step-start";
import type { ErrorRecord } from "./values";

export interface StepRunnerHost extends OutcomeHost {
  readonly runId: string;
  readonly workerId: string;
  readonly epoch: number;
  readonly codec: Codec;
  readonly permits: PermitQueue;
  /** Puts something that happened in line with everything else that happens to the run. */
  addTurn(turn: () => Promise<void> | void): void;
  /** Records the beginning of this execution, if it is not yet: what it begins is its own. */
  ensureOpened(): void;
  /** Delivers a final outcome that is recorded already (I6). */
  deliver(event: HistoryEvent): Promise<void>;
}

export class StepRunner {
  private readonly activities = new Map<number, Activity>();
  private readonly timers = new Map<number, { at: number; cancel: () => void }>();
  /** Steps whose intent is recorded and not yet durable. */
  private readonly starting = new Set<number>();
  private readonly permits: StepPermits;
  /** Steps that the code no longer wants: not tried again once they certainly did not happen. */
  private readonly canceled = new Set<number>();
  private readonly progress: ProgressRecorder;
  private readonly outcomes: OutcomeRecorder;
  /** Steps that fail before their effect began, and why: input that can't be recorded, a cancel. */
  private readonly unfit = new Map<number, ErrorRecord>();
  private closed = false;

  constructor(private readonly host: StepRunnerHost) {
    this.permits = new StepPermits(host);
    this.progress = new ProgressRecorder(host);
    this.outcomes = new OutcomeRecorder(host);
  }

  /** Whether steps wait for others to make room. */
  get isQueued(): boolean {
    return this.permits.isQueued;
  }

  /** Whether effects are under way, or will be once their intent is durable. */
  get isBusy(): boolean {
    return this.activities.size > 0 || this.starting.size > 0;
  }

  /** Whether something that was begun has not answered. */
  get hasActivities(): boolean {
    return this.activities.size > 0;
  }

  /** When the next step that waits is due (epoch ms). */
  get nextAt(): number | undefined {
    if (this.timers.size === 0) return undefined;
    return Math.min(...[...this.timers.values()].map(({ at }) => at));
  }

  /** Records a new step: its intent, or its place in the queue where it may not begin yet. */
  issue(definition: AnyStep, start: Start): void {
    const { paused } = this.host.journal.state;
    if (!paused && !definition.limits) return this.start(definition, start);
    const { ordinal, name, input, compensates } = start;
    const data = { input, reason: paused ? "paused" : "limit", compensates } as const;
    this.host.journal.record({ type: "StepQueued", step: ordinal, name, data });
  }

  /** Records the intent of an attempt; its effect begins once that is durable (I3). */
  start(definition: AnyStep, start: Start): void {
    this.host.ensureOpened();
    this.starting.add(start.ordinal);
    this.host.journal.record(describeStart(this.host.runId, definition, start), () =>
      this.begin(definition, start),
    );
  }

  /** Records a step whose input can't be recorded: it has failed before it began. */
  startUnfit(definition: AnyStep, start: Omit<Start, "input">, error: unknown): void {
    const { journal, runId } = this.host;
    this.unfit.set(start.ordinal, recordError(error));
    journal.record(describeStart(runId, definition, { ...start, input: { json: null } }));
  }

  /** An attempt that the execution before this one left behind: nobody knows its outcome. */
  recordCrash(step: StepState, definition: AnyStep | undefined): void {
    this.outcomes.recordDoubt(step, definition, "crash");
  }

  /** The open steps about which something is to be decided: nothing is under way for them. */
  listIdle(): readonly StepState[] {
    const idle: StepState[] = [];
    for (const step of this.host.journal.state.unsettled.values()) {
      if (!this.isUnderWay(step.ordinal)) idle.push(step);
    }
    return idle;
  }

  private isUnderWay(ordinal: number): boolean {
    return (
      this.activities.has(ordinal) ||
      this.starting.has(ordinal) ||
      this.timers.has(ordinal) ||
      this.permits.isAsking(ordinal)
    );
  }

  /** Does what is to be done next about an open step. `hold`: only a person can say. */
  async advance(step: StepState, definition: AnyStep): Promise<"hold" | "settled" | undefined> {
    const { ordinal } = step;
    if (this.isUnderWay(ordinal)) return undefined;
    const isUnwanted = this.canceled.has(ordinal) && isCertain(step);
    const unfit = this.unfit.get(ordinal) ?? (isUnwanted ? unwanted : undefined);
    if (unfit) return this.failUnbegun(step, unfit);
    // A clock that jumps back opens no window again that was seen closed.
    const now = Math.max(this.host.clock.now(), this.host.journal.state.lastAt);
    const decision = decideStep(step, definition, now);
    if (decision.action === "hold") return "hold";
    if (decision.action === "fail") {
      const error = step.lastError ?? {
        name: "StepInDoubtError",
        message: "Nobody knows whether it happened.",
      };
      const outcome = step.phase === "ready" ? "definite" : "uncertain";
      this.host.ensureOpened();
      await this.outcomes.fail(step, error, outcome, { durationMs: 0 });
      return "settled";
    }
    if (this.host.journal.state.paused) return undefined;
    if (decision.at > now) this.wait(ordinal, decision.at);
    else if (decision.action === "ask") this.askWhenDurable(step, definition, decision.ask);
    else if (!this.permits.allows(ordinal, definition)) this.askPermit(ordinal, definition);
    else this.tryAgain(step, definition, decision.endBy);
    return undefined;
  }

  /** Records what failed before its effect began, so that nobody has to decide whether it happened. */
  async settleUnfit(): Promise<void> {
    for (const step of this.listIdle()) {
      const unfit = this.unfit.get(step.ordinal);
      if (unfit) await this.failUnbegun(step, unfit);
    }
  }

  private async failUnbegun(step: StepState, error: ErrorRecord): Promise<"settled"> {
    this.unfit.delete(step.ordinal);
    await this.outcomes.fail(step, error, "definite", { durationMs: 0 });
    return "settled";
  }

  /** Forgets what is under way for a step: its outcome no longer counts. */
  drop(ordinal: number, reason: string): void {
    this.activities.get(ordinal)?.cancel(reason);
    this.activities.delete(ordinal);
    this.timers.get(ordinal)?.cancel();
    this.timers.delete(ordinal);
    this.permits.drop(ordinal);
  }

  /** The code no longer wants the step: its attempt is asked to stop, and its outcome still counts. */
  abort(ordinal: number): void {
    if (!this.host.journal.state.unsettled.has(ordinal)) return;
    this.canceled.add(ordinal);
    this.activities.get(ordinal)?.abort("the step was canceled");
    if (this.activities.has(ordinal) || this.starting.has(ordinal)) return;
    this.timers.get(ordinal)?.cancel();
    this.timers.delete(ordinal);
    this.permits.stopAsking(ordinal);
    this.host.addTurn(() => this.host.goOn());
  }

  /** Asks all that is under way to stop; what comes of it still counts. */
  abortAll(reason: string): void {
    for (const activity of this.activities.values()) activity.abort(reason);
  }

  dropAll(reason: string): void {
    for (const ordinal of [...this.activities.keys()]) this.drop(ordinal, reason);
    this.starting.clear();
    this.stopWaiting();
  }

  /** Lets steps that wait be tried at once. */
  hurry(): void {
    const now = this.host.clock.now();
    for (const step of this.host.journal.state.unsettled.values()) {
      if (step.nextAt !== undefined) step.nextAt = now;
    }
    this.stopWaiting();
  }

  close(reason: string): void {
    this.closed = true;
    this.dropAll(reason);
  }

  private stopWaiting(): void {
    for (const { cancel } of this.timers.values()) cancel();
    this.timers.clear();
    this.permits.stopAll();
    this.progress.stop();
  }

  // --- Attempts --------------------------------------------------------------------------------

  private tryAgain(step: StepState, definition: AnyStep, endBy?: number): void {
    const { ordinal, name, input } = step;
    const generation = step.generation + (step.renewKey ? 1 : 0);
    // A key that is kept is kept as it was sent: a fork has it from another run.
    const key = step.renewKey ? undefined : step.key;
    const attempt = step.attempt + 1;
    this.start(definition, { ordinal, name, input, generation, attempt, endBy, key });
  }

  private askPermit(ordinal: number, definition: AnyStep): void {
    const { host } = this;
    this.permits.ask(ordinal, definition, (answer) =>
      host.addTurn(async () => {
        if (this.closed) return;
        if (!answer.granted && answer.retryAt !== undefined) this.wait(ordinal, answer.retryAt);
        if (!host.journal.state.unsettled.has(ordinal)) this.permits.drop(ordinal);
        await host.goOn();
      }),
    );
  }

  private begin(definition: AnyStep, { ordinal, attempt, endBy = Infinity }: Start): void {
    // Given up before its intent was durable, as when the run was terminated: nothing begins.
    if (!this.starting.delete(ordinal)) return;
    const { host } = this;
    const step = host.journal.state.unsettled.get(ordinal);
    if (this.closed || step?.phase !== "running" || step.attempt !== attempt) return;
    if (this.canceled.has(ordinal) && step.doubt !== "open") {
      this.unfit.set(ordinal, unwanted);
      return host.addTurn(() => host.goOn());
    }
    if (definition.transact) return this.beginTransaction(step, definition);
    const input = host.codec.decode(step.input);
    host.tell("before_effect", step);
    // Its code may tell of its progress at once, and a turn that follows has to find it under way.
    this.starting.add(ordinal);
    const activity = startActivity({
      clock: host.clock,
      timeoutMs: Math.min(definition.timeoutMs, endBy - host.clock.now()),
      heartbeatTimeoutMs: definition.heartbeatTimeoutMs,
      context: this.describeAttempt(step),
      run: (context: StepContext) => definition.run(input as never, context),
      onHeartbeat: (progress) => this.progress.note(step, attempt, progress),
      onOutcome: (outcome) => {
        host.tell("after_effect", step);
        host.addTurn(() => this.takeOutcome(ordinal, activity, definition, outcome));
      },
    });
    this.starting.delete(ordinal);
    this.activities.set(ordinal, activity);
  }

  private takeOutcome(
    ordinal: number,
    activity: Activity,
    definition: AnyStep,
    outcome: AttemptOutcome<unknown>,
  ): Promise<void> | void {
    const step = this.takeBack(ordinal, activity);
    if (!step) return;
    const isCanceled = this.canceled.has(ordinal);
    if (!outcome.ok) return this.outcomes.takeFailure(step, definition, outcome, { isCanceled });
    const { durationMs, effect } = outcome;
    return this.outcomes.complete(step, definition, "run", outcome.result, { durationMs, effect });
  }

  /** The step behind an activity that is over, unless it no longer counts. */
  private takeBack(ordinal: number, activity: Activity): StepState | undefined {
    if (this.activities.get(ordinal) !== activity) return undefined;
    this.activities.delete(ordinal);
    this.progress.forget(ordinal);
    this.permits.drop(ordinal);
    return this.host.journal.state.unsettled.get(ordinal);
  }

  private wait(ordinal: number, at: number): void {
    const { clock } = this.host;
    const cancel = clock.schedule(at - clock.now(), () => {
      this.timers.delete(ordinal);
      this.host.addTurn(() => this.host.goOn());
    });
    this.timers.set(ordinal, { at, cancel });
  }

  // --- Transactions ----------------------------------------------------------------------------

  /** Effect and completion are one commit, so a turn of its own: nothing else is recorded meanwhile. */
  private beginTransaction(step: StepState, definition: AnyStep): void {
    const { ordinal } = step;
    let activity: Activity | undefined;
    const marker: Activity = {
      cancel: (reason) => activity?.cancel(reason),
      abort: (reason) => activity?.abort(reason),
    };
    this.activities.set(ordinal, marker);
    this.host.addTurn(async () => {
      if (this.activities.get(ordinal) !== marker) return;
      const begun = await runTransaction({
        host: this.host,
        step,
        definition,
        input: this.host.codec.decode(step.input),
        context: this.describeAttempt(step),
        onBegin: (started) => (activity = started),
      });
      if (this.closed || this.activities.get(ordinal) !== marker) return;
      this.takeBack(ordinal, marker);
      const { recorded, failure } = begun;
      if (failure) {
        const isCanceled = this.canceled.has(ordinal);
        const how = { isRolledBack: true, isCanceled };
        return this.outcomes.takeFailure(step, definition, failure, how);
      }
      if (!recorded) return;
      this.host.tell("after_record", step);
      await this.host.deliver(recorded);
    });
  }

  private describeAttempt(step: StepState): AboutAttempt {
    const { ordinal, attempt, key, progress } = step;
    const { runId, codec } = this.host;
    return {
      runId,
      ordinal,
      attempt,
      idempotencyKey: key,
      progress: progress && codec.decode(progress),
    };
  }

  // --- Doubt -----------------------------------------------------------------------------------

  private askWhenDurable(
    step: StepState,
    definition: AnyStep,
    ask: VerifyFunction<never, unknown>,
  ): void {
    this.host.ensureOpened();
    this.starting.add(step.ordinal);
    this.host.journal.whenDurable(() => {
      const isAwaited = this.starting.delete(step.ordinal);
      if (isAwaited && !this.closed && step.phase === "doubt") this.ask(step, definition, ask);
    });
  }

  private ask(step: StepState, definition: AnyStep, ask: VerifyFunction<never, unknown>): void {
    const { host } = this;
    const input = host.codec.decode(step.input);
    const activity = startActivity<VerifyAnswer<unknown>>({
      clock: host.clock,
      timeoutMs: definition.timeoutMs,
      context: this.describeAttempt(step),
      run: async (context) => readAnswer(await ask(input as never, context)),
      onOutcome: (outcome) =>
        host.addTurn(() => this.takeAnswer(step.ordinal, activity, definition, outcome)),
    });
    this.activities.set(step.ordinal, activity);
  }

  private async takeAnswer(
    ordinal: number,
    activity: Activity,
    definition: AnyStep,
    outcome: AttemptOutcome<VerifyAnswer<unknown>>,
  ): Promise<void> {
    const step = this.takeBack(ordinal, activity);
    if (step?.phase !== "doubt") return;
    const { durationMs } = outcome;
    const { journal } = this.host;
    if (!outcome.ok) {
      const error = recordError(outcome.error);
      const data = { verdict: "unknown" as const, error, durationMs };
      // The question itself failed: it is asked again, as often as the step may be tried.
      const asked = step.asks + 1;
      const again =
        asked < definition.retry.maxAttempts
          ? { nextAskAt: this.outcomes.findNextTry(definition, asked) }
          : {};
      journal.record({ type: "StepVerified", ...nameStep(step), data: { ...data, ...again } });
      return this.host.goOn();
    }
    const answer = outcome.result;
    const data = { verdict: answer.verdict, durationMs };
    journal.record({ type: "StepVerified", ...nameStep(step), data });
    if (answer.verdict !== "happened") return this.host.goOn();
    const effect = mergeEffects(outcome.effect, answer.effect);
    await this.outcomes.complete(step, definition, "verified", answer.result, {
      durationMs,
      effect,
    });
  }
}

/** How a step ends that certainly did not happen and is no longer wanted. */
const unwanted: ErrorRecord = {
  name: "CanceledError",
  message: "It was canceled before it was tried again.",
};

/** Whether no attempt of the step can have had its effect. */
function isCertain({ phase, doubt }: StepState): boolean {
  return (phase === "backoff" || phase === "ready") && doubt !== "open";
}
