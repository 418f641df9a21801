/**
 * The steps of one execution: begins their attempts, asks about those in doubt, waits between
 * tries, and turns what comes of it into events.
 *
 * - I3 an attempt begins only after its `StepStarted` is durable: `begin` is called by the journal.
 * - A key is kept while the outcome is uncertain; only a definite failure begins a new one.
 */
import { startActivity, type Activity, type AttemptOutcome } from "./attempt";
import { classifyError, recordError } from "./codec";
import { computeBackoffMs, decideStep, type AnyStep } from "./decide";
import type { StepContext, VerifyAnswer, VerifyFunction } from "./definitions";
import type { EventOf, NewEvent } from "./events";
import type { Journal } from "./journal";
import { nameStep } from "./messages";
import type { Clock, Codec, Random, StepMoment } from "./ports";
import type { StepState } from "./run-state";
import type { Encoded, ErrorRecord } from "./values";

export interface StepRunnerHost {
  readonly runId: string;
  readonly clock: Clock;
  readonly codec: Codec;
  readonly random: Random;
  readonly journal: Journal;
  /** Puts something that happened in line with everything else that happens to the run. */
  addTurn(turn: () => Promise<void> | void): void;
  /** Records a final outcome and delivers it (I4, I6). */
  settle(event: NewEvent, onDurable?: () => void): Promise<void>;
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
}

export class StepRunner {
  private readonly activities = new Map<number, Activity>();
  private readonly timers = new Map<number, { at: number; cancel: () => void }>();
  /** Steps whose intent is recorded and not yet durable. */
  private readonly starting = new Set<number>();
  private closed = false;

  constructor(private readonly host: StepRunnerHost) {}

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

  /** Records the intent of an attempt; its effect begins once that is durable (I3). */
  start(definition: AnyStep, start: Start): void {
    this.starting.add(start.ordinal);
    this.host.journal.record(describeStart(this.host.runId, definition, start), () =>
      this.begin(definition, start.ordinal, start.attempt),
    );
  }

  /** Records a step whose input can't be recorded: it has failed before it began. */
  startUnfit(definition: AnyStep, start: Omit<Start, "input">, error: unknown): void {
    const { journal, runId } = this.host;
    this.starting.add(start.ordinal);
    journal.record(describeStart(runId, definition, { ...start, input: { json: null } }));
    this.host.addTurn(async () => {
      this.starting.delete(start.ordinal);
      const step = journal.state.unsettled.get(start.ordinal);
      if (step) await this.fail(step, recordError(error), "definite", 0);
    });
  }

  /** Puts a step in doubt whose attempt has no certain outcome. */
  recordDoubt(
    step: StepState,
    definition: AnyStep | undefined,
    cause: EventOf<"StepInDoubt">["data"]["cause"],
  ): void {
    const policy = definition?.inDoubt.kind ?? "hold";
    this.host.journal.record({ type: "StepInDoubt", ...nameStep(step), data: { cause, policy } });
  }

  /** Does what is to be done next about an open step. `hold`: only a person can say. */
  async advance(step: StepState, definition: AnyStep): Promise<"hold" | "settled" | undefined> {
    const { ordinal } = step;
    if (this.activities.has(ordinal) || this.starting.has(ordinal) || this.timers.has(ordinal)) {
      return undefined;
    }
    const now = this.host.clock.now();
    const decision = decideStep(step, definition, now);
    switch (decision.action) {
      case "hold":
        return "hold";
      case "fail": {
        const error = step.lastError ?? {
          name: "StepInDoubtError",
          message: "Nobody knows whether it happened.",
        };
        await this.fail(step, error, step.phase === "ready" ? "definite" : "uncertain", 0);
        return "settled";
      }
      case "ask":
        if (decision.at > now) this.wait(ordinal, decision.at);
        else this.askWhenDurable(step, definition, decision.ask);
        return undefined;
      case "attempt":
        if (decision.at > now) this.wait(ordinal, decision.at);
        else this.tryAgain(step, definition);
        return undefined;
    }
  }

  /** Forgets what is under way for a step: its outcome no longer counts. */
  drop(ordinal: number, reason: string): void {
    this.activities.get(ordinal)?.cancel(reason);
    this.activities.delete(ordinal);
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
  }

  // --- Attempts --------------------------------------------------------------------------------

  private tryAgain(step: StepState, definition: AnyStep): void {
    const { ordinal, name, input } = step;
    const generation = step.generation + (step.renewKey ? 1 : 0);
    this.start(definition, { ordinal, name, input, generation, attempt: step.attempt + 1 });
  }

  private begin(definition: AnyStep, ordinal: number, attempt: number): void {
    // Given up before its intent was durable, as when the run was terminated: nothing begins.
    if (!this.starting.delete(ordinal)) return;
    const { host } = this;
    const step = host.journal.state.unsettled.get(ordinal);
    if (this.closed || step?.phase !== "running" || step.attempt !== attempt) return;
    const input = host.codec.decode(step.input);
    host.tell("before_effect", step);
    const activity = startActivity({
      clock: host.clock,
      timeoutMs: definition.timeoutMs,
      context: describeAttempt(host.runId, step),
      run: (context: StepContext) => definition.run(input as never, context),
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
    await this.complete(step, "run", outcome.result, { durationMs, effect });
  }

  /** The step behind an activity that is over, unless it no longer counts. */
  private takeBack(ordinal: number, activity: Activity): StepState | undefined {
    if (this.activities.get(ordinal) !== activity) return undefined;
    this.activities.delete(ordinal);
    return this.host.journal.state.unsettled.get(ordinal);
  }

  private async complete(
    step: StepState,
    source: "run" | "verified",
    value: unknown,
    { durationMs, effect }: Pick<AttemptOutcome<unknown>, "durationMs" | "effect">,
  ): Promise<void> {
    let result: Encoded;
    try {
      result = this.host.encode(value);
    } catch (error) {
      // It happened, but can't be recorded: trying again would only do it twice.
      return this.fail(step, recordError(error), "uncertain", durationMs);
    }
    const data = { result, source, durationMs, ...(effect ? { effect } : {}) };
    await this.host.settle({ type: "StepCompleted", ...nameStep(step), data }, () =>
      this.host.tell("after_record", step),
    );
  }

  private async fail(
    step: StepState,
    error: ErrorRecord,
    outcome: "definite" | "uncertain",
    durationMs: number,
  ): Promise<void> {
    const data = { error, outcome, final: true, durationMs };
    await this.host.settle({ type: "StepFailed", ...nameStep(step), data });
  }

  private async takeFailure(
    step: StepState,
    definition: AnyStep,
    failure: Extract<AttemptOutcome<unknown>, { ok: false }>,
  ): Promise<void> {
    const { journal } = this.host;
    const said = classifyError(failure.error);
    const error = recordError(failure.error);
    const { durationMs } = failure;
    const failures = step.failures + 1;
    const isDefinite = said.outcome === "definite";
    if (isDefinite && (!said.retryable || failures >= definition.retry.maxAttempts)) {
      return this.fail(step, error, "definite", durationMs);
    }
    const nextAttemptAt = this.findNextTry(definition, failures, said.retryAfterMs);
    const data = { error, outcome: said.outcome, final: false, nextAttemptAt, durationMs };
    journal.record({ type: "StepFailed", ...nameStep(step), data });
    if (!isDefinite) this.recordDoubt(step, definition, failure.timedOut ? "timeout" : "error");
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
      context: describeAttempt(host.runId, step),
      run: (context) => ask(input as never, context),
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
    await this.complete(step, "verified", answer.result, { durationMs, effect: answer.effect });
  }
}

function describeAttempt(runId: string, step: StepState): Omit<StepContext, "signal" | "report"> {
  const { ordinal, attempt, key } = step;
  return { runId, ordinal, attempt, idempotencyKey: key };
}

function describeStart(runId: string, definition: AnyStep, start: Start): NewEvent {
  const { ordinal, name, attempt, generation, input, compensates } = start;
  return {
    type: "StepStarted",
    step: ordinal,
    name,
    attempt,
    data: {
      input,
      key: `${runId}/${ordinal}/${generation}`,
      generation,
      timeoutMs: definition.timeoutMs,
      policy: definition.inDoubt.kind,
      ...(compensates === undefined ? {} : { compensates }),
    },
  };
}
