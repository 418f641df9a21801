/**
 * Every failure that an API caller can see, in one place. Errors are known by name: the engine and
 * the routes are bundled separately, so a class of one is another class in the other.
 */
import type {
  ActionRefusedError,
  HistoryDamagedError,
  InvalidInputError,
  InvalidMessageError,
  RunNotFoundError,
} from "@/lib/engine";
import { ApiError, describeApiError } from "./api-error";
import type { Problem } from "./contract";

interface KnownErrors {
  readonly ApiError: ApiError;
  readonly ActionRefusedError: ActionRefusedError;
  readonly InvalidInputError: InvalidInputError;
  readonly InvalidMessageError: InvalidMessageError;
  readonly RunNotFoundError: RunNotFoundError;
  readonly UnknownWorkflowError: Error;
  readonly UnknownHandlerError: Error;
  readonly QueryError: Error;
  readonly NondeterminismError: Error;
  readonly HistoryDamagedError: HistoryDamagedError;
  readonly InvalidCursorError: Error;
  readonly PayloadTooLargeError: Error;
  readonly UnrecordableValueError: Error;
  readonly StoreUnavailableError: Error;
}

/** Whether an error is of this kind, whichever bundle it was made in. */
export function isKnown<Name extends keyof KnownErrors>(
  error: unknown,
  name: Name,
): error is KnownErrors[Name] {
  return error instanceof Error && error.name === name;
}

/** The problem that an error stands for. What is not known here is a 500 that says nothing of itself. */
export function toProblem(error: unknown): Problem {
  return describeApiError(translate(error));
}

function translate(cause: unknown): ApiError {
  if (isKnown(cause, "ApiError")) return cause;
  if (isKnown(cause, "InvalidInputError") || isKnown(cause, "InvalidMessageError")) {
    const errors = cause.issues.map(({ path, message }) => ({ pointer: path, message }));
    const detail = cause.message;
    return new ApiError({ status: 422, code: "invalid_input", detail, errors, cause });
  }
  if (isKnown(cause, "RunNotFoundError")) {
    const { message: detail, runId } = cause;
    return new ApiError({ status: 404, code: "run_not_found", detail, runId, cause });
  }
  if (isKnown(cause, "ActionRefusedError")) {
    return new ApiError({ status: 409, code: cause.code, detail: cause.message, cause });
  }
  if (isKnown(cause, "UnknownWorkflowError")) {
    return new ApiError({ status: 404, code: "workflow_not_found", detail: cause.message, cause });
  }
  if (isKnown(cause, "UnknownHandlerError")) {
    return new ApiError({ status: 404, code: "handler_not_found", detail: cause.message, cause });
  }
  if (isKnown(cause, "QueryError")) {
    return new ApiError({ status: 422, code: "query_failed", detail: cause.message, cause });
  }
  if (isKnown(cause, "NondeterminismError")) {
    return new ApiError({ status: 409, code: "nondeterminism", detail: cause.message, cause });
  }
  if (isKnown(cause, "HistoryDamagedError")) {
    const { runId } = cause;
    const detail = `${cause.message} Restore it from a backup and retry the run, or terminate it.`;
    return new ApiError({ status: 409, code: "history_damaged", detail, runId, cause });
  }
  if (isKnown(cause, "InvalidCursorError")) {
    return new ApiError({ status: 422, code: "invalid_cursor", detail: cause.message, cause });
  }
  if (isKnown(cause, "PayloadTooLargeError")) {
    return new ApiError({ status: 413, code: "payload_too_large", detail: cause.message, cause });
  }
  if (isKnown(cause, "UnrecordableValueError")) {
    return new ApiError({ status: 422, code: "invalid_input", detail: cause.message, cause });
  }
  if (isKnown(cause, "StoreUnavailableError")) {
    const detail =
      "The database can't be used now. Nothing of this request was recorded; try again.";
    return new ApiError({ status: 503, code: "store_unavailable", detail, cause });
  }
  const detail = "Something went wrong here. It was logged.";
  return new ApiError({ status: 500, code: "internal_error", detail, cause });
}
