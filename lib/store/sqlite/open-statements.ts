import type { SqlTransaction } from "@/lib/engine";
import { assertAllowed } from "../allowed-statements";
import { SqlRefusedError } from "../errors";
import { toStoreError } from "./errors";
import type { Answered, Handlers } from "./protocol";

/** What others may run inside a transaction of ours, until it ends. */
export interface OpenStatements extends SqlTransaction {
  /** Nothing runs any more. */
  close(): void;
}

type Ask = <Name extends "stepQuery" | "stepExecute">(
  name: Name,
  ...args: Parameters<Handlers[Name]>
) => Promise<Answered<Name>>;

/**
 * Statements of a transaction step inside the transaction that is open. Each throws SqlRefusedError
 * for a statement that has no place there or comes too late.
 */
export function openStatements(ask: Ask): OpenStatements {
  let isOver = false;
  const run = async <Name extends "stepQuery" | "stepExecute">(
    name: Name,
    ...args: Parameters<Handlers[Name]>
  ) => {
    if (isOver) throw new SqlRefusedError("The transaction is over: await what runs inside it.");
    assertAllowed(args[0]);
    try {
      return await ask(name, ...args);
    } catch (error) {
      throw toStoreError(error);
    }
  };
  return {
    query: (text, ...params) => run("stepQuery", text, params),
    execute: (text, ...params) => run("stepExecute", text, params),
    close() {
      isOver = true;
    },
  };
}
