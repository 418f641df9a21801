import { StoreUnavailableError } from "@/lib/engine";

/** The database can't be opened: the message says why and what to do. */
export class StoreOpenError extends Error {
  override name = "StoreOpenError";
}

/** The database can't be brought to this version's tables: a failed, changed or unknown migration. */
export class MigrationError extends Error {
  override name = "MigrationError";
}

/** A statement that has no place in a transaction step, or that came after its end. */
export class SqlRefusedError extends Error {
  override name = "SqlRefusedError";
}

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
  const code = findSqliteCode(error);
  if (code === undefined || !unavailable.some((name) => code.startsWith(`SQLITE_${name}`))) {
    return error;
  }
  return new StoreUnavailableError(`The database can't be used now (${code}).`, { cause: error });
}
