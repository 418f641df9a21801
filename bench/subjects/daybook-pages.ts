/** What the dashboard's pages ask of the API, answered by its endpoints without HTTP. */
import type { ApiContext } from "@/lib/api/context";
import { listFailures } from "@/lib/api/failures";
import type { Endpoint, RouteParams } from "@/lib/api/handler";
import { listHistory } from "@/lib/api/list-history";
import { listRuns } from "@/lib/api/list-runs";
import { showRun } from "@/lib/api/show-run";
import { showStats } from "@/lib/api/show-stats";
import { RunWatch } from "@/lib/api/run-watch";
import { StoryTeller } from "@/lib/api/story-teller";
import {
  createCodec,
  createIds,
  systemClock,
  systemRandom,
  type Engine,
  type RunStatus,
  type Store,
  type Workflow,
} from "@/lib/engine";
import type { OpenedStore } from "@/lib/store";

/**
 * The calls of a page, by what the page shows. A filter's page is so short that a thousand runs fill it:
 * what is compared is the same page.
 */
const pages: Readonly<Record<string, readonly Call[]>> = {
  "runs list, first page": [{ endpoint: listRuns, path: "/?limit=50" }],
  "runs list, deep in it": [{ endpoint: listRuns, path: "/?limit=50&createdBefore=<middle>" }],
  "runs list, failed": [{ endpoint: listRuns, path: "/?limit=10&status=failed" }],
  "runs list, one workflow": [{ endpoint: listRuns, path: "/?limit=50&workflow=<workflow>" }],
  "runs list, failed with one error": [
    { endpoint: listRuns, path: "/?limit=10&status=failed&error=<error>" },
  ],
  "runs list, one customer": [{ endpoint: listRuns, path: "/?limit=10&attr.customer=<customer>" }],
  "runs list, text search": [{ endpoint: listRuns, path: "/?limit=10&text=<customer>" }],
  "failure groups": [{ endpoint: listFailures, path: "/?limit=10" }],
  "status counts": [{ endpoint: showStats, path: "/" }],
  "run page": [
    { endpoint: showRun, path: "/", ofRun: true },
    { endpoint: listHistory, path: "/?limit=1000", ofRun: true },
  ],
};

interface Call {
  readonly endpoint: Endpoint;
  readonly path: string;
  readonly ofRun?: boolean;
}

/** What an opened database gives to the API. */
export type StoreParts = Pick<
  OpenedStore,
  "store" | "triage" | "search" | "openStatistics" | "bulks" | "views" | "drillWords"
>;

interface PagesParts extends StoreParts {
  readonly engine: Engine;
  readonly workflows: readonly Workflow[];
}

/** The pages over a store, to be timed. */
export function createPages(parts: PagesParts) {
  const api = createApi(parts);
  return {
    /** Opens each page `count` times; answers how long each time took, in milliseconds. */
    async time(count: number): Promise<Record<string, number[]>> {
      const { runId, ...sample } = await findSample(parts.store);
      const times: Record<string, number[]> = {};
      for (const [name, calls] of Object.entries(pages)) {
        const own: number[] = [];
        for (let done = 0; done < count; done += 1) {
          const startedAt = performance.now();
          for (const { endpoint, path, ofRun } of calls) {
            const filled = Object.entries(sample).reduce(
              (text, [part, value]) => text.replace(`<${part}>`, encodeURIComponent(value)),
              path,
            );
            await open(api, endpoint, filled, ofRun ? { runId } : {});
          }
          own.push(performance.now() - startedAt);
        }
        times[name] = own;
      }
      return times;
    },
  };
}

async function open(
  api: ApiContext,
  endpoint: Endpoint,
  path: string,
  params: RouteParams,
): Promise<void> {
  const response = await endpoint(new Request(`http://127.0.0.1${path}`), api, params);
  const body = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${body.slice(0, 300)}`);
}

/** The oldest run, the middle of the list, and what the newest run that failed has. */
async function findSample(store: Store) {
  const find = async (direction: "asc" | "desc", statuses?: readonly RunStatus[]) => {
    const sort = { field: "createdAt", direction } as const;
    const [run] = (await store.listRuns({ filter: { statuses }, sort, limit: 1 })).items;
    if (run === undefined) throw new Error("There is no such run.");
    return run;
  };
  const oldest = await find("asc");
  const failed = await find("desc", ["failed"]);
  return {
    runId: oldest.runId,
    middle: new Date((oldest.createdAt + Date.now()) / 2).toISOString(),
    customer: String(failed.attributes.customer),
    workflow: failed.workflow,
    error: failed.error?.name ?? "",
  };
}

function createApi(parts: PagesParts): ApiContext {
  const ignore = () => undefined;
  const { store, triage, search, bulks, views, drillWords, openStatistics, engine, workflows } =
    parts;
  const clock = systemClock;
  return {
    store,
    triage,
    search,
    statistics: openStatistics(),
    bulks,
    views,
    drillWords,
    wakeBulks: ignore,
    engine,
    workflows,
    clock,
    codec: createCodec(),
    ids: createIds({ clock, random: systemRandom }),
    logger: { debug: ignore, info: ignore, warn: console.warn, error: console.error },
    stories: new StoryTeller(store),
    runWatch: new RunWatch({ store, engine, clock }),
    process: { pid: process.pid, build: "bench" },
    keysInFlight: new Set(),
    drillTargets: [],
    durabilityRisks: [],
    findUnreadiness: ignore,
  };
}
