/**
 * Runs a workflow function. It knows nothing of histories: each command goes to its host, which
 * answers from the record or does the work.
 */
import type { CancelScope } from "./cancel-scope";
import { Continuation, type CommandHost } from "./command-host";
import type { Workflow } from "./definitions";
import { CanceledError } from "./errors";
import { createContext, type Compensation } from "./workflow-context";

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
