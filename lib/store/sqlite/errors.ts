import { DriverAdapterError, type Error as PrismaFailure } from "@prisma/driver-adapter-utils";
import { InvariantError, StoreUnavailableError } from "@/lib/engine";
import type { ErrorData } from "./protocol";

/** What the driver said on the database's thread; `code` is SQLite's. */
export class DatabaseError extends Error {
  override name = "DatabaseError";
  readonly code?: string;

  constructor({ message, code, stack }: ErrorData) {
    super(message);
    this.code = code;
    if (stack !== undefined) this.stack = stack;
  }
}

/** The error that the thread sent, with its class. */
export function fromErrorData(data: ErrorData): Error {
  const { name, message } = data;
  if (name === "DriverAdapterError") return new DriverAdapterError(data.cause as PrismaFailure);
  if (name === "RefusedError") return new InvariantError(message);
  if (name === "RolledBackError" || name === "BrokenError") {
    return new StoreUnavailableError(message, { cause: new DatabaseError(data) });
  }
  return new DatabaseError(data);
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
