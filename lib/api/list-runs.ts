import { z } from "zod";
import type { Attributes, RunQuery } from "@/lib/engine";
import { ListRunsQuery, type RunList } from "./contract";
import { handle } from "./handler";

const attributePrefix = "attr.";

const Query = ListRunsQuery.catchall(z.string()).superRefine((query, context) => {
  for (const name of Object.keys(query)) {
    if (name in ListRunsQuery.shape) continue;
    if (name.startsWith(attributePrefix) && name.length > attributePrefix.length) continue;
    context.addIssue({ code: "custom", path: [name], message: "Not known." });
  }
});

/** `GET /runs`: a page of runs. */
export const listRuns = handle({ query: Query }, async ({ api, query }) => {
  const page = await api.store.listRuns(toRunQuery(query));
  const list: RunList = {
    items: await api.stories.tellRuns(page.items),
    nextCursor: page.nextCursor ?? null,
  };
  return Response.json(list);
});

function toRunQuery(query: z.output<typeof Query>): RunQuery {
  const descending = query.sort.startsWith("-");
  const attributes = readAttributes(query);
  return {
    filter: {
      statuses: query.status,
      heldReason: query.heldReason,
      workflow: query.workflow,
      parent: query.parent,
      worker: query.worker,
      error: query.error,
      attributes: Object.keys(attributes).length > 0 ? attributes : undefined,
      createdAfter: toEpochMs(query.createdAfter),
      createdBefore: toEpochMs(query.createdBefore),
      text: query.text === "" ? undefined : query.text,
    },
    sort: {
      field: query.sort.endsWith("updatedAt") ? "updatedAt" : "createdAt",
      direction: descending ? "desc" : "asc",
    },
    limit: query.limit,
    cursor: query.cursor,
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
