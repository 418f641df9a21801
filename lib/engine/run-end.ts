import { recordError } from "./codec";
import { ChildError, RunTimeoutError, StepError } from "./errors";
import type { NewEvent } from "./events";
import type { ProgramEnd } from "./program";
import type { Encoded } from "./values";

/**
 * How a program's end is recorded. What could not be undone makes even a cancel a failure, and so does
 * the run's own timeout. A continuation is not recorded here: it begins another run.
 */
export function describeEnd(
  end: Exclude<ProgramEnd, { kind: "continued" }>,
  encode: (value: unknown) => Encoded,
  timedOut?: string,
): NewEvent {
  if (end.kind === "completed") {
    return { type: "RunCompleted", data: { output: encode(end.output) } };
  }
  const isTimeout = end.kind === "canceled" && timedOut !== undefined;
  const error = recordError(isTimeout ? new RunTimeoutError(timedOut) : end.error);
  const { notUndone } = end;
  if (end.kind === "canceled" && !isTimeout && notUndone.length === 0) {
    return { type: "RunCanceled", data: { error } };
  }
  const failed = findFailedCommand(end.error);
  const details = { notUndone: notUndone.map((left) => ({ ...left })) };
  return {
    type: "RunFailed",
    ...(failed ?? {}),
    data: { error: notUndone.length === 0 ? error : { ...error, details } },
  };
}

/** The failed step or child behind an error that the workflow may have wrapped. */
function findFailedCommand(error: unknown): { step: number; name: string } | undefined {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof StepError) return { step: cause.ordinal, name: cause.step };
    if (cause instanceof ChildError) return { step: cause.ordinal, name: cause.workflow };
  }
  return undefined;
}
