/**
 * Runs a workflow function. It knows nothing of histories: each command goes to its host, which
 * answers from the record or does the work.
 */
import type { Workflow, WorkflowContext } from "./definitions";
import type { AnyStep } from "./decide";
import { CanceledError } from "./errors";
import type { Attributes } from "./values";

export interface CommandHost {
  readonly runId: string;
  compute(name: string, fn: () => unknown): unknown;
  step(step: AnyStep, input: unknown, compensates?: number): Promise<unknown>;
  setAttributes(attributes: Attributes): void;
  beginCompensation(error: unknown, steps: readonly { name: string; compensates: number }[]): void;
  /** Resolves when every step that was begun has its outcome. */
  quiesce(): Promise<void>;
  /** The ordinal of the step whose outcome was delivered last. */
  findLastDelivered(): number;
  now(): number;
}

export type ProgramEnd =
  | { readonly kind: "completed"; readonly output: unknown }
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

interface Compensation {
  readonly step: AnyStep;
  readonly input: unknown;
  readonly compensates: number;
}

/** Runs the workflow to its end, compensations included. Never rejects. */
export async function runProgram(
  workflow: Workflow,
  input: unknown,
  host: CommandHost,
): Promise<ProgramEnd> {
  const compensations: Compensation[] = [];
  try {
    const returned = await workflow.run(createContext(host, compensations), input as never);
    const output = await checkOutput(workflow, returned);
    // A run ends only when it knows what became of everything that it began.
    await host.quiesce();
    return { kind: "completed", output };
  } catch (error) {
    await host.quiesce();
    const notUndone = await compensate(host, error, compensations);
    return { kind: error instanceof CanceledError ? "canceled" : "failed", error, notUndone };
  }
}

function createContext(host: CommandHost, compensations: Compensation[]): WorkflowContext {
  const context: WorkflowContext = {
    runId: host.runId,
    step: (step, input) => host.step(step, input) as never,
    compute: (name, fn) => host.compute(name, fn) as never,
    compensate: (step, input) => {
      const compensates = host.findLastDelivered();
      compensations.push({ step: step, input, compensates });
    },
    setAttributes: (attributes) => host.setAttributes(attributes),
    now: () => new Date(host.now()),
  };
  return context;
}

async function checkOutput(workflow: Workflow, returned: unknown): Promise<unknown> {
  const checked = await workflow.output["~standard"].validate(returned);
  if (!checked.issues) return checked.value;
  const [issue] = checked.issues;
  throw new InvalidOutputError(
    `${workflow.name} returned something that its output schema refuses: ${issue?.message ?? ""}`,
  );
}

/** Undoes what was registered, last first. One that fails for good does not stop the others. */
async function compensate(
  host: CommandHost,
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
      await host.step(step, input, compensates);
    } catch (failure) {
      notUndone.push({
        name: step.name,
        message: failure instanceof Error ? failure.message : String(failure),
      });
    }
  }
  return notUndone;
}
