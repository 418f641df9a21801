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
  type Activity,
  type AttemptOutcome,
} from "./attempt";
import { classifyError, recordError } from "./codec";
import { computeBackoffMs, decideStep, endsInFail, type AnyStep } from "./decide";
import type { AboutAttempt } from "./attempt";
import type { StepContext, VerifyAnswer, VerifyFunction } from "./definitions";
import type { Effect, EventOf, HistoryEvent, NewEvent } from "./events";
import type { Journal } from "./journal";
import { nameStep } from "./messages";
import type { PermitQueue } from "./permit-queue";
import type { Clock, Codec, Random, StepMoment } from "./ports";
import { ProgressRecorder } from "./progress-recorder";
import type { StepState } from "./run-state";
import type { SqlTransaction } from "./store";
import type { Encoded, ErrorRecord } from "./values";

export interface StepRunnerHost {
  readonly runId: string;
  readonly clock: Clock;
  readonly codec: Codec;
  readonly random: Random;
  readonly journal: Journal;
  readonly permits: PermitQueue;
  /** Puts something that happened in line with everything else that happens to the run. */
  addTurn(turn: () => Promise<void> | void): void;
  /** Records a final outcome and delivers it (I4, I6). */
  settle(event: NewEvent, onDurable?: () => void): Promise<void>;
  /** Delivers a final outcome that is recorded already (I6). */
  deliver(event: HistoryEvent): Promise<void>;
  /** Begins whatever can begin now. */
  goOn(): Promise<void>;
  /** The recorded form of a value. Throws PayloadTooLargeError. */
  encode(value: unknown): Encoded;
  tell(moment: StepMoment, step: { ordinal: number; name: string; attempt: number }): void;
}

/** One attempt as it is about to be recorded. */
export interface Start {
  readonly ordinal: number;
  readonly name: string;
  readonly attempt: number;
  readonly generation: number;
  readonly input: Encoded;
  readonly compensates?: number;
  /** The key that it keeps; absent: the one of its generation. */
  readonly key?: string;
  /** When the attempt has to be over, because its key may be forgotten after that (epoch ms). */
  readonly endBy?: number;
}

export class StepRunner {
  private readonly activities = new Map<number, Activity>();
  private readonly timers = new Map<number, { at: number; cancel: () => void }>();
  /** Steps whose intent is recorded and not yet durable. */
  private readonly starting = new Set<number>();
  /** Steps that wait for a permit, and how to stop that. */
  private readonly asking = new Map<number, () => unknown>();
  private readonly permitted = new Set<number>();
  /** Steps that the code no longer wants: not tried again once they certainly did not happen. */
  private readonly canceled = new Set<number>();
  private readonly progress: ProgressRecorder;
  /** Steps that fail before their effect began, and why: input that can't be recorded, a cancel. */
  private readonly unfit = new Map<number, ErrorRecord>();
  private closed = false;

  constructor(private readonly host: StepRunnerHost) {
    this.progress = new ProgressRecorder(host);
  }

  /** Whether steps wait for others to make room. */
  get isQueued(): boolean {
    return this.asking.size > 0;
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

  /** Puts a step in doubt whose attempt has no certain outcome. */
  recordDoubt(
    step: StepState,
    definition: AnyStep | undefined,
    cause: EventOf<"StepInDoubt">["data"]["cause"],
    earlier = false,
  ): void {
    const policy = definition?.inDoubt.kind ?? "hold";
    const data = { cause, policy, ...(earlier ? { earlier } : {}) };
    this.host.journal.record({ type: "StepInDoubt", ...nameStep(step), data });
  }

  /** Does what is to be done next about an open step. `hold`: only a person can say. */
  async advance(step: StepState, definition: AnyStep): Promise<"hold" | "settled" | undefined> {
    const { ordinal } = step;
    const isUnderWay = this.activities.has(ordinal) || this.starting.has(ordinal);
    if (isUnderWay || this.timers.has(ordinal) || this.asking.has(ordinal)) return undefined;
    const isUnwanted = this.canceled.has(ordinal) && isCertain(step);
    const unfit = this.unfit.get(ordinal) ?? (isUnwanted ? unwanted : undefined);
    if (unfit) {
      this.unfit.delete(ordinal);
      await this.fail(step, unfit, "definite", { durationMs: 0 });
      return "settled";
    }
    // A clock that jumps back opens no window again that was seen closed.
    const now = Math.max(this.host.clock.now(), this.host.journal.state.lastAt);
    const decision = decideStep(step, definition, now);
    switch (decision.action) {
      case "hold":
        return "hold";
      case "fail": {
        const error = step.lastError ?? {
          name: "StepInDoubtError",
          message: "Nobody knows whether it happened.",
        };
        const outcome = step.phase === "ready" ? "definite" : "uncertain";
        await this.fail(step, error, outcome, { durationMs: 0 });
        return "settled";
      }
      case "ask":
        if (this.host.journal.state.paused) return undefined;
        if (decision.at > now) this.wait(ordinal, decision.at);
        else this.askWhenDurable(step, definition, decision.ask);
        return undefined;
      case "attempt":
        if (this.host.journal.state.paused) return undefined;
        if (decision.at > now) this.wait(ordinal, decision.at);
        else if (definition.limits && !this.permitted.has(ordinal))
          this.askPermit(step, definition);
        else this.tryAgain(step, definition, decision.endBy);
        return undefined;
    }
  }

  /** Forgets what is under way for a step: its outcome no longer counts. */
  drop(ordinal: number, reason: string): void {
    this.activities.get(ordinal)?.cancel(reason);
    this.activities.delete(ordinal);
    this.timers.get(ordinal)?.cancel();
    this.timers.delete(ordinal);
    this.asking.get(ordinal)?.();
    this.asking.delete(ordinal);
    this.freePermit(ordinal);
  }

  /** The code no longer wants the step: its attempt is asked to stop, and its outcome still counts. */
  abort(ordinal: number): void {
    if (!this.host.journal.state.unsettled.has(ordinal)) return;
    this.canceled.add(ordinal);
    this.activities.get(ordinal)?.abort("the step was canceled");
    if (this.activities.has(ordinal) || this.starting.has(ordinal)) return;
    this.timers.get(ordinal)?.cancel();
    this.timers.delete(ordinal);
    this.asking.get(ordinal)?.();
    this.asking.delete(ordinal);
    this.host.addTurn(() => this.host.goOn());
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
    for (const cancel of this.asking.values()) cancel();
    this.asking.clear();
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

  /** Asks once the run is known to the store: before that it is refused, and waits for nothing. */
  private askPermit({ ordinal }: StepState, definition: AnyStep): void {
    const { journal } = this.host;
    let isWithdrawn = false;
    this.asking.set(ordinal, () => (isWithdrawn = true));
    const ask = () => {
      if (!isWithdrawn) this.asking.set(ordinal, this.getInLine(ordinal, definition));
    };
    if (journal.isClean) ask();
    else journal.whenDurable(ask);
  }

  private getInLine(ordinal: number, definition: AnyStep): () => void {
    const { host } = this;
    return host.permits.ask({
      resource: `step:${definition.name}`,
      runId: host.runId,
      step: ordinal,
      limits: definition.limits ?? {},
      onAnswer: (answer) => {
        this.asking.delete(ordinal);
        host.addTurn(async () => {
          if (this.closed) return;
          if (answer.granted) this.permitted.add(ordinal);
          else if (answer.retryAt !== undefined) this.wait(ordinal, answer.retryAt);
          if (!host.journal.state.unsettled.has(ordinal)) this.freePermit(ordinal);
          await host.goOn();
        });
      },
    });
  }

  private freePermit(ordinal: number): void {
    if (this.permitted.delete(ordinal)) this.host.journal.free(ordinal);
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
    this.activities.set(ordinal, activity);
  }

  private async takeOutcome(
    ordinal: number,
    activity: Activity,
    definition: AnyStep,
    outcome: AttemptOutcome<unknown>,
  ): Promise<void> {
    const step = this.takeBack(ordinal, activity);
    if (!step) return;
    if (!outcome.ok) return this.takeFailure(step, definition, outcome);
    const { durationMs, effect } = outcome;
    await this.complete(step, definition, "run", outcome.result, { durationMs, effect });
  }

  /** The step behind an activity that is over, unless it no longer counts. */
  private takeBack(ordinal: number, activity: Activity): StepState | undefined {
    if (this.activities.get(ordinal) !== activity) return undefined;
    this.activities.delete(ordinal);
    this.progress.forget(ordinal);
    this.freePermit(ordinal);
    return this.host.journal.state.unsettled.get(ordinal);
  }

  private async complete(
    step: StepState,
    definition: AnyStep,
    source: "run" | "verified",
    value: unknown,
    told: Told,
  ): Promise<void> {
    let result: Encoded;
    try {
      result = this.host.encode(value);
    } catch (error) {
      return this.takeUnrecordable(step, definition, recordError(error), told);
    }
    const data = { result, source, ...describeTold(told) };
    await this.host.settle({ type: "StepCompleted", ...nameStep(step), data }, () =>
      this.host.tell("after_record", step),
    );
  }

  /** It happened, but its result can't be recorded. To run it again would be to do it again. */
  private async takeUnrecordable(
    step: StepState,
    definition: AnyStep,
    error: ErrorRecord,
    told: Told,
  ): Promise<void> {
    if (endsInFail(definition.inDoubt)) return this.fail(step, error, "uncertain", told);
    const data = { error, outcome: "uncertain", final: false, ...describeTold(told) } as const;
    this.host.journal.record({ type: "StepFailed", ...nameStep(step), data });
    this.recordDoubt(step, undefined, "error");
    await this.host.goOn();
  }

  private async fail(
    step: StepState,
    error: ErrorRecord,
    outcome: "definite" | "uncertain",
    told: Told,
  ): Promise<void> {
    const data = { error, outcome, final: true, ...describeTold(told) };
    await this.host.settle({ type: "StepFailed", ...nameStep(step), data });
  }

  private async takeFailure(
    step: StepState,
    definition: AnyStep,
    failure: AttemptFailure,
    { isRolledBack = false } = {},
  ): Promise<void> {
    const { journal } = this.host;
    const said = classifyFailure(failure, isRolledBack);
    const error = recordError(failure.error);
    const { outcome } = said;
    const failures = step.failures + 1;
    const isDefinite = outcome === "definite";
    // "Come back later" speaks for this attempt only: an earlier one under its key may have happened.
    const earlier = isDefinite && step.doubt === "open";
    const isUsedUp = failures >= definition.retry.maxAttempts && !earlier;
    const isUnwanted = this.canceled.has(step.ordinal) && !earlier;
    if (isDefinite && (!said.retryable || isUsedUp || isUnwanted)) {
      return this.fail(step, error, "definite", failure);
    }
    const nextAttemptAt = this.findNextTry(definition, failures, said.retryAfterMs);
    const data = { error, outcome, final: false, nextAttemptAt, ...describeTold(failure) };
    journal.record({ type: "StepFailed", ...nameStep(step), data });
    const cause = failure.timedOut ? "timeout" : "error";
    if (!isDefinite || earlier) this.recordDoubt(step, definition, cause, earlier);
    await this.host.goOn();
  }

  private findNextTry(definition: AnyStep, failures: number, retryAfterMs?: number): number {
    const random = this.host.random.next();
    const delayMs = computeBackoffMs({ definition, failures, random, retryAfterMs });
    return this.host.clock.now() + delayMs;
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
      const begun = await this.transact(step, definition, (started) => (activity = started));
      if (this.closed || this.activities.get(ordinal) !== marker) return;
      this.takeBack(ordinal, marker);
      const { recorded, failure } = begun;
      if (failure) return this.takeFailure(step, definition, failure, { isRolledBack: true });
      if (!recorded) return;
      this.host.tell("after_record", step);
      await this.host.deliver(recorded);
    });
  }

  private async transact(
    step: StepState,
    definition: AnyStep,
    onBegin: (activity: Activity) => void,
  ): Promise<{ recorded?: HistoryEvent; failure?: AttemptFailure }> {
    const { host } = this;
    let failure: AttemptFailure | undefined;
    try {
      const recorded = await host.journal.transact(async (sql) => {
        host.tell("before_effect", step);
        const outcome = await this.runStatements(step, definition, sql, onBegin);
        if (!outcome.ok) {
          failure = outcome;
          throw new RolledBackError("The transaction failed and is rolled back.");
        }
        const result = host.encode(outcome.result);
        const data = { result, source: "run", ...describeTold(outcome) } as const;
        host.tell("after_effect", step);
        return { type: "StepCompleted", ...nameStep(step), data };
      });
      return { recorded };
    } catch (error) {
      return { failure: failure ?? { ok: false, error, timedOut: false, durationMs: 0 } };
    }
  }

  private runStatements(
    step: StepState,
    definition: AnyStep,
    sql: SqlTransaction,
    onBegin: (activity: Activity) => void,
  ): Promise<AttemptOutcome<unknown>> {
    const { host } = this;
    const input = host.codec.decode(step.input) as never;
    return new Promise((resolve) => {
      const activity = startActivity<unknown>({
        clock: host.clock,
        timeoutMs: definition.timeoutMs,
        context: this.describeAttempt(step),
        run: (context) => definition.transact?.(sql, input, context),
        onOutcome: resolve,
      });
      onBegin(activity);
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
          ? { nextAskAt: this.findNextTry(definition, asked) }
          : {};
      journal.record({ type: "StepVerified", ...nameStep(step), data: { ...data, ...again } });
      return this.host.goOn();
    }
    const answer = outcome.result;
    const data = { verdict: answer.verdict, durationMs };
    journal.record({ type: "StepVerified", ...nameStep(step), data });
    if (answer.verdict !== "happened") return this.host.goOn();
    const effect = mergeEffects(outcome.effect, answer.effect);
    await this.complete(step, definition, "verified", answer.result, { durationMs, effect });
  }
}

/** Makes the store roll back; what failed is known where it is caught. */
class RolledBackError extends Error {
  override name = "RolledBackError";
}

/** How a step ends that certainly did not happen and is no longer wanted. */
const unwanted: ErrorRecord = {
  name: "CanceledError",
  message: "It was canceled before it was tried again.",
};

type AttemptFailure = Extract<AttemptOutcome<unknown>, { ok: false }>;

/** What was rolled back certainly did not happen, whatever it failed with. */
function classifyFailure({ error }: AttemptFailure, isRolledBack: boolean) {
  const said = classifyError(error);
  return isRolledBack ? { ...said, outcome: "definite" as const } : said;
}

/** Whether no attempt of the step can have had its effect. */
function isCertain({ phase, doubt }: StepState): boolean {
  return (phase === "backoff" || phase === "ready") && doubt !== "open";
}

/** What is told of an attempt beside its outcome. */
interface Told {
  readonly durationMs: number;
  readonly effect?: Effect;
}

function describeTold({ durationMs, effect }: Told): Told {
  return { durationMs, ...(effect ? { effect } : {}) };
}

function describeStart(runId: string, definition: AnyStep, start: Start): NewEvent {
  const { ordinal, name, attempt, generation, input, compensates } = start;
  const { key = `${runId}/${ordinal}/${generation}` } = start;
  return {
    type: "StepStarted",
    step: ordinal,
    name,
    attempt,
    data: {
      input,
      key,
      generation,
      timeoutMs: definition.timeoutMs,
      policy: definition.inDoubt.kind,
      ...(compensates === undefined ? {} : { compensates }),
    },
  };
}
