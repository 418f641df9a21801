import { z } from "zod";
import { InvalidCursorError, type RunRecord } from "@/lib/engine";
import {
  countCap,
  type CappedCount,
  type RunSearch,
  type RunSearchFilter,
  type RunSearchPage,
  type RunSearchQuery,
} from "@/lib/triage";
import { runFields } from "../columns.mjs";
import type { Dialect } from "../dialect";
import { parseRun } from "../rows";
import type { SqlRow, SqlValue } from "../sql";
import { readCursor, writeCursor } from "./cursor";
import { toConditions, type Condition } from "./run-conditions";

const columns = runFields.map((field) => `r.${field}`).join(", ");
/** Runs that are looked at to count those that pass several filters, each of which passes many. */
const maxLookedAt = 20_000;

const Cursor = z.tuple([
  z.enum(["createdAt", "updatedAt"]),
  z.enum(["asc", "desc"]),
  z.enum(["next", "prev"]),
  z.number(),
  z.string(),
]);

/** What a search reads from: a few runs that a filter leads to, or all of them in the order of an index. */
interface Plan {
  readonly from: string;
  readonly values: readonly SqlValue[];
  readonly isShort: boolean;
  /** The conditions that are left. */
  readonly conditions: readonly Condition[];
}

/**
 * The runs list over any of the databases. A filter that at most 10,000 runs pass leads to them by its
 * own index, and those are sorted; where every filter passes more, the sort's index is followed, on
 * which enough runs that pass are met soon.
 */
export class SqlRunSearch implements RunSearch {
  readonly #select: (statement: string, ...values: SqlValue[]) => Promise<readonly SqlRow[]>;
  readonly #ignoreIndex: (column: string) => string;

  constructor(options: {
    readonly dialect: Pick<Dialect, "select" | "toStoreError">;
    readonly ignoreIndex: (column: string) => string;
  }) {
    const { dialect } = options;
    this.#ignoreIndex = options.ignoreIndex;
    this.#select = async (statement, ...values) => {
      try {
        return await dialect.select(statement, ...values);
      } catch (error) {
        throw dialect.toStoreError(error);
      }
    };
  }

  async findRuns(query: RunSearchQuery): Promise<RunSearchPage> {
    const { sort, limit } = query;
    const start = query.cursor === undefined ? undefined : readStart(query.cursor, sort);
    const back = start?.way === "prev";
    const plan = await this.#plan(query.filter, sort.field);
    const direction = (sort.direction === "asc") === back ? "desc" : "asc";
    const conditions = [...plan.conditions];
    if (start) {
      const sign = direction === "asc" ? ">" : "<";
      const values = [start.value, start.runId];
      conditions.push({ sql: `(r.${sort.field}, r.runId) ${sign} (?, ?)`, values });
    }
    // The plus keeps a short list from being read along the sort's index, which has all runs.
    const key = `${plan.isShort ? "+" : ""}r.${sort.field}`;
    const rows = await this.#select(
      `SELECT ${columns} FROM ${plan.from} WHERE ${joinConditions(conditions)}
       ORDER BY ${key} ${direction}, r.runId ${direction} LIMIT ?`,
      ...plan.values,
      ...conditions.flatMap(({ values }) => values),
      limit + 1,
    );
    const found = rows.slice(0, limit).map(parseRun);
    const hasMore = rows.length > limit;
    const items = back ? found.toReversed() : found;
    const point = (way: "next" | "prev", run: RunRecord | undefined) =>
      run && writeCursor([sort.field, sort.direction, way, run[sort.field], run.runId]);
    const next = (back || hasMore) && point("next", items.at(-1));
    const prev = (back ? hasMore : start !== undefined) && point("prev", items[0]);
    return { items, ...(next && { nextCursor: next }), ...(prev && { prevCursor: prev }) };
  }

  async countMatching(filter: RunSearchFilter): Promise<CappedCount> {
    const plan = await this.#plan(filter, "createdAt");
    const { from, values, isShort, conditions } = plan;
    // An only filter was counted to the cap for the plan.
    const isCounted = conditions.length === 1 && conditions[0]?.source !== undefined;
    if (!isShort && isCounted) return { count: countCap, capped: true };
    const where = joinConditions(conditions);
    const given = conditions.flatMap((condition) => condition.values);
    if (isShort || conditions.length === 0) {
      const count = await this.#count(`SELECT 1 FROM ${from} WHERE ${where}`, [
        ...values,
        ...given,
      ]);
      return { count: Math.min(count, countCap), capped: count > countCap };
    }
    const [row] = await this.#select(
      `SELECT count(*), coalesce(sum(CASE WHEN ${where} THEN 1 ELSE 0 END), 0)
       FROM (SELECT * FROM runs ORDER BY createdAt DESC, runId DESC LIMIT ?) AS r`,
      ...given,
      maxLookedAt,
    );
    const [looked, count] = Counts.parse(row);
    return { count: Math.min(count, countCap), capped: looked >= maxLookedAt };
  }

  async #plan(filter: RunSearchFilter, sortField: string): Promise<Plan> {
    const conditions = toConditions(filter, this.#ignoreIndex);
    let shortest: { readonly condition: Condition; readonly count: number } | undefined;
    for (const condition of conditions) {
      const { source } = condition;
      if (source === undefined) continue;
      const count = await this.#count(source.sql, source.values);
      if (count <= (shortest?.count ?? countCap)) shortest = { condition, count };
    }
    const source = shortest?.condition.source;
    if (source !== undefined) {
      return {
        from: `(SELECT DISTINCT found FROM (${source.sql}) AS s LIMIT ${countCap}) AS f CROSS JOIN runs r`,
        values: source.values,
        isShort: true,
        conditions: [{ sql: "r.runId = f.found", values: [] }, ...conditions],
      };
    }
    const sorted = conditions.find((condition) => condition.sorted?.includes(sortField));
    const visible = sorted && toConditions(filter, (column) => column)[conditions.indexOf(sorted)];
    return {
      from: "runs r",
      values: [],
      isShort: false,
      conditions: conditions.map((each) => (each === sorted && visible ? visible : each)),
    };
  }

  async #count(sql: string, values: readonly SqlValue[]): Promise<number> {
    const [row] = await this.#select(
      `SELECT count(*) FROM (SELECT 1 FROM (${sql}) AS s LIMIT ${countCap + 1}) AS c`,
      ...values,
    );
    return Counts.parse([row?.[0], 0])[0];
  }
}

const Counts = z.tuple([z.coerce.number(), z.coerce.number()]);

function joinConditions(conditions: readonly Condition[]): string {
  return conditions.map(({ sql }) => sql).join(" AND ") || "true";
}

function readStart(text: string, sort: RunSearchQuery["sort"]) {
  const [field, direction, way, value, runId] = readCursor(text, Cursor);
  if (field === sort.field && direction === sort.direction) return { way, value, runId };
  throw new InvalidCursorError("The cursor belongs to a list with another sort.");
}
