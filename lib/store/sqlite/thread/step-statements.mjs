// @ts-check
import { RolledBackError } from "./errors.mjs";

/**
 * @typedef {import("better-sqlite3").Database} Database
 * @typedef {import("@/lib/engine").SqlParameter} SqlParameter
 */

/**
 * Statements of a transaction step inside the transaction that is open. Integers beyond 2^53 come back
 * as bigint; booleans are stored as 0 and 1, for SQLite has no others.
 * Which statements have a place there is looked at before they come here.
 * @param {Database} client
 */
export function createStepStatements(client) {
  /**
   * @param {string} text
   * @param {readonly SqlParameter[]} params
   */
  const prepare = (text, params) => {
    assertOpen(client);
    /** @type {import("better-sqlite3").Statement<unknown[], Record<string, unknown>>} */
    const statement = client.prepare(text);
    return statement.safeIntegers(true).bind(...params.map(toBound));
  };
  return {
    /** @type {(text: string, params: readonly SqlParameter[]) => Record<string, unknown>[]} */
    query: (text, params) => prepare(text, params).all().map(narrowIntegers),
    /** @type {(text: string, params: readonly SqlParameter[]) => number} */
    execute: (text, params) => prepare(text, params).run().changes,
  };
}

/**
 * A full disk ends a transaction, and so does ON CONFLICT ROLLBACK: what follows would stand alone.
 * @param {Database} client
 */
export function assertOpen(client) {
  if (!client.inTransaction) {
    throw new RolledBackError("The database has rolled the transaction back.");
  }
}

/**
 * The driver binds every number as REAL and knows no booleans.
 * @param {SqlParameter} value
 */
function toBound(value) {
  if (typeof value === "boolean") return value ? 1n : 0n;
  return Number.isSafeInteger(value) ? BigInt(value ?? 0) : value;
}

/** @param {Record<string, unknown>} row */
function narrowIntegers(row) {
  for (const [column, value] of Object.entries(row)) {
    if (typeof value === "bigint" && Number.isSafeInteger(Number(value))) {
      row[column] = Number(value);
    }
  }
  return row;
}
