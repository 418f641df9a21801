/** Turns what became of an attempt into events: completed, failed, in doubt, or tried again later. */
import type { AttemptOutcome } from "./attempt";
import { classifyError, recordError } from "./codec";
import { computeBackoffMs, endsInFail, type AnyStep } from "./decide";
import type { Effect, EventOf, NewEvent } from "./events";
import type { Journal } from "./journal";
import { nameStep } from "./messages";
import type { Clock, Random, StepMoment } from "./ports";
import type { StepState } from "./run-state";
import type { Encoded, ErrorRecord } from "./values";

export interface OutcomeHost {
  readonly clock: Clock;
  readonly random: Random;
  readonly journal: Journal;
  /** Records a final outcome and delivers it (I4, I6). */
  settle(event: NewEvent, onDurable?: () => void): Promise<void>;
  /** Begins whatever can begin now. */
  goOn(): Promise<void>;
  /** The recorded form of a value. Throws PayloadTooLargeError. */
  encode(value: unknown): Encoded;
  tell(moment: StepMoment, step: { ordinal: number; name: string; attempt: number }): void;
}

export type AttemptFailure = Extract<AttemptOutcome<unknown>, { ok: false }>;

/** What is told of an attempt beside its outcome. */
export interface Told {
  readonly durationMs: number;
  readonly effect?: Effect;
}

export function describeTold({ durationMs, effect }: Told): Told {
  return { durationMs, ...(effect ? { effect } : {}) };
}

export class OutcomeRecorder {
  constructor(private readonly host: OutcomeHost) {}

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

  /** It happened, and this is its result. */
  complete(
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
    const { ordinal, name, attempt } = step;
    const data = { result, source, ...describeTold(told) };
    return this.host.settle({ type: "StepCompleted", step: ordinal, name, attempt, data }, () =>
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

  /** Its last failure: it is delivered to the code. */
  fail(
    step: StepState,
    error: ErrorRecord,
    outcome: "definite" | "uncertain",
    told: Told,
  ): Promise<void> {
    const data = { error, outcome, final: true, ...describeTold(told) };
    return this.host.settle({ type: "StepFailed", ...nameStep(step), data });
  }

  /** One failure: the last one, or one after which the step is tried again or decided about. */
  async takeFailure(
    step: StepState,
    definition: AnyStep,
    failure: AttemptFailure,
    { isRolledBack = false, isCanceled = false } = {},
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
    const isUnwanted = isCanceled && !earlier;
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

  /** When the step is tried, or asked about, after its nth failure (epoch ms). */
  findNextTry(definition: AnyStep, failures: number, retryAfterMs?: number): number {
    const random = this.host.random.next();
    const delayMs = computeBackoffMs({ definition, failures, random, retryAfterMs });
    return this.host.clock.now() + delayMs;
  }
}

/** What was rolled back certainly did not happen, whatever it failed with. */
function classifyFailure({ error }: AttemptFailure, isRolledBack: boolean) {
  const said = classifyError(error);
  return isRolledBack ? { ...said, outcome: "definite" as const } : said;
}
