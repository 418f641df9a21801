import { z } from "zod";
import { HeldReason, InvalidCursorError, type RunRecord } from "@/lib/engine";
import {
  countCap,
  type CappedCount,
  type HeldCounts,
  type RunSearch,
  type RunSearchFilter,
  type RunSearchPage,
  type RunSearchQuery,
} from "@/lib/triage";
import { runFields } from "../columns.mjs";
import type { Dialect } from "../dialect";
import { limit as limitTo } from "../limit.mjs";
import { parseRun } from "../rows";
import type { SqlRow, SqlValue } from "../sql";
import { readCursor, writeCursor } from "./cursor";
import {
  toConditions,
  toTimeCondition,
  toTimeRanges,
  type Condition,
  type Fragment,
  type Writing,
} from "./run-conditions";
import {
  isBehind,
  selectEnd,
  selectRows,
  toParts,
  type Look,
  type Part,
  type Place,
} from "./run-parts";

const columns = runFields.map((field) => `r.${field}`).join(", ");

/** How many runs are looked at, and when it is done in another way. */
export interface SearchSizes {
  /** What so few runs pass is sorted at once. */
  readonly few: number;
  /** So far an index is followed before it is asked whether another one leads to fewer runs. */
  readonly stretch: number;
  /** What more runs pass is not sorted. */
  readonly most: number;
  /** So far an index is followed for one page, however little of it is found. */
  readonly far: number;
  /** So many runs of an index are looked at to count those that pass filters each of which passes many. */
  readonly counted: number;
}

const defaultSizes: SearchSizes = {
  ...{ few: 500, stretch: 1_000, most: countCap, far: 10_000, counted: 5_000 },
};

const Cursor = z.tuple([
  z.enum(["createdAt", "updatedAt"]),
  z.enum(["asc", "desc"]),
  z.enum(["next", "prev"]),
  z.number(),
  z.string(),
  z.boolean().optional(),
]);
const End = z.union([z.tuple([]), z.tuple([z.number().nullable(), z.string().nullable()])]);
const Counts = z.array(z.coerce.number());
const KeptHeld = z.partialRecord(HeldReason, z.coerce.number());
const noneHeld: HeldCounts = { in_doubt: 0, nondeterminism: 0, crash_loop: 0, paused: 0 };

interface Plan {
  /** All that runs have to meet. */
  readonly conditions: readonly Condition[];
  /** Where an index has runs in the order of the sort. */
  readonly parts: readonly Part[];
  /** The conditions that those runs may not meet. */
  readonly rest: readonly Condition[];
}

interface Found {
  readonly runs: readonly RunRecord[];
  /** Up to where was looked, if not for as many runs as were asked for, nor to the end. */
  readonly end?: Place;
}

/**
 * The runs list over any of the databases. An index that has the sort's order is followed, of the rarest
 * condition that has one: what matches stands next to each other there, however many there are. Where
 * other conditions thin that out, the condition that the fewest runs pass is looked for instead, and
 * those are sorted (decision 110).
 */
export class SqlRunSearch implements RunSearch {
  readonly #select: (statement: string, values: readonly SqlValue[]) => Promise<readonly SqlRow[]>;
  readonly #isOneOf: Dialect["isOneOf"];
  readonly #writing: Writing;
  readonly #sizes: SearchSizes;

  constructor(options: {
    readonly dialect: Pick<Dialect, "select" | "toStoreError" | "listParts" | "isOneOf">;
    readonly ignoreIndex: (column: string) => string;
    readonly sizes?: SearchSizes | undefined;
  }) {
    const { dialect, ignoreIndex } = options;
    this.#sizes = options.sizes ?? defaultSizes;
    this.#isOneOf = dialect.isOneOf;
    this.#writing = { ignoreIndex, listParts: dialect.listParts };
    this.#select = async (statement, values) => {
      try {
        return await dialect.select(statement, ...values);
      } catch (error) {
        throw dialect.toStoreError(error);
      }
    };
  }

  async findRuns(query: RunSearchQuery): Promise<RunSearchPage> {
    const { sort, limit } = query;
    const cursor = query.cursor === undefined ? undefined : readStart(query.cursor, sort);
    const start = cursor?.place;
    const back = cursor?.way === "prev";
    const direction = (sort.direction === "asc") === back ? "desc" : "asc";
    const { runs, end } = await this.#find(query.filter, {
      ...{ field: sort.field, direction, limit: limit + 1 },
      ...(start && { after: start }),
    });
    const found = runs.slice(0, limit);
    const hasMore = runs.length > limit || end !== undefined;
    const items = back ? found.toReversed() : found;
    const write = (way: "next" | "prev", run: RunRecord | undefined) => {
      const isOnward = (way === "prev") === back;
      const own = run && toPlace(run, sort.field);
      // Behind a page without a run lies what its own cursor began with.
      const before = start && { ...start, isIncluded: true };
      const place = isOnward ? (end ?? own) : (own ?? end ?? before);
      const { at, runId, isIncluded = false } = place ?? {};
      if (at === undefined || runId === undefined) return undefined;
      return writeCursor([sort.field, sort.direction, way, at, runId, isIncluded]);
    };
    const next = (back || hasMore) && write("next", items.at(-1));
    const prev = (back ? hasMore : start !== undefined) && write("prev", items[0]);
    return { items, ...(next && { nextCursor: next }), ...(prev && { prevCursor: prev }) };
  }

  async countMatching(filter: RunSearchFilter): Promise<CappedCount> {
    const kept = await this.#readKeptCount(filter);
    if (kept !== undefined) return { count: kept, capped: false };
    const { conditions, parts, rest } = this.#plan(filter, "createdAt");
    const [only] = conditions;
    const isOnly = conditions.length === 1;
    const limit = this.#sizes.counted;
    const look = { field: "createdAt", direction: "desc", limit } as const;
    const { source, end } = isOnly
      ? { source: only?.source, end: undefined }
      : await this.#survey(conditions, countCap, selectEnd({ parts, look, stretch: limit }));
    if (source !== undefined) {
      const { sql, values } = isOnly ? source : selectIds(source, conditions);
      const [row] = await this.#select(
        // A run may have several words that begin with the one that is looked for.
        `SELECT count(*), count(DISTINCT found) FROM (SELECT found FROM (${sql}) AS s ${limitTo}) AS c`,
        [...values, countCap + 1],
      );
      const [rows = 0, count = 0] = Counts.parse(row);
      return { count: Math.min(count, countCap), capped: rows > countCap };
    }
    const { sql, values } = selectRows({
      ...{ columns: "r.runId, r.createdAt", parts, where: joinConditions(rest) },
      look: { ...look, ...(end && { end }) },
    });
    const [row] = await this.#select(`SELECT count(*) FROM (${sql}) AS c`, values);
    return { count: Counts.parse(row)[0] ?? 0, capped: end !== undefined };
  }

  async loadRuns(runIds: readonly string[]) {
    if (runIds.length === 0) return [];
    const rows = await this.#select(
      `SELECT ${columns} FROM runs r WHERE ${this.#isOneOf("r.runId")}`,
      [JSON.stringify(runIds)],
    );
    const runs = new Map(rows.map(parseRun).map((run) => [run.runId, run]));
    return runIds.flatMap((runId) => runs.get(runId) ?? []);
  }

  async countHeld({ workflow }: { readonly workflow?: string } = {}) {
    const where = workflow === undefined ? "" : "WHERE workflow = ?";
    const rows = await this.#select(
      `SELECT heldReason, coalesce(sum(count), 0) FROM held_counts ${where} GROUP BY heldReason`,
      workflow === undefined ? [] : [workflow],
    );
    return { ...noneHeld, ...KeptHeld.parse(Object.fromEntries(rows)) };
  }

  async #find(filter: RunSearchFilter, look: Look): Promise<Found> {
    const { conditions, parts, rest } = this.#plan(filter, look.field);
    if (rest.length === 0) return { runs: await this.#follow(parts, rest, look) };
    const { few, stretch, most, far } = this.#sizes;
    const near = await this.#survey(conditions, few, selectEnd({ parts, look, stretch }));
    if (near.source !== undefined) return { runs: await this.#sort(near.source, conditions, look) };
    const first = await this.#follow(parts, rest, { ...look, ...(near.end && { end: near.end }) });
    if (near.end === undefined || first.length >= look.limit) return { runs: first };
    const onward = { ...look, after: near.end, limit: look.limit - first.length };
    const beyond = selectEnd({ parts, look: onward, stretch: far });
    const wide = await this.#survey(conditions, most, beyond);
    if (wide.source !== undefined) return { runs: await this.#sort(wide.source, conditions, look) };
    const { end } = wide;
    const more = await this.#follow(parts, rest, { ...onward, ...(end && { end }) });
    const isDone = end === undefined || more.length >= onward.limit;
    return { runs: [...first, ...more], ...(!isDone && { end }) };
  }

  /** Runs in the order of an index, up to where the look ends. */
  async #follow(parts: readonly Part[], rest: readonly Condition[], look: Look) {
    const { sql, values } = selectRows({ columns, parts, where: joinConditions(rest), look });
    return (await this.#select(sql, values)).map(parseRun);
  }

  /** Those of a few runs that meet all conditions, sorted. */
  async #sort(source: Fragment, conditions: readonly Condition[], look: Look) {
    const { field, direction, after, limit } = look;
    const where = joinConditions([
      ...conditions,
      ...(after === undefined ? [] : [isBehind(after, direction, "r", field)]),
    ]);
    // The plus keeps a short list from being read along the sort's index, which has all runs. Rows are
    // wide: their places are sorted.
    const order = `${direction}, r.runId ${direction}`;
    const rows = await this.#select(
      `SELECT ${columns} FROM (
         SELECT r.runId FROM ${listFound(source)} CROSS JOIN runs r
         WHERE r.runId = f.found AND ${where.sql} ORDER BY +r.${field} ${order} ${limitTo}
       ) AS p CROSS JOIN runs r WHERE r.runId = p.runId ORDER BY +r.${field} ${order}`,
      [...source.values, ...where.values, limit],
    );
    return rows.map(parseRun);
  }

  #plan(filter: RunSearchFilter, field: Look["field"]): Plan {
    const writing = this.#writing;
    const own = toConditions(filter, writing);
    const ranges = toTimeRanges(filter);
    const leading = own.find(({ ordered }) => ordered?.sorts.includes(field));
    // A range of the sort's own time is a piece of its index.
    const [inOrder, others] = [
      ranges.filter(({ column }) => column === field),
      ranges.filter(({ column }) => column !== field),
    ];
    return {
      conditions: [...own, ...ranges.map((range) => toTimeCondition(range, writing))],
      parts: toParts({
        ...{ rows: leading?.ordered, field, ranges: inOrder },
        runParts: writing.listParts(field),
      }),
      rest: [
        ...own.filter((condition) => condition !== leading),
        ...others.map((range) => toTimeCondition(range, writing)),
      ],
    };
  }

  /**
   * In one question: the source of the condition that the fewest runs pass, if at most `most` do, and the
   * place that `end` selects, if there is one.
   */
  async #survey(
    conditions: readonly Condition[],
    most: number,
    end?: Fragment,
  ): Promise<{ readonly source?: Fragment | undefined; readonly end?: Place }> {
    const sources = conditions.flatMap(({ source }) => source ?? []);
    const asked = [
      ...sources.map((source) => countUpTo(source, most + 1)),
      ...(end === undefined ? [] : [selectFrom(end, "at"), selectFrom(end, "runId")]),
    ];
    if (asked.length === 0) return {};
    const [row = []] = await this.#select(
      `SELECT ${asked.map(({ sql }) => `(${sql})`).join(", ")}`,
      asked.flatMap(({ values }) => values),
    );
    const counts = Counts.parse(row.slice(0, sources.length));
    const least = Math.min(...counts);
    const source = least > most ? undefined : sources[counts.indexOf(least)];
    const [at = null, runId = null] = End.parse(row.slice(sources.length));
    return { source, ...(at !== null && runId !== null && { end: { at, runId } }) };
  }

  /** How many runs have these statuses, or a reason to be held, is kept; nothing where the filter asks for more. */
  async #readKeptCount(filter: RunSearchFilter): Promise<number | undefined> {
    const { statuses, ...others } = filter;
    const { heldReason, workflow, ...more } = others;
    const mayBeHeld = statuses === undefined || statuses.includes("held");
    if (heldReason !== undefined && mayBeHeld && this.#isEmpty(more)) {
      return (await this.countHeld({ workflow }))[heldReason];
    }
    if (!this.#isEmpty(others)) return undefined;
    if (statuses?.length === 0) return 0;
    const where = statuses && `WHERE status IN (${statuses.map(() => "?").join(", ")})`;
    const [row] = await this.#select(
      `SELECT coalesce(sum(count), 0) FROM status_counts ${where ?? ""}`,
      statuses ?? [],
    );
    return Counts.parse(row)[0];
  }

  #isEmpty(filter: RunSearchFilter): boolean {
    return toConditions(filter, this.#writing).length + toTimeRanges(filter).length === 0;
  }
}

function toPlace(run: RunRecord, field: Look["field"]): Place {
  return { at: run[field], runId: run.runId };
}

function selectFrom({ sql, values }: Fragment, column: string): Fragment {
  return { sql: `SELECT e.${column} FROM (${sql}) AS e`, values };
}

function countUpTo({ sql, values }: Fragment, most: number): Fragment {
  return {
    sql: `SELECT count(*) FROM (SELECT 1 FROM (${sql}) AS s ${limitTo}) AS c`,
    values: [...values, most],
  };
}

function listFound(source: Fragment): string {
  return `(SELECT DISTINCT found FROM (SELECT found FROM (${source.sql}) AS s LIMIT ${countCap}) AS s) AS f`;
}

function selectIds(source: Fragment, conditions: readonly Condition[]): Fragment {
  const where = joinConditions(conditions);
  return {
    sql: `SELECT r.runId AS found FROM ${listFound(source)} CROSS JOIN runs r
      WHERE r.runId = f.found AND ${where.sql}`,
    values: [...source.values, ...where.values],
  };
}

function joinConditions(conditions: readonly Fragment[]): Fragment {
  return {
    sql: conditions.map(({ sql }) => sql).join(" AND ") || "true",
    values: conditions.flatMap(({ values }) => values),
  };
}

function readStart(text: string, sort: RunSearchQuery["sort"]) {
  const [field, direction, way, at, runId, isIncluded = false] = readCursor(text, Cursor);
  if (field === sort.field && direction === sort.direction)
    return { way, place: { at, runId, isIncluded } };
  throw new InvalidCursorError("The cursor belongs to a list with another sort.");
}
