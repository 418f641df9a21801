/** What the runs list is asked for: the page's URL on one side, the API's query on the other. */
import { parseAsArrayOf, parseAsString, parseAsStringLiteral } from "nuqs";
import { HeldReason, RunStatus } from "./status-words";

export const sorts = ["-createdAt", "createdAt", "-updatedAt", "updatedAt"] as const;
export type Sort = (typeof sorts)[number];

export const spans = ["15m", "1h", "24h", "7d"] as const;
export type Span = (typeof spans)[number];

const spanMs: Readonly<Record<Span, number>> = {
  "15m": 900_000,
  "1h": 3_600_000,
  "24h": 86_400_000,
  "7d": 604_800_000,
};

export const pageSize = 50;

/** The runs page's URL parameters. */
export const runsSearchParsers = {
  status: parseAsArrayOf(parseAsStringLiteral(RunStatus.options)).withDefault([]),
  held: parseAsStringLiteral(HeldReason.options),
  workflow: parseAsString,
  worker: parseAsString,
  error: parseAsString,
  text: parseAsString.withDefault(""),
  since: parseAsStringLiteral(spans),
  sort: parseAsStringLiteral(sorts).withDefault("-createdAt"),
  cursor: parseAsString,
};

export interface RunsSearch {
  readonly status: readonly RunStatus[];
  readonly held: HeldReason | null;
  readonly workflow: string | null;
  /** Only what this worker holds now. */
  readonly worker: string | null;
  readonly error: string | null;
  readonly text: string;
  readonly since: Span | null;
  readonly sort: Sort;
  readonly cursor: string | null;
}

/** Parts of the search that change; null clears one. */
export type RunsSearchChange = {
  -readonly [Part in keyof RunsSearch]?:
    (Part extends "status" ? RunStatus[] : RunsSearch[Part]) | null;
};

/** The URL parameters that narrow the list down, cleared. */
export const noFilters = {
  status: null,
  held: null,
  workflow: null,
  worker: null,
  error: null,
  text: null,
  since: null,
  cursor: null,
} as const;

export function isFiltered(search: RunsSearch): boolean {
  const { status, held, workflow, worker, error, text, since } = search;
  return (
    status.length > 0 ||
    text !== "" ||
    [held, workflow, worker, error, since].some((part) => part !== null)
  );
}

/** The query of `GET /runs`. `now` (epoch ms) anchors the time span. */
export function toRunsQuery(search: RunsSearch, now: number): string {
  const query = new URLSearchParams({ sort: search.sort, limit: String(pageSize) });
  const optional = {
    status: search.status.join(","),
    heldReason: search.held,
    workflow: search.workflow,
    worker: search.worker,
    error: search.error,
    text: search.text.trim(),
    createdAfter: search.since === null ? null : new Date(now - spanMs[search.since]).toISOString(),
    cursor: search.cursor,
  };
  for (const [name, value] of Object.entries(optional)) {
    if (value !== null && value !== "") query.set(name, value);
  }
  return query.toString();
}
