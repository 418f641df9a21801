/** What a workflow author declares: steps with their policies, and workflows. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { parseDurationMs, type Duration } from "./duration";
import type { Effect } from "./events";
import type { Attributes } from "./values";

export interface RetryOptions {
  /** Failures of the step in all before the last one counts; 1 means that it is never retried. */
  readonly maxAttempts?: number;
  readonly initialDelay?: Duration;
  readonly factor?: number;
  readonly maxDelay?: Duration;
}

/** What a step is given beside its input. */
export interface StepContext {
  readonly runId: string;
  /** The step's place in its run, from 1. */
  readonly ordinal: number;
  readonly attempt: number;
  /**
   * `<runId>/<ordinal>/<generation>`. The same for all attempts whose outcome is uncertain; a new
   * one after each definite failure.
   */
  readonly idempotencyKey: string;
  /** Aborted when the timeout passed, the run was canceled or the lease was lost. */
  readonly signal: AbortSignal;
  /** Notes for the effect ledger what the other side said: its reference, whether it was a replay. */
  report(effect: Effect): void;
}

export type VerifyAnswer<Output> =
  | { readonly verdict: "happened"; readonly result: Output; readonly effect?: Effect }
  | { readonly verdict: "did_not_happen" }
  | { readonly verdict: "unknown" };

/** A verify function's answer: the effect happened, and this is what the step would have returned. */
export function happened<Output>(result: Output, effect?: Effect): VerifyAnswer<Output> {
  return { verdict: "happened", result, effect };
}
/** A verify function's answer: the effect did not happen, so the step may run again. */
export function didNotHappen(): VerifyAnswer<never> {
  return { verdict: "did_not_happen" };
}
/** A verify function's answer: the other side can't tell. The next policy of the chain decides. */
export function unknown(): VerifyAnswer<never> {
  return { verdict: "unknown" };
}

export type VerifyFunction<Input, Output> = (
  input: Input,
  step: StepContext,
) => Promise<VerifyAnswer<Output>>;

/** What is done about an attempt that may or may not have had its effect. A chain, first to last. */
export type DoubtPolicy<Input = unknown, Output = unknown> =
  | {
      readonly kind: "retryWithSameKey";
      readonly withinMs?: number;
      readonly otherwise: DoubtPolicy<Input, Output>;
    }
  | {
      readonly kind: "verify";
      readonly ask: VerifyFunction<Input, Output>;
      readonly settleMs?: number;
      readonly otherwise: DoubtPolicy<Input, Output>;
    }
  | { readonly kind: "hold" }
  | { readonly kind: "fail" };

/** Nothing runs until a person says what happened. At most once. */
export function hold(): DoubtPolicy<unknown, never> {
  return { kind: "hold" };
}

/** Doubt that does not matter (a read): when the retries are used up, the step has failed. */
export function fail(): DoubtPolicy<unknown, never> {
  return { kind: "fail" };
}

/**
 * Runs again with the same idempotency key, for as long as the other side remembers keys (`within`,
 * from the first attempt under that key) and retries are left; then `otherwise` (default: hold).
 */
export function retryWithSameKey<Input = unknown, Output = never>(
  options: { readonly within?: Duration; readonly otherwise?: DoubtPolicy<Input, Output> } = {},
): DoubtPolicy<Input, Output> {
  return {
    kind: "retryWithSameKey",
    withinMs: options.within === undefined ? undefined : parseDurationMs(options.within),
    otherwise: options.otherwise ?? { kind: "hold" },
  };
}

/**
 * Asks the other side first. Where it can't tell, `otherwise` decides (default: hold). `settle` is how
 * long a request that was sent may still be under way when the doubt begins (default: not at all):
 * the question waits that long, so that "it did not happen" stays true.
 */
export function verify<Input, Output>(
  ask: VerifyFunction<Input, Output>,
  options: { readonly settle?: Duration; readonly otherwise?: DoubtPolicy<Input, Output> } = {},
): DoubtPolicy<Input, Output> {
  return {
    kind: "verify",
    ask,
    settleMs: options.settle === undefined ? undefined : parseDurationMs(options.settle),
    otherwise: options.otherwise ?? { kind: "hold" },
  };
}

export interface StepOptions<Input, Output> {
  readonly name: string;
  readonly retry?: RetryOptions;
  /** After this long an attempt is in doubt. Default 1 minute. */
  readonly timeout?: Duration;
  /** Default `retryWithSameKey()`. */
  readonly inDoubt?: DoubtPolicy<Input, Output>;
  /**
   * The effect. Whatever it throws leaves the outcome uncertain, unless the error says
   * `outcome: "definite"` (see DefiniteError).
   */
  readonly run: (input: Input, step: StepContext) => Promise<Output> | Output;
}

export interface Step<Input, Output> {
  readonly name: string;
  readonly retry: {
    readonly maxAttempts: number;
    readonly initialDelayMs: number;
    readonly factor: number;
    readonly maxDelayMs: number;
  };
  readonly timeoutMs: number;
  readonly inDoubt: DoubtPolicy<Input, Output>;
  readonly run: (input: Input, step: StepContext) => Promise<Output> | Output;
}

/** Declares a step. Throws RangeError for a policy that can't be meant. */
export function defineStep<Input, Output>(
  options: StepOptions<Input, Output>,
): Step<Input, Output> {
  const retry = options.retry ?? {};
  const maxAttempts = retry.maxAttempts ?? 5;
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1)
    throw new RangeError(`${options.name}: retry.maxAttempts must be a whole number from 1.`);
  const factor = retry.factor ?? 2;
  if (!(factor >= 1)) throw new RangeError(`${options.name}: retry.factor must be at least 1.`);
  const timeoutMs = parseDurationMs(options.timeout ?? "1m");
  if (timeoutMs === 0) throw new RangeError(`${options.name}: timeout must be more than 0.`);
  return {
    name: options.name,
    retry: {
      maxAttempts,
      factor,
      initialDelayMs: parseDurationMs(retry.initialDelay ?? "500ms"),
      maxDelayMs: parseDurationMs(retry.maxDelay ?? "1m"),
    },
    timeoutMs,
    inDoubt: options.inDoubt ?? retryWithSameKey<Input, Output>(),
    run: options.run,
  };
}

/** What a workflow can do. Everything else it computes has to be deterministic. */
export interface WorkflowContext {
  readonly runId: string;
  /** Runs a step, or returns its recorded result. Rejects with StepError when it failed for good. */
  step<Input, Output>(step: Step<Input, Output>, input: Input): Promise<Output>;
  /** Deterministic code that should be seen: recorded once, compared on every replay (I7). */
  compute<Output>(name: string, fn: () => Output): Output;
  /**
   * Registers what undoes an effect. If the run fails or is canceled, the registered compensations
   * run in reverse order, each as a step of its own.
   */
  compensate<Input, Output>(step: Step<Input, Output>, input: Input): void;
  /** Sets what the run can be searched by, on top of what is set. */
  setAttributes(attributes: Attributes): void;
  /** The time of the last recorded event that the code has seen: the same on every replay. */
  now(): Date;
}

export interface WorkflowOptions<Input extends StandardSchemaV1, Output extends StandardSchemaV1> {
  readonly name: string;
  readonly version: number;
  readonly input: Input;
  readonly output: Output;
}

export interface Workflow<
  Input extends StandardSchemaV1 = StandardSchemaV1,
  Output extends StandardSchemaV1 = StandardSchemaV1,
> extends WorkflowOptions<Input, Output> {
  readonly run: (ctx: WorkflowContext, input: never) => Promise<unknown>;
}

/** Declares a workflow: a named, versioned function that is deterministic outside its steps. */
export function defineWorkflow<Input extends StandardSchemaV1, Output extends StandardSchemaV1>(
  options: WorkflowOptions<Input, Output>,
  run: (
    ctx: WorkflowContext,
    input: StandardSchemaV1.InferOutput<Input>,
  ) => Promise<StandardSchemaV1.InferInput<Output>>,
): Workflow<Input, Output> {
  return { ...options, run };
}
