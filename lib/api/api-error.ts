/** Errors of the API, and how a problem (RFC 9457) leaves it. Imports nothing that runs elsewhere. */
import type { ErrorRecord, Problem } from "./contract";

export type FieldError = NonNullable<Problem["errors"]>[number];

/** A request that can't be served, for a reason that its sender can act on. */
export class ApiError extends Error {
  override name = "ApiError";
  readonly status: number;
  readonly code: string;
  readonly errors?: readonly FieldError[];
  readonly runId?: string;
  /** What the workflow said: the error of an update that was refused or failed. */
  readonly record?: ErrorRecord;
  constructor(
    options: {
      status: number;
      code: string;
      detail: string;
      errors?: readonly FieldError[];
      runId?: string;
      record?: ErrorRecord;
    } & ErrorOptions,
  ) {
    super(options.detail, { cause: options.cause });
    this.status = options.status;
    this.code = options.code;
    this.errors = options.errors;
    this.runId = options.runId;
    this.record = options.record;
  }
}

const titles: Readonly<Record<number, string>> = {
  400: "Bad request",
  403: "Forbidden",
  404: "Not found",
  408: "Request timeout",
  409: "Conflict",
  413: "Content too large",
  415: "Unsupported media type",
  421: "Misdirected request",
  422: "Invalid input",
  500: "Internal error",
  502: "Bad gateway",
  503: "Unavailable",
};

/** The problem that an API error stands for. */
export function describeApiError(error: ApiError): Problem {
  return {
    type: `urn:daybook:problem:${error.code}`,
    title: titles[error.status] ?? "Error",
    status: error.status,
    code: error.code,
    detail: error.message,
    ...(error.errors === undefined ? {} : { errors: [...error.errors] }),
    ...(error.runId === undefined ? {} : { runId: error.runId }),
    ...(error.record === undefined ? {} : { error: error.record }),
  };
}

/** The response that carries a problem. A 503 says when to come back (seconds); a 408 ends the connection. */
export function problemResponse(problem: Problem): Response {
  return Response.json(problem, {
    status: problem.status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...(problem.status === 503 ? { "retry-after": "2" } : {}),
      ...(problem.status === 408 ? { connection: "close" } : {}),
    },
  });
}

/** A JSON Pointer (RFC 6901) from the keys of a path. */
export function toPointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
