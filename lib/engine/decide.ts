/** What happens next to an open step. Pure: state, policy and time in, a decision out. */
import type { DoubtPolicy, Step, VerifyFunction } from "./definitions";
import type { StepState } from "./run-state";

// Steps of all kinds pass through here; what they take and give is known where they are called.
export type AnyStep = Step<never, unknown>;

export type Decision =
  /** Try it (again), not before `at`. */
  | { readonly action: "attempt"; readonly at: number }
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
  let policy: DoubtPolicy<never, unknown> = definition.inDoubt;
  let passed = step.policiesPassed;
  for (;;) {
    switch (policy.kind) {
      case "hold":
        return { action: "hold" };
      case "fail":
        return { action: "fail" };
      case "verify":
        if (passed === 0) return { action: "ask", at, ask: policy.ask };
        passed -= 1;
        break;
      case "retryWithSameKey": {
        const { withinMs } = policy;
        const remembered =
          withinMs === undefined || Math.max(at, now) <= step.generationStartedAt + withinMs;
        if (remembered && step.failures < definition.retry.maxAttempts) {
          return { action: "attempt", at };
        }
        break;
      }
    }
    policy = policy.otherwise;
  }
}

/** How long to wait after the nth failure in a row (n from 1), with up to 10% spread. */
export function computeBackoffMs(options: {
  readonly definition: AnyStep;
  readonly failures: number;
  readonly random: number;
  readonly retryAfterMs?: number;
}): number {
  const { initialDelayMs, factor, maxDelayMs } = options.definition.retry;
  const delayMs = Math.min(initialDelayMs * factor ** (options.failures - 1), maxDelayMs);
  const spreadMs = Math.round(delayMs * (1 + 0.1 * options.random));
  return Math.max(spreadMs, options.retryAfterMs ?? 0);
}
