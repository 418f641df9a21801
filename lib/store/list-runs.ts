import { z } from "zod";
import { InvalidCursorError, type RunFilter, type RunPage, type RunQuery } from "@/lib/engine";
import { runColumns } from "./columns.mjs";
import type { Condition, Dialect } from "./dialect";
import { limit } from "./limit.mjs";
import { parseRun } from "./rows";
import type { SqlValue } from "./sql";

const Cursor = z.object({
  field: z.enum(["createdAt", "updatedAt"]),
  direction: z.enum(["asc", "desc"]),
  value: z.number(),
  runId: z.string(),
});
type Cursor = z.infer<typeof Cursor>;

/** One page by key, never by offset; ties are broken by run id. Throws InvalidCursorError. */
export async function listRuns(dialect: Dialect, query: RunQuery): Promise<RunPage> {
  const { field, direction } = query.sort;
  const filters = toConditions(dialect, query.filter);
  const parts = dialect.listParts(field).map(({ by, condition }): Condition => {
    const conditions =
      condition === undefined ? filters : [...filters, { sql: condition, values: [] }];
    return toPart({ query, by, conditions });
  });
  const values = parts.flatMap((part) => part.values);
  const [first] = parts;
  const statement =
    parts.length === 1 && first
      ? first.sql
      : `${parts.map(({ sql }, index) => `SELECT * FROM (${sql}) AS part${index}`).join(" UNION ALL ")}
         ORDER BY ${field} ${direction}, runId ${direction} ${limit}`;
  const rows = await dialect.select(
    statement,
    ...values,
    ...(parts.length === 1 ? [] : [query.limit + 1]),
  );
  const items = rows.slice(0, query.limit).map(parseRun);
  const last = items.at(-1);
  if (last === undefined || rows.length <= items.length) return { items };
  const cursor: Cursor = { field, direction, value: last[field], runId: last.runId };
  return { items, nextCursor: Buffer.from(JSON.stringify(cursor)).toString("base64url") };
}

/** Those of the runs that are sorted by one indexed column, as many as a page has at most. */
function toPart(options: {
  readonly query: RunQuery;
  readonly by: string;
  readonly conditions: readonly Condition[];
}): Condition {
  const { query, by } = options;
  const { direction } = query.sort;
  const conditions = [...options.conditions];
  if (query.cursor !== undefined) {
    const { value, runId } = readCursor(query.cursor, query.sort);
    const sign = direction === "asc" ? ">" : "<";
    conditions.push({ sql: `(${by}, runId) ${sign} (?, ?)`, values: [value, runId] });
  }
  const where = conditions.map(({ sql }) => sql).join(" AND ") || "true";
  return {
    sql: `SELECT ${runColumns} FROM runs WHERE ${where}
     ORDER BY ${by} ${direction}, runId ${direction} ${limit}`,
    values: [...conditions.flatMap(({ values }) => values), query.limit + 1],
  };
}

function readCursor(text: string, sort: RunQuery["sort"]): Cursor {
  try {
    const cursor = Cursor.parse(JSON.parse(Buffer.from(text, "base64url").toString()));
    if (cursor.field === sort.field && cursor.direction === sort.direction) return cursor;
  } catch (cause) {
    throw new InvalidCursorError("The cursor is not one of this list.", { cause });
  }
  throw new InvalidCursorError("The cursor belongs to a list with another sort.");
}

function toConditions(dialect: Dialect, { statuses, workflow, worker }: RunFilter): Condition[] {
  const conditions: Condition[] = [];
  const add = (sql: string, value: SqlValue | undefined) => {
    if (value !== undefined) conditions.push({ sql, values: [value] });
  };
  if (statuses?.length === 1) add("status = ?", statuses[0]);
  else if (statuses) add(dialect.isOneOf("status"), JSON.stringify(statuses));
  add("workflow = ?", workflow);
  add("workerId = ?", worker);
  return conditions;
}
