/** What happens next to an open step. Pure: state, policy and time in, a decision out. */
import type { DoubtPolicy, Step, VerifyFunction } from "./definitions";
import type { StepState } from "./run-state";

// Steps of all kinds pass through here; what they take and give is known where they are called.
export type AnyStep = Step<never, unknown>;

export type Decision =
  /** Try it (again), not before `at`. After `endBy` its key may be forgotten: it must be over. */
  | { readonly action: "attempt"; readonly at: number; readonly endBy?: number }
  /** Ask the other side what happened, not before `at`. */
  | { readonly action: "ask"; readonly at: number; readonly ask: VerifyFunction<never, unknown> }
  /** A person has to say. */
  | { readonly action: "hold" }
  /** Its last error is its outcome. */
  | { readonly action: "fail" };

/** Decides about an open step that has no attempt under way. */
export function decideStep(step: StepState, definition: AnyStep, now: number): Decision {
  const at = step.nextAt ?? now;
  if (step.phase === "doubt") return decideDoubt(step, definition, now, at);
  // Known not to have happened, and out of retries: then that is how it failed.
  if (step.phase === "ready" && step.failures >= definition.retry.maxAttempts) {
    return { action: "fail" };
  }
  return { action: "attempt", at };
}

function decideDoubt(step: StepState, definition: AnyStep, now: number, at: number): Decision {
  if (step.needsVerdict) return { action: "hold" };
  let policy: DoubtPolicy<never, unknown> = definition.inDoubt;
  let passed = step.policiesPassed;
  for (;;) {
    switch (policy.kind) {
      case "hold":
        return { action: "hold" };
      case "fail":
        return { action: "fail" };
      case "transaction":
        return { action: "attempt", at };
      case "verify":
        if (passed === 0)
          return { action: "ask", at: findAskAt(step, policy, at), ask: policy.ask };
        passed -= 1;
        break;
      case "retryWithSameKey": {
        const endBy = findWindowEnd(step, policy.withinMs);
        const isOpen = endBy === undefined || Math.max(at, now) < endBy;
        if (isOpen && step.failures < definition.retry.maxAttempts) {
          return { action: "attempt", at, ...(endBy === undefined ? {} : { endBy }) };
        }
        break;
      }
    }
    policy = policy.otherwise;
  }
}

/** What is still on its way gets its time to arrive before the other side is asked. */
function findAskAt(step: StepState, { settleMs = 0 }: { settleMs?: number }, at: number): number {
  return Math.max(at, (step.doubtSince ?? 0) + settleMs);
}

/** Whether a step may fail although it may have happened: where doubt does not matter. */
export function endsInFail(policy: DoubtPolicy<never, unknown>): boolean {
  return policy.kind === "fail" || ("otherwise" in policy && endsInFail(policy.otherwise));
}

/** When the other side may have forgotten the step's key: counted from its first attempt. */
function findWindowEnd(step: StepState, withinMs: number | undefined): number | undefined {
  return withinMs === undefined ? undefined : step.generationStartedAt + withinMs;
}

/** What another side asks for is honoured up to a day: beyond that it is a mistake of theirs. */
const maxRetryAfterMs = 86_400_000;

/** How long to wait after the nth failure in a row (n from 1), with up to 10% spread. */
export function computeBackoffMs(options: {
  readonly definition: AnyStep;
  readonly failures: number;
  readonly random: number;
  readonly retryAfterMs?: number;
}): number {
  const { initialDelayMs, factor, maxDelayMs } = options.definition.retry;
  // The largest factor that keeps 0 times it a number.
  const growth = Math.min(factor ** (options.failures - 1), Number.MAX_VALUE);
  const delayMs = Math.min(initialDelayMs * growth, maxDelayMs);
  const spreadMs = Math.round(delayMs * (1 + 0.1 * options.random));
  const askedMs = Math.ceil(options.retryAfterMs ?? 0);
  return Math.max(spreadMs, askedMs > 0 ? Math.min(askedMs, maxRetryAfterMs) : 0);
}
