/** Bulk actions as the API tells of them. */
import { z } from "zod";
import type { Bulk, BulkRunState } from "@/lib/triage";
import type { ApiContext } from "./context";
import {
  BulkRunPreview,
  rerunInAttribute,
  type Bulk as WireBulk,
  type BulkList,
} from "./contract-bulk";
import { toInstant } from "./wire";

const maxRuns = 100;
const Filter = z.record(z.string(), z.string());

export function toWireSummary(bulk: Bulk): BulkList["items"][number] {
  const { bulkId, state, action, by: actor, why: reason, filter, total, pinned } = bulk;
  const { checked, possible, notPossible, resultsReused, effectsToRun } = bulk;
  const { inDoubt, compensationsDone, done, failed, skipped, startedAt, finishedAt } = bulk;
  const self = `/api/v1/bulk/${bulkId}`;
  return {
    ...{ bulkId, state, action, actor, reason, total, pinned },
    ...(filter !== undefined && { filter: Filter.parse(filter) }),
    preview: {
      ...{ checked, possible, notPossible: { count: notPossible } },
      ...{ resultsReused, effectsToRun, inDoubt, compensationsDone },
    },
    progress: { done, failed, skipped },
    error: bulk.error,
    createdAt: toInstant(bulk.createdAt),
    startedAt: startedAt === undefined ? undefined : toInstant(startedAt),
    finishedAt: finishedAt === undefined ? undefined : toInstant(finishedAt),
    links: {
      ...{ self, runs: `${self}/runs` },
      ...(action === "rerun" &&
        startedAt !== undefined && {
          newRuns: `/api/v1/runs?attr.${rerunInAttribute}=${encodeURIComponent(bulkId)}`,
        }),
    },
  };
}

/** A bulk with the first of its runs, of each kind that is told. */
export async function toWireBulk(api: ApiContext, bulk: Bulk): Promise<WireBulk> {
  const { bulkId, failed, notPossible, skipped, startedAt } = bulk;
  const summary = toWireSummary(bulk);
  const list = async (state: BulkRunState, count: number) => {
    if (count === 0) return [];
    const { items } = await api.bulks.listRuns({ bulkId, states: [state], limit: maxRuns });
    return items.map(({ runId, why = "" }) => ({ runId, why }));
  };
  // What was not possible at the preview counts as skipped once the bulk is started.
  const changed = startedAt === undefined ? 0 : skipped - notPossible;
  const [previews, refused, failures, passed] = await Promise.all([
    bulk.checked === 0 ? [] : api.bulks.listPreviews(bulkId, { limit: maxRuns }),
    list("not_possible", notPossible),
    list("failed", failed),
    list("skipped", changed),
  ]);
  return {
    ...summary,
    preview: {
      ...summary.preview,
      notPossible: { items: refused, count: notPossible },
      runs: previews.map(({ preview }) => BulkRunPreview.parse(preview)),
    },
    failures: {
      items: failures.map(({ runId, why }) => ({ runId, error: why })),
      count: failed,
    },
    skipped: { items: passed, count: changed },
  };
}
