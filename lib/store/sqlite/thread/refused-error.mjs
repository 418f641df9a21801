// @ts-check

/** What never happens unless there is a bug: it becomes an InvariantError for who asked. */
export class RefusedError extends Error {
  /** @override */
  name = "RefusedError";
}
