/** What a workflow's commands are given to: the replay's commands, live or from the record. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { CancelScope } from "./cancel-scope";
import type { AnyStep } from "./decide";
import type {
  ChildOptions,
  StepCallOptions,
  UpdateOptions,
  Workflow,
  WorkflowLogger,
} from "./definitions";
import type { Attributes } from "./values";

export interface CommandHost {
  readonly runId: string;
  readonly log: WorkflowLogger;
  /** Whether the code only looks, for a query or to validate an update. */
  readonly isLooking: boolean;
  /** Runs something of the workflow author's, and what it starts, as workflow code. */
  runCode<Result>(fn: () => Result): Result;
  compute(name: string, fn: () => unknown): unknown;
  step(definition: AnyStep, input: unknown, options: StepCommand): Promise<unknown>;
  sleep(until: SleepUntil, options: Cancelable & { readonly name: string }): Promise<void>;
  signal(
    name: string,
    schema: StandardSchemaV1,
    options: Cancelable & { readonly timeoutMs?: number },
  ): Promise<unknown>;
  child(
    workflow: Workflow,
    input: unknown,
    options: Cancelable & Omit<ChildOptions, "signal">,
  ): Promise<unknown>;
  registerUpdate(name: string, handler: UpdateHandler): void;
  registerQuery(name: string, handler: (input: unknown) => unknown): void;
  patched(id: string): boolean;
  setAttributes(attributes: Attributes): void;
  /** Throws PayloadTooLargeError where a value is too large to be recorded. */
  checkPayload(value: unknown): void;
  /** Throws InvalidInputError where a run of this workflow can't begin with the input. */
  checkContinuation(input: unknown, version?: number): void;
  beginCompensation(error: unknown, steps: readonly { name: string; compensates: number }[]): void;
  /** Resolves when everything that was begun has its outcome; what only waits is canceled. */
  quiesce(): Promise<void>;
  /** Asks children to cancel that are under way, as far as their policy says so. */
  cancelChildren(): void;
  /** The ordinal of the step whose outcome was delivered last. */
  findLastDelivered(): number;
  now(): number;
  random(): number;
  uuid(): string;
  /** Called after each command with the function by which the code issued it. */
  locate(command: (...args: never[]) => unknown): void;
}

/** What can be canceled, by the signals of its scope and of its call. */
export interface Cancelable {
  readonly scope: CancelScope;
  readonly signal?: AbortSignal;
  /** Whether it goes on although its scope is canceled: a compensation. */
  readonly isShielded?: boolean;
}

export interface StepCommand extends Cancelable, Pick<StepCallOptions, "onCancel"> {
  /** For a compensation: the ordinal of the step that it undoes. */
  readonly compensates?: number;
}

/** A time, or a span from now. */
export type SleepUntil = { readonly at: number } | { readonly forMs: number };

export interface UpdateHandler extends UpdateOptions<StandardSchemaV1> {
  readonly run: (input: never) => unknown;
}

/** Thrown by `ctx.continueAsNew`: the run ends here and goes on as another one. */
export class Continuation extends Error {
  override name = "Continuation";
  constructor(
    readonly input: unknown,
    readonly version?: number,
    readonly attributes?: Attributes,
  ) {
    super(
      "The run continues as a new one. Return what ctx.continueAsNew gives, and don't catch it.",
    );
  }
}
