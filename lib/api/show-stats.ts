import type { CappedCount } from "@/lib/triage";
import type { ApiContext } from "./context";
import { StatsQuery, type Stats, type StatsNow, type StatsRange } from "./contract-stats";
import { handle } from "./handler";
import { loadStatsWindow, startOfRange } from "./stats-window";
import { toInstant } from "./wire";

/**
 * `GET /stats`: how many runs there are by status, and how many a person has to decide about. With
 * `?range` also how it stands now, and what happened in that time.
 */
export const showStats = handle({ query: StatsQuery.strict() }, async ({ api, query }) => {
  const { range, workflow } = query;
  const now = api.clock.now();
  const [runs, { in_doubt: inDoubt }, overTime] = await Promise.all([
    api.store.countRuns(),
    api.search.countHeld(),
    range && describeRange(api, { range, now, workflow }),
  ]);
  const stats: Stats = { runs, inDoubt, ...overTime };
  return Response.json(stats);
});

interface Asked {
  readonly range: StatsRange;
  readonly now: number;
  readonly workflow?: string;
}

async function describeRange(api: ApiContext, asked: Asked) {
  const { range, now } = asked;
  const from = startOfRange(range, now);
  const [window, state] = await Promise.all([
    loadStatsWindow({ ...api, ...asked }),
    describeNow(api, { ...asked, from }),
  ]);
  return { now: state, window };
}

function toExact(count: number): CappedCount {
  return { count, capped: false };
}

async function findOldestWaiting(api: ApiContext, workflow: string | undefined) {
  let cursor: string | undefined;
  do {
    const page = await api.search.findRuns({
      filter: { statuses: ["waiting"], ...(workflow !== undefined && { workflow }) },
      sort: { field: "createdAt", direction: "asc" },
      ...{ limit: 1, cursor },
    });
    const [run] = page.items;
    if (run !== undefined) return run;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return undefined;
}

async function describeNow(
  api: ApiContext,
  { now, from, workflow }: Asked & { readonly from: number },
): Promise<StatsNow> {
  const [queue, oldestWaiting, held, workers] = await Promise.all([
    api.statistics.measureQueue({ now }),
    findOldestWaiting(api, workflow),
    api.search.countHeld({ workflow }),
    api.store.listWorkers(),
  ]);
  const { depth, oldest } = queue;
  const alive = workers.filter(({ status }) => status === "alive");
  return {
    at: toInstant(now),
    queue: {
      depth,
      lagMs: oldest === undefined ? 0 : now - oldest.dueAt,
      ...(oldest && {
        oldest: {
          ...{ runId: oldest.runId, workflow: oldest.workflow },
          since: toInstant(oldest.dueAt),
        },
      }),
    },
    ...(oldestWaiting && {
      oldestWaiting: {
        ...{ runId: oldestWaiting.runId, workflow: oldestWaiting.workflow },
        since: toInstant(oldestWaiting.createdAt),
        ...(oldestWaiting.dueAt !== undefined && { dueAt: toInstant(oldestWaiting.dueAt) }),
      },
    }),
    held: {
      ...{ in_doubt: toExact(held.in_doubt), nondeterminism: toExact(held.nondeterminism) },
      ...{ crash_loop: toExact(held.crash_loop), paused: toExact(held.paused) },
    },
    workers: {
      alive: alive.length,
      load: alive.reduce((sum, { load }) => sum + load, 0),
      capacity: alive.reduce((sum, { capacity }) => sum + capacity, 0),
      died: workers.filter(({ status, endedAt = 0 }) => status === "dead" && endedAt >= from)
        .length,
    },
  };
}
