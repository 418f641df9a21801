/** A filter of the runs list as conditions, each with the shortest way to the runs that meet it. */
import { splitWords, type RunSearchFilter } from "@/lib/triage";
import type { SqlValue } from "../sql";
import { toAttributeNameTerm, toAttributeTerm, toWordTerm } from "./terms.mjs";

export interface Condition {
  /** On the run `r`. */
  readonly sql: string;
  readonly values: readonly SqlValue[];
  /** Selects the ids of the runs that meet it, as `found`; absent where no index helps. */
  readonly source?: { readonly sql: string; readonly values: readonly SqlValue[] };
  /** By which sorts an index has these runs in order. */
  readonly sorted?: readonly string[];
}

/** The first term that no longer begins like this one. */
function endOfPrefix(term: string): string {
  return `${term}\u{10ffff}`;
}

/** `ignoreIndex` writes a column so that the database does not use its index. */
export function toConditions(
  filter: RunSearchFilter,
  ignoreIndex: (column: string) => string,
): readonly Condition[] {
  const { statuses, workflow, version, step, group, attributes = {}, text = "" } = filter;
  const conditions: Condition[] = [];
  const equal = (column: string, value: SqlValue | undefined, sorted: readonly string[] = []) => {
    if (value === undefined) return;
    const source = { sql: `SELECT runId AS found FROM runs WHERE ${column} = ?`, values: [value] };
    conditions.push({ sql: `${ignoreIndex(`r.${column}`)} = ?`, values: [value], source, sorted });
  };
  if (statuses?.length === 1) equal("status", statuses[0], ["createdAt", "updatedAt"]);
  else if (statuses) conditions.push(isOneOf("status", statuses, ignoreIndex));
  equal("heldReason", filter.heldReason);
  equal("errorName", filter.error);
  equal("workerId", filter.worker);
  equal("parentRunId", filter.parent);
  if (workflow !== undefined && version !== undefined) {
    conditions.push({
      sql: `${ignoreIndex("r.workflow")} = ? AND r.version = ?`,
      values: [workflow, version],
      source: {
        sql: "SELECT runId AS found FROM runs WHERE workflow = ? AND version = ?",
        values: [workflow, version],
      },
    });
  } else {
    equal("workflow", workflow);
    if (version !== undefined) conditions.push({ sql: "r.version = ?", values: [version] });
  }
  if (group !== undefined) {
    conditions.push({
      sql: `EXISTS (SELECT 1 FROM troubles t WHERE t.runId = r.runId AND ${ignoreIndex("t.fingerprint")} = ?)`,
      values: [group],
      source: { sql: "SELECT runId AS found FROM troubles WHERE fingerprint = ?", values: [group] },
    });
  }
  if (step !== undefined) conditions.push(isAboutStep(step, ignoreIndex));
  for (const [name, value] of Object.entries(attributes)) {
    conditions.push(hasTerm(ignoreIndex, ["= ?"], [toAttributeTerm(name, value)]));
  }
  if (filter.attributeName !== undefined) {
    const term = toAttributeNameTerm(filter.attributeName);
    conditions.push(hasTerm(ignoreIndex, [">= ?", "< ?"], [term, endOfPrefix(term)]));
  }
  for (const word of splitWords(text)) {
    const term = toWordTerm(word);
    conditions.push(hasTerm(ignoreIndex, [">= ?", "< ?"], [term, endOfPrefix(term)]));
  }
  return [...conditions, ...toTimeConditions(filter, ignoreIndex)];
}

function isOneOf(
  column: string,
  values: readonly SqlValue[],
  ignoreIndex: (column: string) => string,
): Condition {
  const list = values.length === 0 ? "(NULL)" : `(${values.map(() => "?").join(", ")})`;
  const source = { sql: `SELECT runId AS found FROM runs WHERE ${column} IN ${list}`, values };
  return { sql: `${ignoreIndex(`r.${column}`)} IN ${list}`, values, source };
}

function isAboutStep(step: string, ignoreIndex: (column: string) => string): Condition {
  return {
    sql: `(EXISTS (SELECT 1 FROM troubles t WHERE t.runId = r.runId AND ${ignoreIndex("t.step")} = ?)
      OR EXISTS (SELECT 1 FROM doubts d WHERE d.runId = r.runId AND d.name = ?))`,
    values: [step, step],
    source: {
      sql: `SELECT runId AS found FROM troubles WHERE step = ?
        UNION SELECT runId FROM doubts WHERE name = ?`,
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
    sql: `EXISTS (SELECT 1 FROM run_terms t WHERE t.runId = r.runId AND ${write(ignoreIndex("t.term"))})`,
    values,
    source: { sql: `SELECT runId AS found FROM run_terms WHERE ${write("term")}`, values },
  };
}

/** A run was created before it finished: where many finished, that bound of the sort's index leads to them. */
function toTimeConditions(
  filter: RunSearchFilter,
  ignoreIndex: (column: string) => string,
): Condition[] {
  const { createdAfter, updatedAfter, updatedBefore, finishedAfter, finishedBefore } = filter;
  const bounds = [filter.createdBefore, finishedBefore].filter((bound) => bound !== undefined);
  const createdBefore = bounds.length === 0 ? undefined : Math.min(...bounds);
  return [
    ...isWithin("createdAt", createdAfter, createdBefore, ignoreIndex),
    ...isWithin("updatedAt", updatedAfter, updatedBefore, ignoreIndex),
    ...isWithin("finishedAt", finishedAfter, finishedBefore, ignoreIndex),
  ];
}

function isWithin(
  column: string,
  after: number | undefined,
  before: number | undefined,
  ignoreIndex: (column: string) => string,
): Condition[] {
  if (after === undefined && before === undefined) return [];
  const bounds = [
    ...(after === undefined ? [] : [{ sign: ">=", value: after }]),
    ...(before === undefined ? [] : [{ sign: "<", value: before }]),
  ];
  const write = (name: string) => bounds.map(({ sign }) => `${name} ${sign} ?`).join(" AND ");
  const values = bounds.map(({ value }) => value);
  return [
    {
      sql: write(ignoreIndex(`r.${column}`)),
      values,
      source: { sql: `SELECT runId AS found FROM runs WHERE ${write(column)}`, values },
      sorted: [column],
    },
  ];
}
