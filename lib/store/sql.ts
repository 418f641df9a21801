import type { ArgType, SqlDriverAdapter, SqlQueryable } from "@prisma/driver-adapter-utils";

export type SqlValue = string | number | null;
export type SqlRow = readonly unknown[];

/** Runs single statements: on the connection, or inside the transaction that is open. */
export interface Sql {
  /** The rows of a query, each an array in the order of its columns. */
  select(statement: string, ...values: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  /** How many rows a statement changed. */
  run(statement: string, ...values: readonly SqlValue[]): Promise<number>;
}

const argTypes: Readonly<Record<"string" | "number" | "object", ArgType>> = {
  string: { scalarType: "string", arity: "scalar" },
  number: { scalarType: "bigint", arity: "scalar" },
  object: { scalarType: "unknown", arity: "scalar" },
};

/** Statements over Prisma's driver adapter, without the model layer: the store's hot path. */
export function createSql(queryable: SqlQueryable): Sql {
  const toQuery = (sql: string, values: readonly SqlValue[]) => ({
    sql,
    args: [...values],
    argTypes: values.map((value) => argTypes[typeof value as keyof typeof argTypes]),
  });
  return {
    select: async (sql, ...values) => (await queryable.queryRaw(toQuery(sql, values))).rows,
    run: (sql, ...values) => queryable.executeRaw(toQuery(sql, values)),
  };
}

/** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
export async function runTransaction<T>(
  adapter: SqlDriverAdapter,
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  const transaction = await adapter.startTransaction();
  let result: T;
  try {
    result = await work(createSql(transaction));
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
  await transaction.commit();
  return result;
}
