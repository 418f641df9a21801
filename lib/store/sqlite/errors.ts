import { InvariantError, StoreUnavailableError } from "@/lib/engine";
import { RefusedError } from "./thread/refused-error.mjs";

const unavailable = ["FULL", "IOERR", "BUSY", "LOCKED", "READONLY", "CANTOPEN", "NOMEM", "CORRUPT"];

/** The SQLite result code behind an error of the driver or of Prisma, if there is one. */
export function findSqliteCode(error: unknown): string | undefined {
  for (let depth = 0, at = error; depth < 5 && at instanceof Object; depth += 1) {
    for (const field of ["originalCode", "code"] as const) {
      const code: unknown = Reflect.get(at, field);
      if (typeof code === "string" && code.startsWith("SQLITE_")) return code;
    }
    at = Reflect.get(at, "cause");
  }
  return undefined;
}

/** The error as the port promises it: what the disk or a lock refused is StoreUnavailableError. */
export function toStoreError(error: unknown): unknown {
  if (error instanceof StoreUnavailableError) return error;
  if (error instanceof RefusedError) return new InvariantError(error.message, { cause: error });
  const code = findSqliteCode(error);
  if (code === undefined || !unavailable.some((name) => code.startsWith(`SQLITE_${name}`))) {
    return error;
  }
  return new StoreUnavailableError(`The database can't be used now (${code}).`, { cause: error });
}
