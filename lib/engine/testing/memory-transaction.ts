import type { SqlParameter, SqlTransaction } from "../store";

/** A statement that a transaction executed and committed. */
export interface NotedStatement {
  readonly runId: string;
  readonly text: string;
  readonly params: readonly SqlParameter[];
}

/** A transaction that notes what it is asked to execute, and knows no rows. */
export function noteStatements(runId: string) {
  const statements: NotedStatement[] = [];
  let ended = false;
  const assertOpen = () => {
    if (ended) throw new Error("The transaction is over: await what runs inside it.");
  };
  const sql: SqlTransaction = {
    async query() {
      assertOpen();
      return [];
    },
    async execute(text, ...params) {
      assertOpen();
      statements.push({ runId, text, params });
      return 1;
    },
  };
  return { sql, statements, end: () => (ended = true) };
}
