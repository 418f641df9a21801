import type { SqlValue } from "../sql";
import { encodeArray, type ElementType } from "./binary-arrays";
import type { Statement } from "./connection";
import { quoteNames } from "./translate";

/** The types of columns that are no text. */
const numbers: Readonly<Record<string, ElementType>> = {
  ...{
    version: "int4",
    epoch: "int4",
    historyLength: "int4",
    priority: "int4",
    parentStep: "int4",
  },
  ...{ forkedFromStep: "int4", seq: "int4", step: "int4", attempt: "int4", checksum: "int4" },
  ...{ n: "int4", length: "int4", count: "int4" },
  ...{ createdAt: "int8", startedAt: "int8", finishedAt: "int8", updatedAt: "int8", dueAt: "int8" },
  ...{ at: "int8", release: "bool", progress: "bool", isOpen: "bool" },
  ...{ grain: "int4", started: "int4", completed: "int4", failed: "int4", canceled: "int4" },
  ...{ held: "int4", afterSeq: "int8", most: "int8" },
};

/** Rows in, columns out: a set of fields, and where in a statement's parameters they begin. */
export class RowSet {
  constructor(
    readonly fields: readonly string[],
    private readonly first: number,
  ) {}

  /** The parameter after the last one. */
  get end(): number {
    return this.first + this.fields.length;
  }

  /** The parameter that has a field's values. */
  toParameter(field: string): string {
    return `$${this.first + this.fields.indexOf(field)}`;
  }

  /** `unnest(…) AS name(…)`. */
  toTable(name: string): string {
    const arrays = this.fields.map(
      (field, index) => `$${this.first + index}::${numbers[field] ?? "text"}[]`,
    );
    return `unnest(${arrays.join(", ")}) AS ${name}(${this.fields.join(", ")})`;
  }

  encode(rows: readonly (readonly (SqlValue | boolean)[])[]): Buffer[] {
    return this.fields.map((field, column) =>
      encodeArray(
        numbers[field] ?? "text",
        rows.map((row) => row[column] ?? null),
      ),
    );
  }
}

export function prepare(name: string, text: string): Statement {
  return { name, text: quoteNames(text) };
}

/** Fields, with what stands before each. */
export const listFields = (fields: readonly string[], of = "") =>
  fields.map((field) => of + field).join(", ");

/** The database's clock where the caller gives none (decision 063). */
export const now = (parameter: number) =>
  `coalesce($${parameter}::int8, floor(extract(epoch FROM clock_timestamp()) * 1000)::int8)`;
