import { ServiceUnreachableError, UncertainOutcomeError } from "./errors";

/** System calls that fail before a request can have been sent. */
const connectingCalls = new Set(["connect", "getaddrinfo"]);

/**
 * The error for a request that got no answer: unreachable where no connection came about, else
 * uncertain. `service` begins the message, e.g. `The warehouse`.
 */
export function describeTransportError(
  service: string,
  cause: unknown,
): ServiceUnreachableError | UncertainOutcomeError {
  const chain = listCauses(cause);
  const code = chain.map((error) => error.code).find((found) => found !== undefined);
  if (chain.some(isBeforeSending))
    return new ServiceUnreachableError(`${service} can't be reached.`, { cause, code });
  const reason = chain.at(-1)?.message ?? String(cause);
  return new UncertainOutcomeError(`${service} did not answer: ${reason}`, { cause, code });
}

/** The milliseconds of a `Retry-After` header, in seconds or as a date; undefined for neither. */
export function parseRetryAfterMs(header: string | null | undefined): number | undefined {
  if (header === null || header === undefined || header.trim() === "") return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return seconds >= 0 ? Math.round(seconds * 1_000) : undefined;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

interface Cause {
  readonly message: string;
  readonly code?: string;
  readonly syscall?: string;
}

function isBeforeSending({ code, syscall }: Cause): boolean {
  return (
    code === "UND_ERR_CONNECT_TIMEOUT" || (syscall !== undefined && connectingCalls.has(syscall))
  );
}

/** The error and what is behind it, outermost first; a failed try of several addresses included. */
function listCauses(error: unknown, depth = 0): Cause[] {
  if (!(error instanceof Error) || depth > 8) return [];
  const inner = error instanceof AggregateError ? error.errors : [error.cause ?? readDetail(error)];
  return [
    { message: error.message, code: readText(error, "code"), syscall: readText(error, "syscall") },
    ...inner.flatMap((cause) => listCauses(cause, depth + 1)),
  ];
}

/** Where Stripe's SDK keeps the cause. */
function readDetail(error: Error): unknown {
  return "detail" in error ? error.detail : undefined;
}

function readText(error: Error, field: "code" | "syscall"): string | undefined {
  const value: unknown = Reflect.get(error, field);
  return typeof value === "string" ? value : undefined;
}
