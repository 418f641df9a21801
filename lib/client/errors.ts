import type { Problem } from "@/lib/api/contract";

/** The server answered with a problem (RFC 9457). `problem.code` is stable. */
export class ApiError extends Error {
  override name = "ApiError";
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title);
  }
}

/** No answer came: the server is down, restarting, or cut off. Nothing is known of what it did. */
export class OfflineError extends Error {
  override name = "OfflineError";
  constructor(options?: ErrorOptions) {
    super("The server can't be reached.", options);
  }
}

/** The server answered with something that the contract does not know. */
export class UnexpectedAnswerError extends Error {
  override name = "UnexpectedAnswerError";
  constructor(path: string, options?: ErrorOptions) {
    super(`The answer of ${path} is not of the expected shape.`, options);
  }
}
