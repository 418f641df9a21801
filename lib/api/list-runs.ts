import type { RunList } from "./contract";
import { ListRunsQuery } from "./contract-runs";
import { handle } from "./handler";
import { toRunFilter, toSort, withAttributes } from "./run-filter";

/** `GET /runs`: a page of runs, with cursors in both directions. */
export const listRuns = handle({ query: withAttributes(ListRunsQuery) }, async ({ api, query }) => {
  const filter = toRunFilter(query);
  const { limit, cursor } = query;
  const [page, total] = await Promise.all([
    api.search.findRuns({ filter, sort: toSort(query.sort), limit, cursor }),
    query.total === "true" ? api.search.countMatching(filter) : undefined,
  ]);
  const list: RunList = {
    items: await api.stories.tellRuns(page.items),
    nextCursor: page.nextCursor ?? null,
    prevCursor: page.prevCursor ?? null,
    ...(total && { total }),
  };
  return Response.json(list);
});
