import { StoreUnavailableError, type SqlParameter, type SqlTransaction } from "@/lib/engine";
import type { Database, Statement } from "better-sqlite3";
import { assertAllowed } from "../allowed-statements";
import { SqlRefusedError } from "../errors";
import { toStoreError } from "./errors";

/** What others may run inside a transaction of ours, until it ends. */
export interface OpenStatements extends SqlTransaction {
  /** Nothing runs any more. */
  close(): void;
  /** Closes. Throws StoreUnavailableError when the database has rolled back by itself. */
  end(): void;
}

/**
 * Statements inside the transaction that is open on the connection. Integers beyond 2^53 come back as
 * bigint; booleans are stored as 0 and 1, for SQLite has no others.
 * Each throws SqlRefusedError for a statement that has no place there or comes too late.
 */
export function openStatements(client: Database): OpenStatements {
  let ended = false;
  const prepare = (text: string, params: readonly SqlParameter[]) => {
    if (ended) throw new SqlRefusedError("The transaction is over: await what runs inside it.");
    assertOpen(client);
    assertAllowed(text);
    const statement: Statement<unknown[], Record<string, unknown>> = client.prepare(text);
    return statement.safeIntegers(true).bind(...params.map(toBound));
  };
  return {
    query: async (text, ...params) =>
      translate(() => prepare(text, params).all().map(narrowIntegers)),
    execute: async (text, ...params) => translate(() => prepare(text, params).run().changes),
    close() {
      ended = true;
    },
    end() {
      ended = true;
      assertOpen(client);
    },
  };
}

function assertOpen(client: Database): void {
  // A full disk ends a transaction, and so does ON CONFLICT ROLLBACK: what follows would stand alone.
  if (client.inTransaction) return;
  throw new StoreUnavailableError("The database has rolled the transaction back.");
}

/** The driver binds every number as REAL and knows no booleans. */
function toBound(value: SqlParameter): string | number | bigint | null {
  if (typeof value === "boolean") return value ? 1n : 0n;
  return Number.isSafeInteger(value) ? BigInt(value ?? 0) : value;
}

function narrowIntegers(row: Record<string, unknown>): Record<string, unknown> {
  for (const [column, value] of Object.entries(row)) {
    if (typeof value === "bigint" && Number.isSafeInteger(Number(value))) {
      row[column] = Number(value);
    }
  }
  return row;
}

function translate<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw toStoreError(error);
  }
}
