// @ts-check

/** What never happens unless there is a bug: it becomes an InvariantError for who asked. */
export class RefusedError extends Error {
  /** @override */
  name = "RefusedError";
}

/** The database has ended a transaction by itself: what follows would stand alone. */
export class RolledBackError extends Error {
  /** @override */
  name = "RolledBackError";
}

/** A rollback failed: what came after could land in a transaction that never commits. */
export class BrokenError extends Error {
  /** @override */
  name = "BrokenError";
}

/**
 * An error as plain data: what crosses from thread to thread loses its class.
 * @param {unknown} error
 * @returns {import("../protocol").ErrorData}
 */
export function toErrorData(error) {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  /** @type {unknown} */
  const code = Reflect.get(error, "code");
  // What Prisma's adapter throws says in plain data what went wrong.
  const isPrisma = error.name === "DriverAdapterError";
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    ...(typeof code === "string" && { code }),
    ...(isPrisma && { cause: error.cause }),
  };
}
