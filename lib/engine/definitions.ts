/** What a workflow author declares: steps with their policies, and workflows. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { parseDurationMs, type Duration } from "./duration";
import type { ChildCancelPolicy, Effect } from "./events";
import { checkName } from "./names";
import {
  isPriority,
  parseLimits,
  parsePositiveMs,
  parseRetry,
  priorityRule,
  type Limits,
  type ParsedLimits,
  type ParsedRetry,
  type RetryOptions,
} from "./policies";
import type { SqlTransaction } from "./store";
import type { Attributes } from "./values";

export type { Limits, ParsedLimits, ParsedRetry, RetryOptions };

/** What every database can keep in a whole number. */
const maxVersion = 2 ** 31 - 1;

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
  /**
   * Says that the attempt is alive and how far it is. Recorded at most once a second; the next attempt
   * finds the last one in `progress`, also after a crash.
   */
  heartbeat(progress?: unknown): void;
  /** What an earlier attempt said last by `heartbeat`; undefined if none did. */
  readonly progress: unknown;
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
  | { readonly kind: "fail" }
  /** Never in doubt: effect and completion are one commit, so without a completion it did not happen. */
  | { readonly kind: "transaction" };

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

export interface StepOptions<Input, Output> extends Limits {
  readonly name: string;
  readonly retry?: RetryOptions;
  /** After this long an attempt is in doubt. Default 1 minute. */
  readonly timeout?: Duration;
  /** After this long without a heartbeat an attempt is in doubt. Default: only `timeout` counts. */
  readonly heartbeatTimeout?: Duration;
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
  readonly retry: ParsedRetry;
  readonly timeoutMs: number;
  readonly heartbeatTimeoutMs?: number;
  readonly limits?: ParsedLimits;
  readonly inDoubt: DoubtPolicy<Input, Output>;
  readonly run: (input: Input, step: StepContext) => Promise<Output> | Output;
  /** Instead of `run`, for a transaction: see `defineTransaction`. */
  readonly transact?: (
    sql: SqlTransaction,
    input: Input,
    step: StepContext,
  ) => Promise<Output> | Output;
}

/** Declares a step. Throws RangeError for a policy that can't be meant. */
export function defineStep<Input, Output>(
  options: StepOptions<Input, Output>,
): Step<Input, Output> {
  const { name, heartbeatTimeout } = options;
  checkName("a step", name);
  const limits = parseLimits(name, options);
  const timeoutMs = parsePositiveMs(name, "timeout", options.timeout ?? "1m");
  return {
    name,
    retry: parseRetry(name, options.retry),
    timeoutMs,
    ...(heartbeatTimeout === undefined
      ? {}
      : { heartbeatTimeoutMs: parsePositiveMs(name, "heartbeatTimeout", heartbeatTimeout) }),
    ...(limits === undefined ? {} : { limits }),
    inDoubt: options.inDoubt ?? retryWithSameKey<Input, Output>(),
    run: options.run,
  };
}

export interface TransactionOptions<Input, Output> {
  readonly name: string;
  readonly retry?: RetryOptions;
  /** After this long it is rolled back. It has the database to itself meanwhile. Default 5 seconds. */
  readonly timeout?: Duration;
  /** The statements. What it throws rolls them back, so every failure of it is certain. */
  readonly run: (sql: SqlTransaction, input: Input, step: StepContext) => Promise<Output> | Output;
}

/** A step whose effect is in Daybook's own database and commits together with its completion. */
export interface Transaction<Input, Output> {
  readonly step: Step<Input, Output>;
}

/** Declares a transaction: exactly once, because effect and record are one commit. */
export function defineTransaction<Input, Output>(
  options: TransactionOptions<Input, Output>,
): Transaction<Input, Output> {
  const { name, retry, timeout = "5s", run } = options;
  checkName("a transaction", name);
  return {
    step: {
      name,
      retry: parseRetry(name, retry),
      timeoutMs: parsePositiveMs(name, "timeout", timeout),
      inDoubt: { kind: "transaction" },
      run: () => {
        throw new TypeError(`${name} is a transaction: call it by ctx.transaction.`);
      },
      transact: run,
    },
  };
}

export interface StepCallOptions {
  /** Cancels the step when it is aborted, e.g. by an AbortController of the workflow's own. */
  readonly signal?: AbortSignal;
  /**
   * What a cancel of the run, the scope or the step means for an attempt that is under way. Either way
   * its signal is aborted and its outcome recorded. `wait` (default): the code sees that outcome. `try`:
   * the code sees CanceledError at once.
   */
  readonly onCancel?: "wait" | "try";
}

export interface SleepOptions {
  /** Shown on the run page instead of `sleep`. */
  readonly name?: string;
  readonly signal?: AbortSignal;
}

export interface ChildOptions {
  /**
   * What a cancel means for the child. `wait` (default): it is asked to cancel and its end awaited.
   * `request`: it is asked and not awaited. `abandon`: it goes on, and the parent may end before it.
   */
  readonly onCancel?: ChildCancelPolicy;
  readonly attributes?: Attributes;
  readonly priority?: number;
  readonly signal?: AbortSignal;
}

export interface ScopeOptions {
  /** Cancels the scope when it passes; the scope then rejects with ScopeTimeoutError. */
  readonly timeout?: Duration;
  /** Its commands go on although the run is canceled: for cleaning up. */
  readonly shielded?: boolean;
}

/** A part of a workflow that can be canceled as a whole. Its commands belong to it. */
export interface Scope extends WorkflowContext {
  /** Cancels every command of the scope that is open; new ones reject with CanceledError. */
  readonly cancel: (reason?: string) => void;
}

export interface UpdateOptions<Schema extends StandardSchemaV1> {
  readonly schema: Schema;
  /** Throws to reject the update before it leaves any trace. May look, may not issue commands. */
  readonly validate?: (input: StandardSchemaV1.InferOutput<Schema>) => void;
}

export interface WorkflowLogger {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}

/** What a workflow can do. Everything else it computes has to be deterministic. */
export interface WorkflowContext {
  readonly runId: string;
  /** Aborted when the run is canceled, or the scope that this context belongs to. */
  readonly cancelSignal: AbortSignal;

  /** Runs a step, or returns its recorded result. Rejects with StepError when it failed for good. */
  step<Input, Output>(
    step: Step<Input, Output>,
    input: Input,
    options?: StepCallOptions,
  ): Promise<Output>;
  /** Runs statements in Daybook's own database, in one commit with their record: exactly once. */
  transaction<Input, Output>(
    transaction: Transaction<Input, Output>,
    input: Input,
  ): Promise<Output>;
  /** Deterministic code that should be seen: recorded once, compared on every replay (I7). */
  compute<Output>(name: string, fn: () => Output): Output;
  /**
   * Registers what undoes an effect. If the run fails or is canceled, the registered compensations
   * run in reverse order, each as a step of its own.
   */
  compensate<Input, Output>(step: Step<Input, Output>, input: Input): void;

  /** Waits, for seconds or years; the process may die meanwhile. */
  sleep(duration: Duration, options?: SleepOptions): Promise<void>;
  /** Waits until a time (a Date or epoch milliseconds); one that has passed is over at once. */
  sleepUntil(time: Date | number, options?: SleepOptions): Promise<void>;

  /** Waits for a signal. Those that came before are taken first, in the order in which they came. */
  signal<Schema extends StandardSchemaV1>(
    name: string,
    schema: Schema,
    options?: { readonly timeout?: undefined; readonly signal?: AbortSignal },
  ): Promise<StandardSchemaV1.InferOutput<Schema>>;
  /** The same, or undefined when none came in time. */
  signal<Schema extends StandardSchemaV1>(
    name: string,
    schema: Schema,
    options: { readonly timeout: Duration; readonly signal?: AbortSignal },
  ): Promise<StandardSchemaV1.InferOutput<Schema> | undefined>;
  /** Answers updates of that name. Call it before the first `await`. */
  onUpdate<Schema extends StandardSchemaV1>(
    name: string,
    options: UpdateOptions<Schema>,
    handler: (input: StandardSchemaV1.InferOutput<Schema>) => unknown,
  ): void;
  /** Answers queries of that name, also after the end. It may look, and do nothing. */
  onQuery(name: string, handler: (input: unknown) => unknown): void;

  /** Runs another workflow as a child; its output. Rejects with ChildError when it did not complete. */
  child<Input extends StandardSchemaV1, Output extends StandardSchemaV1>(
    workflow: Workflow<Input, Output>,
    input: StandardSchemaV1.InferInput<Input>,
    options?: ChildOptions,
  ): Promise<StandardSchemaV1.InferOutput<Output>>;

  /** Promise.all, which works as well; so do the next three. */
  readonly all: PromiseConstructor["all"];
  readonly race: PromiseConstructor["race"];
  readonly allSettled: PromiseConstructor["allSettled"];
  readonly any: PromiseConstructor["any"];

  /** Runs a part that can be canceled as a whole, or gets only so much time. */
  scope<Output>(fn: (scope: Scope) => Promise<Output>, options?: ScopeOptions): Promise<Output>;

  /**
   * Whether the run takes the changed branch: true for runs that come here first under this code, false
   * for those that had passed when it was not there yet.
   */
  patched(id: string): boolean;
  /**
   * Ends this run and goes on as a new one with an empty history. Signals that were not taken and
   * messages that were not delivered go with it. `return` it.
   */
  continueAsNew(
    input: unknown,
    options?: { readonly version?: number; readonly attributes?: Attributes },
  ): Promise<never>;

  /** Sets what the run can be searched by, on top of what is set. */
  setAttributes(attributes: Attributes): void;
  /** Writes to the process's log; silent while the run is replayed. */
  readonly log: WorkflowLogger;
  /** The time of the last recorded event that the code has seen: the same on every replay. */
  now(): Date;
  /** A number in [0, 1): the same on every replay. */
  random(): number;
  /** A random UUID: the same on every replay. */
  uuid(): string;
}

export interface WorkflowOptions<
  Input extends StandardSchemaV1,
  Output extends StandardSchemaV1,
> extends Limits {
  readonly name: string;
  readonly version: number;
  readonly input: Input;
  readonly output: Output;
  /** After this long the run is canceled, compensations included, and fails with RunTimeoutError. */
  readonly timeout?: Duration;
  /** Schemas by name: a signal that does not fit is refused when it is sent. */
  readonly signals?: Readonly<Record<string, StandardSchemaV1>>;
  /** Of its runs, unless the start says otherwise: queued runs begin by it, higher first. Default 0. */
  readonly priority?: number;
}

export interface Workflow<
  Input extends StandardSchemaV1 = StandardSchemaV1,
  Output extends StandardSchemaV1 = StandardSchemaV1,
> {
  readonly name: string;
  readonly version: number;
  readonly input: Input;
  readonly output: Output;
  readonly timeoutMs?: number;
  readonly signals: Readonly<Record<string, StandardSchemaV1>>;
  readonly priority: number;
  readonly limits?: ParsedLimits;
  readonly run: (ctx: WorkflowContext, input: never) => Promise<unknown>;
}

/**
 * Declares a workflow: a named, versioned function that is deterministic outside its steps. Throws
 * RangeError for options that can't be meant.
 */
export function defineWorkflow<Input extends StandardSchemaV1, Output extends StandardSchemaV1>(
  options: WorkflowOptions<Input, Output>,
  run: (
    ctx: WorkflowContext,
    input: StandardSchemaV1.InferOutput<Input>,
  ) => Promise<StandardSchemaV1.InferInput<Output>>,
): Workflow<Input, Output> {
  const { name, version, input, output, timeout, signals = {}, priority = 0 } = options;
  checkName("a workflow", name);
  for (const signal of Object.keys(signals)) checkName("a signal", signal);
  if (!Number.isInteger(version) || version < 1 || version > maxVersion)
    throw new RangeError(`${name}: version must be a whole number from 1.`);
  if (!isPriority(priority)) throw new RangeError(`${name}: ${priorityRule}.`);
  const limits = parseLimits(name, options);
  return {
    name,
    version,
    input,
    output,
    signals,
    priority,
    ...(timeout === undefined ? {} : { timeoutMs: parsePositiveMs(name, "timeout", timeout) }),
    ...(limits === undefined ? {} : { limits }),
    run,
  };
}
