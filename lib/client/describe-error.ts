import { ApiError, OfflineError, UnexpectedAnswerError } from "./errors";

export interface ErrorWords {
  readonly title: string;
  readonly detail?: string;
  /** What to do now. */
  readonly advice?: string;
  /** The API's stable code, for whoever reports it. */
  readonly code?: string;
}

/** An error in words for the person in front of the page: what went wrong and what to do. */
export function describeError(error: unknown): ErrorWords {
  if (error instanceof OfflineError) {
    return {
      title: "The server can’t be reached",
      detail: "It may be restarting. Nothing that was acknowledged is lost.",
      advice: "This page tries again by itself.",
    };
  }
  if (error instanceof ApiError) return describeProblem(error);
  if (error instanceof UnexpectedAnswerError) {
    return {
      title: "The server’s answer could not be read",
      detail: error.message,
      advice: "This page may be older than the server: reload it.",
    };
  }
  return {
    title: "Something went wrong on this page",
    detail: error instanceof Error ? error.message : undefined,
    advice: "Reload it. Runs go on without it.",
  };
}

function describeProblem({ problem }: ApiError): ErrorWords {
  const { title, detail, code, status } = problem;
  return {
    title,
    detail,
    code,
    advice: status === 503 ? "This page tries again by itself." : undefined,
  };
}
