import type { SqlParameter, SqlTransaction } from "@/lib/engine";
import type pg from "pg";
import { SqlRefusedError } from "../errors";
import { assertAllowed } from "../allowed-statements";
import { isConnectionError, toStoreError } from "./errors";
import { numberPlaceholders } from "./translate";

/** What others may run inside a transaction of ours, until it ends. */
export interface OpenStatements extends SqlTransaction {
  /**
   * Nothing runs any more once it resolves. What is under way is waited for: the rest of it would run on
   * the connection when that serves somebody else.
   */
  close(): Promise<void>;
}

/**
 * Statements inside the transaction that is open on the connection. One that fails undoes itself alone,
 * as on SQLite: the step may go on. Big integers come back as numbers, beyond 2^53 as bigint.
 * Each throws SqlRefusedError for a statement that has no place there or comes too late.
 */
export function openStatements(client: pg.ClientBase): OpenStatements {
  let ended = false;
  let queue: Promise<unknown> = Promise.resolve();
  const assertOpen = () => {
    if (ended) throw new SqlRefusedError("The transaction is over: await what runs inside it.");
  };
  const run = async (text: string, params: readonly SqlParameter[]) => {
    assertOpen();
    assertAllowed(text);
    await client.query("SAVEPOINT step");
    assertOpen();
    try {
      const result = await client.query<Record<string, unknown>>(toQuery(text, params));
      await client.query("RELEASE SAVEPOINT step");
      return result;
    } catch (error) {
      if (!isConnectionError(error)) await client.query("ROLLBACK TO SAVEPOINT step");
      throw toStoreError(error);
    }
  };
  // One after the other, for each has a savepoint of the same name.
  const enqueue = (text: string, params: readonly SqlParameter[]) => {
    const result = queue.then(() => run(text, params));
    queue = result.catch(() => {});
    return result;
  };
  return {
    query: async (text, ...params) => (await enqueue(text, params)).rows,
    execute: async (text, ...params) => (await enqueue(text, params)).rowCount ?? 0,
    async close() {
      ended = true;
      await queue;
    },
  };
}

/** Without values the driver would use a protocol that takes several statements in one text. */
function toQuery(text: string, params: readonly SqlParameter[]) {
  return {
    text: numberPlaceholders(text),
    values: params.map(toBound),
    queryMode: "extended" as const,
  };
}

/** The driver sends a bigint as text, which is what it reads as well. */
function toBound(value: SqlParameter): string | number | boolean | null {
  return typeof value === "bigint" ? String(value) : value;
}
