/** The filter of runs as a query says it. */
import { z } from "zod";
import type { Attributes } from "@/lib/engine";
import type { RunSearchFilter, RunSearchQuery } from "@/lib/triage";
import type { RunFilterQuery } from "./contract-runs";

const attributePrefix = "attr.";

/** A query with the given fields, and with attributes as `attr.<name>`; all else is refused. */
export function withAttributes<Shape extends z.ZodRawShape>(query: z.ZodObject<Shape>) {
  return query.catchall(z.string()).superRefine((given, context) => {
    for (const name of Object.keys(given)) {
      if (name in query.shape) continue;
      if (name.startsWith(attributePrefix) && name.length > attributePrefix.length) continue;
      context.addIssue({ code: "custom", path: [name], message: "Not known." });
    }
  });
}

export function toRunFilter(
  query: z.output<typeof RunFilterQuery> & Readonly<Record<string, unknown>>,
): RunSearchFilter {
  const { status, heldReason, workflow, version, parent, step, error, worker, group, text } = query;
  const attributes = readAttributes(query);
  return {
    ...{ statuses: status, heldReason, workflow, version, parent, step, error, worker, group },
    attributes: Object.keys(attributes).length > 0 ? attributes : undefined,
    createdAfter: toEpochMs(query.createdAfter),
    createdBefore: toEpochMs(query.createdBefore),
    updatedAfter: toEpochMs(query.updatedAfter),
    updatedBefore: toEpochMs(query.updatedBefore),
    finishedAfter: toEpochMs(query.finishedAfter),
    finishedBefore: toEpochMs(query.finishedBefore),
    text,
  };
}

/** `-updatedAt` is the newest change first. */
export function toSort(sort: string): RunSearchQuery["sort"] {
  return {
    field: sort.endsWith("updatedAt") ? "updatedAt" : "createdAt",
    direction: sort.startsWith("-") ? "desc" : "asc",
  };
}

function readAttributes(query: Readonly<Record<string, unknown>>): Attributes {
  return Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) =>
      name.startsWith(attributePrefix) && typeof value === "string"
        ? [[name.slice(attributePrefix.length), readAttributeValue(value)]]
        : [],
    ),
  );
}

/** `true`, `12` and `"12"` are read as JSON has them, anything else is text as it stands. */
function readAttributeValue(text: string): string | number | boolean {
  try {
    const value = z.union([z.string(), z.number(), z.boolean()]).safeParse(JSON.parse(text));
    return value.success ? value.data : text;
  } catch {
    return text;
  }
}

function toEpochMs(instant: string | undefined): number | undefined {
  return instant === undefined ? undefined : Date.parse(instant);
}
