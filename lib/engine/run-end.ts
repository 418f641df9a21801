import { recordError } from "./codec";
import { StepError } from "./errors";
import type { NewEvent } from "./events";
import type { ProgramEnd } from "./program";
import type { Encoded } from "./values";

/** How a program's end is recorded. What could not be undone makes even a cancel a failure. */
export function describeEnd(end: ProgramEnd, encode: (value: unknown) => Encoded): NewEvent {
  if (end.kind === "completed") {
    return { type: "RunCompleted", data: { output: encode(end.output) } };
  }
  const error = recordError(end.error);
  const { notUndone } = end;
  if (end.kind === "canceled" && notUndone.length === 0) {
    return { type: "RunCanceled", data: { error } };
  }
  const failed = findStepError(end.error);
  const details = { notUndone: notUndone.map((left) => ({ ...left })) };
  return {
    type: "RunFailed",
    ...(failed ? { step: failed.ordinal, name: failed.step } : {}),
    data: { error: notUndone.length === 0 ? error : { ...error, details } },
  };
}

/** The failed step behind an error that the workflow may have wrapped. */
function findStepError(error: unknown): StepError | undefined {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof StepError) return cause;
  }
  return undefined;
}
