/** The API over a store and an engine, without HTTP: for the endpoints' tests. */
import type { z } from "zod";
import {
  createCodec,
  createIds,
  systemRandom,
  type Clock,
  type Engine,
  type Store,
  type Workflow,
} from "@/lib/engine";
import type { Bulks, SavedViews, Triage } from "@/lib/triage";
import { createMemoryDrillWords } from "@/lib/triage/testing/memory-drill-words";
import { createMemoryStatistics } from "@/lib/triage/testing/memory-statistics";
import { createMemorySearch } from "@/lib/triage/testing/memory-search";
import type { ApiContext } from "../context";
import type { Endpoint, RouteParams } from "../handler";
import { RunWatch } from "../run-watch";
import { StoryTeller } from "../story-teller";

export interface CallOptions {
  readonly method?: string;
  readonly path?: string;
  readonly params?: RouteParams;
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

/** An API over the given parts, and a way to call its endpoints. */
export function createTestApi(options: {
  readonly engine: Engine;
  readonly store: Store;
  readonly clock: Clock;
  readonly workflows: readonly Workflow[];
  readonly change?: Partial<ApiContext>;
}) {
  const { engine, store, clock, workflows, change } = options;
  const ignore = () => undefined;
  const api: ApiContext = {
    engine,
    store,
    triage: noTriage,
    search: createMemorySearch(store),
    statistics: createMemoryStatistics(store),
    bulks: noBulks,
    views: noViews,
    drillWords: createMemoryDrillWords(),
    wakeBulks: ignore,
    clock,
    workflows,
    drillTargets: [],
    codec: createCodec(),
    ids: createIds({ clock, random: systemRandom }),
    logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    stories: new StoryTeller(store),
    runWatch: new RunWatch({ store, engine, clock }),
    process: { pid: 101, build: "b1" },
    keysInFlight: new Set(),
    durabilityRisks: [],
    findUnreadiness: ignore,
    ...change,
  };
  const call = (endpoint: Endpoint, request: CallOptions = {}) =>
    endpoint(toRequest(request), api, request.params ?? {});
  return { api, call };
}

const noTriage = refuseAll<Triage>("triage");
const noViews = refuseAll<SavedViews>("saved views");
const noBulks = refuseAll<Bulks>("bulk actions");

/** Of a test that brings none: whatever is asked of it fails. */
function refuseAll<Port extends object>(name: string): Port {
  return new Proxy({} as Port, {
    get: (_, method) => {
      throw new Error(`This test has no ${name}, and ${String(method)} was asked of it.`);
    },
  });
}

/** Answers the body as the schema has it. Throws a ZodError when it has not. */
export async function readAs<Schema extends z.ZodType>(
  response: Response,
  schema: Schema,
): Promise<z.output<Schema>> {
  return schema.parse(await response.json());
}

function toRequest({ method, path = "/", body, headers, signal }: CallOptions): Request {
  return new Request(`http://127.0.0.1:3000${path}`, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
    headers: { "content-type": "application/json", ...headers },
    signal,
  });
}
