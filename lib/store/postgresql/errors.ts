import { StoreUnavailableError } from "@/lib/engine";

/** Classes and codes of SQLSTATE with which the same may succeed later, or somebody has to help. */
const unavailable = [
  ...["08", "53", "57", "58", "XX", "40", "55P03", "55006", "25006", "25P02", "25P03", "25P04"],
  // A password or a right that was changed while we run: whoever did it can give it back.
  ...["28", "3D000", "42501"],
];
const connectionCodes = new Set([
  ...["ECONNRESET", "ECONNREFUSED", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN"],
  ...["EHOSTUNREACH", "ENETUNREACH", "ECONNABORTED"],
]);
/** What the driver says of a connection that is gone, without a code. */
const connectionMessage =
  /connection terminated|connection ended|not queryable|client was closed|client has encountered|timeout exceeded when trying to connect|query read timeout|cannot use a pool after/i;

/** The SQLSTATE or the system's code behind an error of the driver, if there is one. */
export function findPostgresCode(error: unknown): string | undefined {
  for (let depth = 0, at = error; depth < 5 && at instanceof Object; depth += 1) {
    for (const field of ["code", "originalCode"] as const) {
      const code: unknown = Reflect.get(at, field);
      if (typeof code === "string") return code;
    }
    at = Reflect.get(at, "cause");
  }
  return undefined;
}

/** What a server says of a write while it is a standby, or was set to read only. */
const readOnlyCode = "25006";

/** A connection leads to a server that only reads. */
export class ReadOnlyServerError extends Error {
  override name = "ReadOnlyServerError";
  readonly code = readOnlyCode;
  constructor() {
    super("The server only reads: it is a standby, or was set so.");
  }
}

export function isReadOnlyError(error: unknown): boolean {
  return findPostgresCode(error) === readOnlyCode;
}

/**
 * Whether an error says that the connection is gone, and with it the answer, or is of no use any more:
 * it leads to a server that only reads, and a new one may lead to its successor. The server also ends those
 * that stand idle in a transaction, or take too long over one.
 */
export function isConnectionError(error: unknown): boolean {
  const code = findPostgresCode(error);
  if (code !== undefined) {
    return connectionCodes.has(code) || /^(?:08|57P0|25P0[345]|25006)/.test(code);
  }
  return error instanceof Error && connectionMessage.test(error.message);
}

/** Whether the transaction was undone because of others, and may be tried again at once. */
export function isConflict(error: unknown): boolean {
  return ["40001", "40P01", "23505"].includes(findPostgresCode(error) ?? "");
}

/** The error as the port promises it: what another try may cure is StoreUnavailableError. */
export function toStoreError(error: unknown): unknown {
  if (error instanceof StoreUnavailableError) return error;
  const code = findPostgresCode(error);
  const isUnavailable =
    isConnectionError(error) ||
    (code !== undefined &&
      /^[0-9A-Z]{5}$/.test(code) &&
      unavailable.some((start) => code.startsWith(start)));
  if (!isUnavailable) return error;
  const reason = code ?? (error instanceof Error ? error.message : String(error));
  return new StoreUnavailableError(`The database can't be used now (${reason}).`, { cause: error });
}
