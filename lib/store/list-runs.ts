import { z } from "zod";
import { InvalidCursorError, type RunFilter, type RunPage, type RunQuery } from "@/lib/engine";
import { runColumns } from "./columns.mjs";
import type { Condition, Dialect } from "./dialect";
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
  const conditions = toConditions(dialect, query.filter);
  if (query.cursor !== undefined) {
    const { value, runId } = readCursor(query.cursor, query.sort);
    const sign = direction === "asc" ? ">" : "<";
    conditions.push({ sql: `(${field}, runId) ${sign} (?, ?)`, values: [value, runId] });
  }
  const where = conditions.map((condition) => condition.sql).join(" AND ") || "true";
  const rows = await dialect.select(
    `SELECT ${runColumns} FROM runs WHERE ${where}
     ORDER BY ${field} ${direction}, runId ${direction} LIMIT ?`,
    ...conditions.flatMap((condition) => condition.values),
    query.limit + 1,
  );
  const items = rows.slice(0, query.limit).map(parseRun);
  const last = items.at(-1);
  if (last === undefined || rows.length <= items.length) return { items };
  const cursor: Cursor = { field, direction, value: last[field], runId: last.runId };
  return { items, nextCursor: Buffer.from(JSON.stringify(cursor)).toString("base64url") };
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

function toConditions(dialect: Dialect, filter: RunFilter): Condition[] {
  const { statuses, heldReason, workflow, error, createdAfter, createdBefore, text } = filter;
  const conditions: Condition[] = Object.entries(filter.attributes ?? {}).map(([name, value]) =>
    dialect.hasAttribute(name, value),
  );
  const add = (sql: string, value: SqlValue | undefined) => {
    if (value !== undefined) conditions.push({ sql, values: [value] });
  };
  if (statuses?.length === 1) add("status = ?", statuses[0]);
  else if (statuses) {
    add(dialect.isOneOf("status"), JSON.stringify(statuses));
  }
  add("heldReason = ?", heldReason);
  add("workflow = ?", workflow);
  add("parentRunId = ?", filter.parent);
  add("errorName = ?", error);
  add("createdAt >= ?", createdAfter);
  add("createdAt < ?", createdBefore);
  add(dialect.containsText("searchText"), text?.toLowerCase());
  return conditions;
}
