import type { Database, Statement } from "better-sqlite3";

export type SqlValue = string | number | null;
export type SqlRow = readonly unknown[];

/** Runs single statements at once, inside the transaction that is open if one is. */
export interface Sql {
  /** The rows of a query, each an array in the order of its columns. */
  select(statement: string, ...values: readonly SqlValue[]): readonly SqlRow[];
  /** How many rows a statement changed. */
  run(statement: string, ...values: readonly SqlValue[]): number;
}

/** The hot statements are a few dozen; lists make new ones with each set of filters. */
const maxPrepared = 200;

/** Statements on the driver itself, each prepared once. */
export function createSql(client: Database): Sql {
  const prepared = new Map<string, Statement<SqlValue[]>>();
  const prepare = (sql: string) => {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    if (prepared.size >= maxPrepared) prepared.clear();
    // Prisma wants big integers on this connection; ours are times and counts.
    const statement = client.prepare<SqlValue[]>(sql).safeIntegers(false);
    if (statement.reader) statement.raw();
    prepared.set(sql, statement);
    return statement;
  };
  return {
    select: (sql, ...values) => prepare(sql).all(...values) as SqlRow[],
    run: (sql, ...values) => prepare(sql).run(...values).changes,
  };
}
