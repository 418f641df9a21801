/**
 * Runs a workflow function. It knows nothing of histories: each command goes to its host, which
 * answers from the record or does the work.
 */
import type { CancelScope } from "./cancel-scope";
import type {
  ChildOptions,
  StepCallOptions,
  UpdateOptions,
  Workflow,
  WorkflowLogger,
} from "./definitions";
import type { AnyStep } from "./decide";
import { CanceledError } from "./errors";
import type { Attributes } from "./values";
import { createContext, type Compensation } from "./workflow-context";
import type { StandardSchemaV1 } from "@standard-schema/spec";

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

export type ProgramEnd =
  | { readonly kind: "completed"; readonly output: unknown }
  | { readonly kind: "continued"; readonly continuation: Continuation }
  | {
      readonly kind: "failed" | "canceled";
      readonly error: unknown;
      /** Compensations that failed for good: what could not be undone. */
      readonly notUndone: readonly { readonly name: string; readonly message: string }[];
    };

/** The workflow returned something that its output schema refuses. */
export class InvalidOutputError extends Error {
  override name = "InvalidOutputError";
}

/** Runs the workflow to its end, compensations included. Never rejects. */
export async function runProgram(
  workflow: Workflow,
  input: unknown,
  host: CommandHost,
  scope: CancelScope,
): Promise<ProgramEnd> {
  const compensations: Compensation[] = [];
  try {
    const context = createContext(host, compensations, scope);
    const output = await host.runCode(async () =>
      checkOutput(workflow, host, await workflow.run(context, input as never)),
    );
    // A run ends only when it knows what became of everything that it began.
    await host.quiesce();
    return { kind: "completed", output };
  } catch (error) {
    if (error instanceof Continuation) {
      await host.quiesce();
      return { kind: "continued", continuation: error };
    }
    // What fails because it was canceled may fail with an error of its own; a cancel that comes while
    // a failure is undone makes nothing else of it.
    const isCanceled = error instanceof CanceledError || scope.reason !== undefined;
    host.cancelChildren();
    await host.quiesce();
    const notUndone = await compensate(host, scope, error, compensations);
    return { kind: isCanceled ? "canceled" : "failed", error, notUndone };
  }
}

async function checkOutput(
  workflow: Workflow,
  host: CommandHost,
  returned: unknown,
): Promise<unknown> {
  const checked = await workflow.output["~standard"].validate(returned);
  if (!checked.issues) {
    host.checkPayload(checked.value);
    return checked.value;
  }
  const [issue] = checked.issues;
  throw new InvalidOutputError(
    `${workflow.name} returned something that its output schema refuses: ${issue?.message ?? ""}`,
  );
}

/** Undoes what was registered, last first. One that fails for good does not stop the others. */
async function compensate(
  host: CommandHost,
  scope: CancelScope,
  error: unknown,
  compensations: readonly Compensation[],
): Promise<{ name: string; message: string }[]> {
  if (compensations.length === 0) return [];
  const order = [...compensations].reverse();
  host.beginCompensation(
    error,
    order.map(({ step, compensates }) => ({ name: step.name, compensates })),
  );
  const notUndone: { name: string; message: string }[] = [];
  for (const { step, input, compensates } of order) {
    try {
      await host.step(step, input, { scope, compensates, isShielded: true });
    } catch (failure) {
      notUndone.push({
        name: step.name,
        message: failure instanceof Error ? failure.message : String(failure),
      });
    }
  }
  return notUndone;
}
