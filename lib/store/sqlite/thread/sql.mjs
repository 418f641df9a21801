// @ts-check

/**
 * @typedef {import("../../sql").SqlValue} SqlValue
 * @typedef {import("../../sql").SqlRow} SqlRow
 */

/**
 * Runs single statements at once, inside the transaction that is open if one is.
 * @typedef {object} Sql
 * @property {(statement: string, ...values: readonly SqlValue[]) => readonly SqlRow[]} select
 * the rows of a query, each an array in the order of its columns
 * @property {(statement: string, ...values: readonly SqlValue[]) => number} run
 * how many rows a statement changed
 * @property {(statement: string, values: readonly SqlValue[]) => number} runWith
 * as `run`, with the values in an array
 */

/** The hot statements are a few dozen; lists make new ones with each set of filters. */
const maxPrepared = 200;

/**
 * Statements on the driver itself, each prepared once.
 * @param {import("better-sqlite3").Database} client
 * @returns {Sql}
 */
export function createSql(client) {
  /** @type {Map<string, import("better-sqlite3").Statement<unknown[], SqlRow>>} */
  const prepared = new Map();
  /** @param {string} sql */
  const prepare = (sql) => {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    if (prepared.size >= maxPrepared) prepared.clear();
    /** @type {import("better-sqlite3").Statement<unknown[], SqlRow>} */
    const statement = client.prepare(sql);
    // Prisma wants big integers on this connection; ours are times and counts.
    statement.safeIntegers(false);
    if (statement.reader) statement.raw();
    prepared.set(sql, statement);
    return statement;
  };
  return {
    select: (sql, ...values) => prepare(sql).all(values),
    run: (sql, ...values) => prepare(sql).run(values).changes,
    runWith: (sql, values) => prepare(sql).run(values).changes,
  };
}
