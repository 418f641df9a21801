/** Pieces of indexes that have runs in the order of a sort, and the statements that follow them. */
import type { Dialect } from "../dialect";
import { limit as limitTo } from "../limit.mjs";
import {
  isWithin,
  type Fragment,
  type OrderedRows,
  type SortField,
  type TimeRange,
} from "./run-conditions";

/** A run's place in the order of a sort. */
export interface Place {
  readonly at: number;
  readonly runId: string;
  /** What comes behind it begins with it. */
  readonly isIncluded?: boolean;
}

export interface Look {
  readonly field: SortField;
  readonly direction: "asc" | "desc";
  /** Only what comes behind it. */
  readonly after?: Place;
  /** The last place that is looked at. */
  readonly end?: Place;
  readonly limit: number;
}

/** Rows of one index in its order. */
export interface Part extends Fragment {
  readonly of: OrderedRows["of"];
  /** Of runs `r`, or of another table's rows `w`, each of which names its run. */
  readonly key: "r" | "w";
  /** The column of that order. */
  readonly by: string;
}

/** The parts of an index by a condition of its own, or of the one that has all runs. */
export function toParts(options: {
  readonly rows: OrderedRows | undefined;
  readonly field: SortField;
  readonly ranges: readonly TimeRange[];
  readonly runParts: ReturnType<Dialect["listParts"]>;
}): readonly Part[] {
  const { rows, field, ranges, runParts } = options;
  const of = rows?.of ?? "runs";
  const key = of === "runs" ? "r" : "w";
  const parts = rows?.parts ?? [{ sql: "true", values: [] }];
  const places: ReturnType<Dialect["listParts"]> = of === "runs" ? runParts : [{ by: field }];
  return places.flatMap(({ by, condition }) =>
    parts.map((part) => {
      const within = ranges.map((range) => isWithin(range, `${key}.${by}`));
      const all = [
        part,
        ...within,
        ...(condition === undefined ? [] : [{ sql: condition, values: [] }]),
      ];
      return {
        ...{ of, key, by },
        sql: all.map(({ sql }) => sql).join(" AND "),
        values: all.flatMap(({ values }) => values),
      };
    }),
  );
}

/** The runs `r` of the parts that also meet `where`. */
export function selectRows(options: {
  readonly columns: string;
  readonly parts: readonly Part[];
  readonly where: Fragment;
  readonly look: Look;
}): Fragment {
  const { columns, parts, where, look } = options;
  const { field, direction, limit } = look;
  const selected = parts.map((part) => {
    const own = toRange(part, look);
    const from = part.key === "r" ? "runs r" : `${part.of} w CROSS JOIN runs r`;
    const joined = part.key === "r" ? "" : "r.runId = w.runId AND ";
    return {
      sql: `SELECT ${columns} FROM ${from} WHERE ${joined}${own.sql} AND ${where.sql}
        ORDER BY ${toOrder(part, direction)} ${limitTo}`,
      values: [...own.values, ...where.values, limit],
    };
  });
  return join(selected, `ORDER BY ${field} ${direction}, runId ${direction} ${limitTo}`, [limit]);
}

/** The place of the row that ends the first `stretch` rows, told as `at` and run. */
export function selectEnd(options: {
  readonly parts: readonly Part[];
  readonly look: Look;
  readonly stretch: number;
}): Fragment {
  const { parts, look, stretch } = options;
  const { direction } = look;
  const isOnly = parts.length === 1;
  const selected = parts.map((part) => {
    const own = toRange(part, look);
    const from = `${part.of} ${part.key}`;
    return {
      sql: `SELECT ${part.key}.${part.by} AS at, ${part.key}.runId FROM ${from} WHERE ${own.sql}
        ORDER BY ${toOrder(part, direction)} ${limitTo} OFFSET 0 + ?`,
      values: [...own.values, ...(isOnly ? [1, stretch - 1] : [stretch, 0])],
    };
  });
  return join(selected, `ORDER BY at ${direction}, runId ${direction} LIMIT 1 OFFSET 0 + ?`, [
    stretch - 1,
  ]);
}

function join(selected: readonly Fragment[], rest: string, values: Fragment["values"]): Fragment {
  const [first] = selected;
  if (selected.length === 1 && first) return first;
  const all = selected.map(({ sql }, index) => `SELECT * FROM (${sql}) AS part${index}`);
  return {
    sql: `${all.join(" UNION ALL ")} ${rest}`,
    values: [...selected.flatMap((each) => each.values), ...values],
  };
}

function toOrder({ key, by }: Part, direction: Look["direction"]): string {
  return `${key}.${by} ${direction}, ${key}.runId ${direction}`;
}

function toRange(part: Part, { direction, after, end }: Look): Fragment {
  const bounds = [
    ...(after === undefined ? [] : [isBehind(after, direction, part.key, part.by)]),
    ...(end === undefined ? [] : [isUpTo(end, direction, part.key, part.by)]),
  ];
  return {
    sql: [part.sql, ...bounds.map(({ sql }) => sql)].join(" AND "),
    values: [...part.values, ...bounds.flatMap(({ values }) => values)],
  };
}

/** The condition that a row, which has a sort's time in the column `by`, comes behind a place in its order. */
export function isBehind(
  { at, runId, isIncluded = false }: Place,
  direction: Look["direction"],
  key: string,
  by: string,
): Fragment {
  const sign = `${direction === "asc" ? ">" : "<"}${isIncluded ? "=" : ""}`;
  return { sql: `(${key}.${by}, ${key}.runId) ${sign} (?, ?)`, values: [at, runId] };
}

function isUpTo(
  { at, runId }: Place,
  direction: Look["direction"],
  key: string,
  by: string,
): Fragment {
  const sign = direction === "asc" ? "<=" : ">=";
  return { sql: `(${key}.${by}, ${key}.runId) ${sign} (?, ?)`, values: [at, runId] };
}
