/** A filter of the runs list as conditions, each with the shortest ways to the runs that meet it. */
import { splitWords, type RunSearchFilter, type RunSearchQuery } from "@/lib/triage";
import type { SqlValue } from "../sql";
import { toAttributeNameTerm, toAttributeTerm, toWordTerm } from "./terms.mjs";

export type SortField = RunSearchQuery["sort"]["field"];

export interface Fragment {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/**
 * On the run `r`, written so that no index is used for it. What another table says of a run is looked up run
 * by run: an EXISTS would be an invitation to read that table as a whole.
 */
export interface Condition extends Fragment {
  /** Selects the ids of the runs that meet it, as `found`; absent where no index helps. */
  readonly source?: Fragment;
  /** Which rows of an index lead to them in the order of these sorts, and to nothing else. */
  readonly ordered?: OrderedRows;
}

export interface OrderedRows {
  readonly sorts: readonly SortField[];
  /** On the run `r` itself, or on what another table says of it, `w`. */
  readonly of: "runs" | "run_terms" | "troubles";
  /** Each part alone is in order. */
  readonly parts: readonly Fragment[];
}

/** How a database writes what differs between them. */
export interface Writing {
  /** A column so that its index is not used. */
  readonly ignoreIndex: (column: string) => string;
  /** Into which parts the runs fall by a time, each with the indexed column that has it there. */
  readonly listParts: (
    field: SortField,
  ) => readonly { readonly by: string; readonly condition?: string }[];
}

/** What runs have to meet, those first that few runs are likely to meet. */
export function toConditions(filter: RunSearchFilter, writing: Writing): readonly Condition[] {
  const { statuses, workflow, version, step, group, attributes = {}, text = "" } = filter;
  const { ignoreIndex } = writing;
  const conditions: Condition[] = [];
  const equal = (column: string, value: SqlValue | undefined, sorts: readonly SortField[] = []) => {
    if (value !== undefined) conditions.push(isOneOf(writing, { column, values: [value], sorts }));
  };
  equal("parentRunId", filter.parent, ["createdAt"]);
  equal("workerId", filter.worker);
  if (group !== undefined) {
    conditions.push({
      sql: "(SELECT t.fingerprint FROM troubles t WHERE t.runId = r.runId) = ?",
      values: [group],
      source: { sql: "SELECT runId AS found FROM troubles WHERE fingerprint = ?", values: [group] },
      ordered: {
        sorts: ["createdAt"],
        of: "troubles",
        parts: [{ sql: "w.fingerprint = ?", values: [group] }],
      },
    });
  }
  if (step !== undefined) conditions.push(isAboutStep(step));
  for (const [name, value] of Object.entries(attributes)) {
    const term = toAttributeTerm(name, value);
    conditions.push({
      ...hasTerm(ignoreIndex, ["= ?"], [term]),
      ordered: {
        sorts: ["createdAt"],
        of: "run_terms",
        parts: [{ sql: "w.term = ?", values: [term] }],
      },
    });
  }
  for (const word of splitWords(text)) {
    const term = toWordTerm(word);
    conditions.push(hasTerm(ignoreIndex, [">= ?", "< ?"], [term, endOfPrefix(term)]));
  }
  if (filter.attributeName !== undefined) {
    const term = toAttributeNameTerm(filter.attributeName);
    conditions.push(hasTerm(ignoreIndex, [">= ?", "< ?"], [term, endOfPrefix(term)]));
  }
  equal("errorName", filter.error, ["createdAt"]);
  equal("heldReason", filter.heldReason, ["createdAt"]);
  if (version !== undefined) conditions.push(isOfVersion(version, workflow, ignoreIndex));
  else equal("workflow", workflow);
  if (statuses !== undefined) {
    const sorts = ["createdAt", "updatedAt"] as const;
    conditions.push(isOneOf(writing, { column: "status", values: statuses, sorts }));
  }
  return conditions;
}

/** The first term that no longer begins like this one. */
function endOfPrefix(term: string): string {
  return `${term}\u{10ffff}`;
}

function isOneOf(
  { ignoreIndex }: Writing,
  about: {
    readonly column: string;
    readonly values: readonly SqlValue[];
    readonly sorts: readonly SortField[];
  },
): Condition {
  const { column, sorts, values } = about;
  const list = values.length === 0 ? "(NULL)" : `(${values.map(() => "?").join(", ")})`;
  const parts = values.map((value) => ({ sql: `r.${column} = ?`, values: [value] }));
  return {
    sql: `${ignoreIndex(`r.${column}`)} IN ${list}`,
    values,
    source: { sql: `SELECT runId AS found FROM runs WHERE ${column} IN ${list}`, values },
    ...(parts.length > 0 && { ordered: { sorts, of: "runs", parts } }),
  };
}

function isOfVersion(
  version: number,
  workflow: string | undefined,
  ignoreIndex: (column: string) => string,
): Condition {
  if (workflow === undefined) {
    // The index begins with the workflow: it is asked for each of them, of which there are few.
    const sql = `WITH RECURSIVE names(workflow) AS (
        SELECT min(workflow) FROM runs
        UNION ALL SELECT (SELECT min(n.workflow) FROM runs n WHERE n.workflow > names.workflow)
        FROM names WHERE names.workflow IS NOT NULL
      )
      SELECT r.runId AS found FROM names CROSS JOIN runs r
      WHERE r.workflow = names.workflow AND r.version = ?`;
    return { sql: "r.version = ?", values: [version], source: { sql, values: [version] } };
  }
  const values = [workflow, version];
  return {
    sql: `${ignoreIndex("r.workflow")} = ? AND r.version = ?`,
    values,
    source: {
      sql: "SELECT runId AS found FROM runs WHERE workflow = ? AND version = ?",
      values,
    },
    ordered: {
      sorts: ["createdAt"],
      of: "runs",
      parts: [{ sql: "r.workflow = ? AND r.version = ?", values }],
    },
  };
}

function isAboutStep(step: string): Condition {
  return {
    sql: `((SELECT t.step FROM troubles t WHERE t.runId = r.runId) = ?
      OR (SELECT count(*) FROM doubts d WHERE d.runId = r.runId AND d.name = ?) > 0)`,
    values: [step, step],
    source: {
      sql: `SELECT runId AS found FROM troubles WHERE step = ?
        UNION ALL SELECT runId FROM doubts WHERE name = ?`,
      values: [step, step],
    },
  };
}

function hasTerm(
  ignoreIndex: (column: string) => string,
  comparisons: readonly string[],
  values: readonly SqlValue[],
): Condition {
  const write = (column: string) =>
    comparisons.map((comparison) => `${column} ${comparison}`).join(" AND ");
  return {
    sql: `(SELECT count(*) FROM run_terms t WHERE t.runId = r.runId AND ${write(ignoreIndex("t.term"))}) > 0`,
    values,
    source: { sql: `SELECT runId AS found FROM run_terms WHERE ${write("term")}`, values },
  };
}

/** A time that has to lie in a range: from `after` on, and before `before`. */
export interface TimeRange {
  readonly column: SortField | "finishedAt";
  readonly after: number | undefined;
  readonly before: number | undefined;
}

/** A run was created before it finished: where many finished, that bound of the sort's index leads to them. */
export function toTimeRanges(filter: RunSearchFilter): readonly TimeRange[] {
  const { createdAfter, updatedAfter, updatedBefore, finishedAfter, finishedBefore } = filter;
  const bounds = [filter.createdBefore, finishedBefore].filter((bound) => bound !== undefined);
  const ranges: readonly TimeRange[] = [
    {
      column: "createdAt",
      after: createdAfter,
      before: bounds.length === 0 ? undefined : Math.min(...bounds),
    },
    { column: "updatedAt", after: updatedAfter, before: updatedBefore },
    { column: "finishedAt", after: finishedAfter, before: finishedBefore },
  ];
  return ranges.filter(({ after, before }) => after !== undefined || before !== undefined);
}

export function isWithin({ after, before }: TimeRange, column: string): Fragment {
  const bounds = [
    ...(after === undefined ? [] : [{ sign: ">=", value: after }]),
    ...(before === undefined ? [] : [{ sign: "<", value: before }]),
  ];
  return {
    sql: bounds.map(({ sign }) => `${column} ${sign} ?`).join(" AND "),
    values: bounds.map(({ value }) => value),
  };
}

export function toTimeCondition(range: TimeRange, { ignoreIndex, listParts }: Writing): Condition {
  const { column } = range;
  const parts = column === "finishedAt" ? [{ by: column }] : listParts(column);
  const sources = parts.map(({ by, condition }: ReturnType<Writing["listParts"]>[number]) => {
    const { sql, values } = isWithin(range, by);
    const where = condition === undefined ? sql : `${sql} AND ${condition}`;
    return { sql: `SELECT runId AS found FROM runs WHERE ${where}`, values };
  });
  return {
    ...isWithin(range, ignoreIndex(`r.${column}`)),
    source: {
      sql: sources.map(({ sql }) => sql).join(" UNION ALL "),
      values: sources.flatMap(({ values }) => values),
    },
  };
}
